"""Things in numbers: classes with their members, things with dates, and what a search finds."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.things import query
from kg.things.batches import select_for
from kg.vocab import OWL, RDF, RDFS, SH, SKOS, VOID, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kg.query.engine import Engine, Term

_OF_STANDARDS = (OWL, RDF, RDFS, SH, VOID, XSD, SKOS)
_WORDS = ("first", "second", "third", "fourth")


@dataclass(frozen=True)
class Dated:
    """A thing with the days between which it lies, as ISO 8601 dates; either may be empty."""

    iri: NamedNode
    class_: NamedNode
    begin: str
    end: str
    wording: str


@dataclass(frozen=True)
class Found:
    """What a search found: a term, and the name by which it was found."""

    iri: NamedNode
    name: str
    language: str


def class_counts(engine: Engine) -> list[tuple[NamedNode, int]]:
    """Return each class that is not one of the languages that data are written in, with the number of its things."""
    return [
        (class_, int(count.value))
        for row in engine.select(query("class_counts"))
        if isinstance(class_ := row["class"], NamedNode)
        and isinstance(count := row["things"], Literal)
        and not class_.value.startswith(_OF_STANDARDS)
    ]


def members(engine: Engine, class_: NamedNode, offset: int, limit: int) -> list[NamedNode]:
    """Return the things ``offset`` to ``offset + limit`` of a class, in the order of their names."""
    text = f"{query('members')}\nLIMIT {limit:d}\nOFFSET {offset:d}"
    return [thing for row in engine.select(text, **{"class": class_}) if isinstance(thing := row["thing"], NamedNode)]


def kinds(engine: Engine, things: Iterable[Term]) -> dict[NamedNode, tuple[NamedNode, ...]]:
    """Return the classes of each thing that people gave it, without those that follow."""
    inferred = NamedNode(f"{engine.dataset.base}graph/inferred")
    found: dict[NamedNode, tuple[NamedNode, ...]] = {}
    for row in select_for(engine, query("kinds"), "thing", things, inferred=inferred):
        thing, class_ = row["thing"], row["class"]
        if isinstance(thing, NamedNode) and isinstance(class_, NamedNode):
            found[thing] = (*found.get(thing, ()), class_)
    return found


def dated(engine: Engine) -> list[Dated]:
    """Return the things that have a day on which they begin or end, by class and day."""
    inferred = NamedNode(f"{engine.dataset.base}graph/inferred")
    found: dict[tuple[NamedNode, NamedNode], Dated] = {}
    for row in engine.select(query("dated"), inferred=inferred):
        thing, class_ = row["thing"], row["class"]
        if isinstance(thing, NamedNode) and isinstance(class_, NamedNode):
            entry = Dated(thing, class_, _text(row, "from"), _text(row, "to"), _text(row, "wording"))
            found.setdefault((class_, thing), entry)
    return list(found.values())


def search(engine: Engine, words: str) -> list[Found]:
    """Return the terms one of whose names holds every one of the first four words, the best first.

    Case and width of letters do not matter. A name that is the search itself comes first, then one that begins with
    it, then shorter before longer ones.
    """
    folded = unicodedata.normalize("NFKC", words).lower().split()
    if not folded:
        return []
    chosen = [*folded[: len(_WORDS)], *[""] * (len(_WORDS) - len(folded))]
    bindings = {name: Literal(word) for name, word in zip(_WORDS, chosen, strict=True)}
    whole = " ".join(folded)
    best: dict[NamedNode, tuple[tuple[int, int, str], Found]] = {}
    for row in engine.select(query("search"), **bindings):
        term, name = row["term"], row["name"]
        if isinstance(term, NamedNode) and isinstance(name, Literal):
            text = name.value.lower()
            rank = (0 if text == whole else 1 if text.startswith(whole) else 2, len(text), term.value)
            if term not in best or rank < best[term][0]:
                best[term] = (rank, Found(term, name.value, name.language or ""))
    return [found for _, found in sorted(best.values(), key=lambda pair: pair[0])]


def _text(row: Mapping[str, Term], name: str) -> str:
    term = row.get(name)
    return term.value if isinstance(term, Literal) else ""
