"""Who says what, asked of a built dataset through the same engine as users' queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from kg import evidence, proofs, questions, statistics, things
from kg.audit import audit
from kg.errors import InputError
from kg.prefixes import Prefixes

if TYPE_CHECKING:
    from kg.query.engine import Engine

BASE = "https://example.org/harbour/"
HERON = NamedNode(f"{BASE}id/ship/heron")
SALTMOUTH = NamedNode(f"{BASE}id/port/saltmouth")
MASTS = NamedNode(f"{BASE}ontology#mastCount")
LIES_IN = NamedNode(f"{BASE}ontology#liesIn")
INTEGER = NamedNode("http://www.w3.org/2001/XMLSchema#integer")
INFERRED = Triple(SALTMOUTH, LIES_IN, NamedNode(f"{BASE}id/bay/north"))


def masts(count: int) -> Triple:
    return Triple(HERON, MASTS, Literal(str(count), datatype=INTEGER))


def test_a_fact_has_its_passage_source_and_place(harbour_engine: Engine) -> None:
    (statement,) = evidence.statements(harbour_engine, masts(2))
    assert statement.passage.value == f"{BASE}source/ledger#p2s2"
    assert statement.title == "The Ledger"
    assert statement.place == "paragraph 2, sentence 2"
    assert not statement.rejected


def test_a_rejected_fact_says_why_and_in_whose_favour(harbour_engine: Engine) -> None:
    (statement,) = evidence.statements(harbour_engine, masts(3))
    assert statement.rejected
    assert statement.comment == "Finch counted them himself."
    assert [f.value for f in statement.favoured] == [f"{BASE}source/ledger#p2s2"]


def test_an_inferred_fact_holds_without_a_passage(harbour_engine: Engine) -> None:
    assert evidence.statements(harbour_engine, INFERRED) == []
    assert evidence.holds(harbour_engine, INFERRED)
    assert not evidence.holds(harbour_engine, masts(3))


def test_two_values_of_a_single_valued_property_are_a_disagreement(harbour_engine: Engine) -> None:
    (found,) = evidence.disagreements(harbour_engine)
    assert (found.subject, found.property) == (HERON, MASTS)
    assert [(side.value.value, side.accepted) for side in found.sides] == [("2", True), ("3", False)]  # type: ignore[union-attr]


def test_what_a_rejected_passage_says_beside_the_point_is_no_disagreement(harbour_engine: Engine) -> None:
    visit = Triple(HERON, NamedNode(f"{BASE}ontology#visits"), NamedNode(f"{BASE}id/port/saltmouth"))
    assert [s.rejected for s in evidence.statements(harbour_engine, visit)] == [False, True]
    assert {found.property for found in evidence.disagreements(harbour_engine)} == {MASTS}


def test_coverage_counts_facts_and_reasons(harbour_engine: Engine) -> None:
    covered = evidence.coverage(harbour_engine, NamedNode(f"{BASE}source/ledger"))
    assert [c.facts for c in covered] == [0, 1, 1, 2, 3]
    assert covered[0].out_of_scope
    assert all(c.accounted_for for c in covered)


def test_an_audit_finds_facts_that_hang_by_one_thread(harbour_engine: Engine) -> None:
    found = audit(harbour_engine)
    assert found.facts == len(found.one_source) == 4
    assert found.silent_passages == ()
    assert found.orphans == ()


def test_a_thing_has_names_facts_and_what_points_at_it(harbour_engine: Engine) -> None:
    thing = things.look_up(harbour_engine, HERON)
    assert thing is not None
    assert (thing.label, thing.name("ja")) == ("Heron", "ヘロン号")
    by_value = {getattr(f.triple.object, "value", ""): f for f in thing.facts}
    assert by_value["2"].accepted
    assert not by_value["3"].accepted
    assert any(f.triple.subject == SALTMOUTH and f.origin == "inferred" for f in thing.inverse)


def test_nothing_is_known_of_an_unknown_thing(harbour_engine: Engine) -> None:
    assert things.look_up(harbour_engine, NamedNode(f"{BASE}id/ship/unknown")) is None


def test_classes_are_counted_with_their_names(harbour_engine: Engine) -> None:
    counted = {c.label: (c.things, c.named["ja"]) for c in statistics.classes(harbour_engine)}
    assert counted == {"bay": (2, 0), "port": (1, 0), "ship": (1, 1)}


def test_sources_are_counted_with_their_facts(harbour_engine: Engine) -> None:
    assert [(s.passages, s.facts) for s in statistics.sources(harbour_engine)] == [(5, 7)]


def test_a_question_is_found_by_name(harbour_engine: Engine) -> None:
    question = questions.question(harbour_engine, "visits")
    assert question.comment == "Which ships visit which ports?"
    assert harbour_engine.select(question.text) == [{"ship": HERON, "port": SALTMOUTH}]


def test_an_unknown_question_is_refused_with_the_known_ones(harbour_engine: Engine) -> None:
    with pytest.raises(InputError, match="visits"):
        questions.question(harbour_engine, "unknown")


def test_a_proof_ends_in_the_passages_that_state_its_leaves(harbour_engine: Engine) -> None:
    text = proofs.explain(harbour_engine, Prefixes(harbour_engine.dataset.prefixes), INFERRED)
    assert text is not None
    assert "prp-trp" in text
    assert text.count("ledger:p3s1") == 2


def test_there_is_no_proof_of_what_the_graph_does_not_say(harbour_engine: Engine) -> None:
    assert proofs.explain(harbour_engine, Prefixes(harbour_engine.dataset.prefixes), masts(3)) is None


def statement(*publishers: str, rejected: bool = False) -> evidence.Statement:
    node = NamedNode("https://example.org/x")
    return evidence.Statement(node, node, "", tuple((node, name) for name in publishers), rejected=rejected)


@pytest.mark.parametrize(
    ("stated", "independent"),
    [
        ([statement("A"), statement("B")], ["A", "B"]),
        ([statement("A"), statement("A")], ["A"]),
        ([statement("A", "B"), statement("B"), statement("C")], ["A and B", "C"]),
        ([statement("A"), statement("B", rejected=True)], ["A"]),
        ([statement("A"), statement("B"), statement("A", "B")], ["A and B"]),
        ([statement()], []),
    ],
)
def test_publishers_that_brought_out_a_source_together_are_not_independent(
    stated: list[evidence.Statement], independent: list[str]
) -> None:
    assert evidence.publishers(stated) == independent
