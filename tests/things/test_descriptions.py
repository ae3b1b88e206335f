from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode

from kg.query.dataset import Dataset
from kg.query.pool import Pool, PoolLimits
from kg.things import collections, look_up, query, schema
from kg.things.batches import select_for
from kg.things.description import describe, pointing_at, values_of
from kg.things.names import end_of, names, words_of
from kg.things.passages import passages
from kg.things.schema import Group

if TYPE_CHECKING:
    from pathlib import Path

    from kg.query.engine import Engine

BASE = "https://example.org/harbour/"


def iri(rest: str) -> NamedNode:
    return NamedNode(BASE + rest)


HERON, SALTMOUTH, GREY, NORTH = (iri(f"id/{r}") for r in ("ship/heron", "port/saltmouth", "bay/grey", "bay/north"))


def test_names_come_in_every_language_english_first(harbour_engine: Engine) -> None:
    found = names(harbour_engine, [HERON, GREY, iri("id/ship/none"), Literal("x")])
    assert (found[HERON].text, found[HERON].language, found[HERON].others) == ("Heron", "en", (("ja", "ヘロン号"),))
    assert found[GREY].others == ()
    assert (found[iri("id/ship/none")].text, found[iri("id/ship/none")].known) == ("none", False)
    assert len(found) == 3


@pytest.mark.parametrize(
    ("text", "end", "words"),
    [
        ("http://a/b#exactMatch", "exactMatch", "exact match"),
        ("http://a/b/", "b", "b"),
        ("http://a/%E9%B6%B4", "鶴", "鶴"),
        ("http://a/NASA", "NASA", "NASA"),
    ],
)
def test_a_term_without_a_name_is_called_by_the_end_of_its_iri(text: str, end: str, words: str) -> None:
    assert end_of(text) == end
    assert words_of(text) == words


def test_the_shapes_name_the_properties(harbour_engine: Engine) -> None:
    read = schema.read(harbour_engine)
    ship, port, masts = iri("ontology#Ship"), iri("ontology#Port"), iri("ontology#mastCount")
    assert read.display(masts, [ship]).name == "number of masts"
    assert read.display(masts, [ship]).single
    assert not read.display(iri("ontology#visits"), [ship]).single
    assert read.display(masts, [port]).name == "number of masts", "another class's shape is better than none"
    assert read.inverses[iri("ontology#visits")] == {iri("ontology#isVisitedBy")}


def test_the_most_specific_class_decides() -> None:
    boat, brig, masts = (NamedNode(f"http://e/{name}") for name in ("boat", "brig", "masts"))
    shapes = {boat: schema.Display("poles", 9), brig: schema.Display("masts", 2, Group(1, "Rig"))}
    made = schema.Schema((boat, brig), (masts,), {brig: frozenset({boat})}, {}, {masts: shapes})
    assert made.display(masts, [boat, brig]).name == "masts"
    assert made.display(masts, [boat]).name == "poles"
    assert made.display(boat, [boat]).order > 100


def test_a_description_has_facts_with_their_passages(harbour_engine: Engine) -> None:
    found = describe(harbour_engine, schema.read(harbour_engine), HERON)
    assert found is not None
    rows = {row.name: row for _, rows in found.sections for row in rows}
    two, three = rows["number of masts"].values
    assert (str(two.term)[1], two.fact.accepted, [p.place for p in two.passages]) == ("2", True, ["¶2 s2"])
    assert (str(three.term)[1], three.fact.accepted) == ("3", False)
    assert [p.comment for p in three.rejections] == ["Finch counted them himself."]
    assert two.rejections == ()
    assert found.sources == ((iri("source/ledger"), "The Ledger"),)


def test_what_is_stated_the_other_way_round_is_not_called_inferred(harbour_engine: Engine) -> None:
    found = describe(harbour_engine, schema.read(harbour_engine), SALTMOUTH)
    assert found is not None
    rows = {row.name: row for _, rows in found.sections for row in rows}
    (heron,) = rows["is visited by"].values
    assert (heron.inferred, heron.inverse, [p.place for p in heron.passages]) == (
        False,
        iri("ontology#visits"),
        ["¶2 s1"],
    )
    inferred = {str(v.term): v.inferred for v in rows["lies in"].values}
    assert inferred == {str(GREY): False, str(NORTH): True}
    assert "visits" not in {row.name for row in found.incoming}


def test_nothing_is_known_of_a_stranger(harbour_engine: Engine) -> None:
    assert describe(harbour_engine, schema.read(harbour_engine), iri("id/ship/none")) is None
    assert look_up(harbour_engine, iri("id/ship/none")) is None


def test_values_and_pointers_come_in_pages(harbour_engine: Engine) -> None:
    read = schema.read(harbour_engine)
    lies_in = iri("ontology#liesIn")
    row, called = pointing_at(harbour_engine, read, NORTH, lies_in, 1, 1)
    assert (row.total, [v.term for v in row.values]) == (2, [SALTMOUTH])
    assert called[SALTMOUTH].text == "Saltmouth"
    row, _ = values_of(harbour_engine, read, SALTMOUTH, lies_in, 1, 5)
    assert (row.total, [v.term for v in row.values]) == (2, [NORTH])


def test_passages_know_their_place(harbour_engine: Engine) -> None:
    four, stranger = iri("source/ledger#p4s1"), iri("graph/entities")
    found = passages(harbour_engine, [four, stranger])
    assert set(found) == {four}
    assert (found[four].place, found[four].source_name, found[four].rejected) == ("¶4 s1", "ledger", True)
    assert found[four].favoured == (iri("source/ledger#p2s2"),)


def test_search_wants_every_word(harbour_engine: Engine) -> None:
    assert [f.iri for f in collections.search(harbour_engine, "water NORTH")] == [NORTH]
    assert collections.search(harbour_engine, "water south") == []
    assert collections.search(harbour_engine, "  ") == []
    assert collections.search(harbour_engine, "ヘロン号")[0].language == "ja"
    assert collections.search(harbour_engine, "a b c d e f") == []


def test_members_and_kinds(harbour_engine: Engine) -> None:
    bay = iri("ontology#Bay")
    assert collections.members(harbour_engine, bay, 0, 9) == [GREY, NORTH]
    assert collections.members(harbour_engine, bay, 1, 9) == [NORTH]
    assert collections.kinds(harbour_engine, [GREY, HERON])[HERON] == (iri("ontology#Ship"),)
    assert (bay, 2) in collections.class_counts(harbour_engine)


def test_many_terms_are_asked_in_batches(harbour_engine: Engine) -> None:
    strangers = [iri(f"id/ship/{n}") for n in range(1000)]
    rows = select_for(harbour_engine, query("names"), "term", [*strangers, HERON, HERON])
    assert {row["term"] for row in rows} == {HERON}
    with pytest.raises(ValueError, match="no block"):
        select_for(harbour_engine, "SELECT * {}", "term", [HERON])


def test_plain_files_without_graphs_can_be_described(tmp_path: Path) -> None:
    file = tmp_path / "graph.nq"
    file.write_text('<http://e/a> <http://e/p> <http://e/b> .\n<http://e/a> <http://e/q> "x" .\n', encoding="utf-8")
    with Pool(Dataset.of_quads(file, "http://e/"), PoolLimits(workers=1)) as engine:
        found = describe(engine, schema.read(engine), NamedNode("http://e/a"))
        assert found is not None
        (row, _) = (r for _, rows in found.sections for r in rows)
        assert [(v.term, v.fact.origin, v.fact.accepted) for v in row.values] == [
            (NamedNode("http://e/b"), "default", True)
        ]
        target = look_up(engine, NamedNode("http://e/b"))
        assert target is not None
        assert [f.triple.subject for f in target.inverse] == [NamedNode("http://e/a")]
