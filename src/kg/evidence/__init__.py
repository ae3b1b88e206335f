"""Who says what: the passages of a triple, how many publishers agree, and who disagrees.

Every function asks a built dataset through an :class:`kg.query.engine.Engine`, embedded or remote.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from kg.vocab import REJECTED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.prefixes import Term
    from kg.query.engine import Engine


@cache
def query(name: str) -> str:
    """Return the text of one of the queries beside this module, by its name without ``.rq``."""
    return resources.files(__name__).joinpath(f"{name}.rq").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Statement:
    """One passage that states a fact, and what a reader needs to find and weigh it."""

    passage: NamedNode
    source: NamedNode
    title: str
    publishers: tuple[tuple[NamedNode, str], ...]
    page: str = ""
    primary: bool = False
    paragraph: int | None = None
    sentence: int | None = None
    locator: str = ""
    rejected: bool = False
    favoured: tuple[NamedNode, ...] = ()
    comment: str = ""

    @property
    def place(self) -> str:
        """The place in the source, in words."""
        if self.paragraph is None:
            return self.locator
        return f"paragraph {self.paragraph}" + (f", sentence {self.sentence}" if self.sentence else "")


def statements(engine: Engine, triple: Triple) -> list[Statement]:
    """Return the passages that state ``triple``: accepted ones first, then by source and place."""
    bindings: dict[str, Term] = {"subject": triple.subject, "predicate": triple.predicate, "object": triple.object}
    merged: dict[NamedNode, Statement] = {}
    for row in engine.select(query("passages"), **bindings):
        passage = _iri(row["passage"])
        earlier = merged.get(passage)
        publishers = set(earlier.publishers) if earlier else set()
        favoured = set(earlier.favoured) if earlier else set()
        if "publisher" in row:
            publishers.add((_iri(row["publisher"]), _text(row, "publisherName")))
        if "favoured" in row:
            favoured.add(_iri(row["favoured"]))
        merged[passage] = Statement(
            passage,
            _iri(row["source"]),
            _text(row, "title"),
            tuple(sorted(publishers, key=lambda p: p[1])),
            _text(row, "page"),
            _text(row, "primary") == "true",
            _number(row, "paragraph"),
            _number(row, "sentence"),
            _text(row, "locator"),
            row.get("standing") == REJECTED,
            tuple(sorted(favoured, key=str)),
            _text(row, "comment"),
        )
    return list(merged.values())


def holds(engine: Engine, triple: Triple) -> bool:
    """Return whether ``triple`` is among the accepted or inferred facts."""
    return engine.ask(
        "ASK { ?subject ?predicate ?object }", subject=triple.subject, predicate=triple.predicate, object=triple.object
    )


def publishers(stated: list[Statement]) -> list[str]:
    """Return the independent publishers among accepted statements, sorted; their number is the corroboration.

    Publishers that brought out one of the sources together count once, under their joined names.
    """
    groups: list[set[str]] = []
    for statement in stated:
        names = {name for _, name in statement.publishers}
        if statement.rejected or not names:
            continue
        apart = [group for group in groups if not group & names]
        groups = [*apart, names.union(*(group for group in groups if group & names))]
    return sorted(" and ".join(sorted(group)) for group in groups)


@dataclass(frozen=True)
class Side:
    """One side of a disagreement: a value, who states it, and whether it is among the accepted facts."""

    value: Term
    statements: tuple[Statement, ...]

    @property
    def accepted(self) -> bool:
        """Whether at least one accepted passage states the value."""
        return any(not s.rejected for s in self.statements)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the passages of this side are not accepted."""
        return tuple(dict.fromkeys(s.comment for s in self.statements if s.rejected and s.comment))


@dataclass(frozen=True)
class Disagreement:
    """A subject and property on which sources differ, with every side."""

    subject: Term
    property: NamedNode
    sides: tuple[Side, ...]


def disagreements(engine: Engine) -> list[Disagreement]:
    """Return every disagreement: single-valued properties with several values, and facts that are not accepted.

    Left out is what nobody disputes though it stands in a passage that is not accepted: values that accepted passages
    state too, and wordings (a label, a summary) of a fact of that passage which is listed itself.
    """
    values: dict[tuple[Term, NamedNode], dict[Term, None]] = {}
    shapes = NamedNode(f"{engine.dataset.base}graph/shapes")
    for row in engine.select(query("disagreements"), shapes=shapes):
        values.setdefault((row["subject"], _iri(row["property"])), {})[row["value"]] = None
    for row in engine.select(query("rejected")):
        key = (row["subject"], _iri(row["property"]))
        sides = values.setdefault(key, {})
        sides[row["value"]] = None
        favoured = engine.select(query("favoured"), favoured=row["favoured"], subject=key[0], property=key[1])
        sides.update(dict.fromkeys(other["value"] for other in favoured))
    found = []
    for (subject, property_), chosen in sorted(values.items(), key=lambda item: (str(item[0][0]), str(item[0][1]))):
        sides_ = tuple(
            Side(value, tuple(statements(engine, Triple(subject, property_, value))))  # type: ignore[arg-type]
            for value in chosen
        )
        found.append(Disagreement(subject, property_, tuple(sorted(sides_, key=lambda s: not s.accepted))))
    disputed = [each for each in found if len(each.sides) > 1 or not each.sides[0].accepted]
    facts = {passage for each in disputed if not _is_wording(each) for passage in _passages(each)}
    return [each for each in disputed if not _is_wording(each) or not _passages(each) <= facts]


def _is_wording(disagreement: Disagreement) -> bool:
    """Whether no side is accepted and all are literals: how a passage that is not accepted puts what it says."""
    return all(isinstance(side.value, Literal) and not side.accepted for side in disagreement.sides)


def _passages(disagreement: Disagreement) -> set[NamedNode]:
    return {statement.passage for side in disagreement.sides for statement in side.statements}


@dataclass(frozen=True)
class Covered:
    """A passage of a source: its place, how many facts it states, and why if none."""

    passage: NamedNode
    place: str
    facts: int
    out_of_scope: bool
    comment: str

    @property
    def accounted_for(self) -> bool:
        """Whether the passage states facts or says why it states none."""
        return self.facts > 0 or (self.out_of_scope and bool(self.comment))


def coverage(engine: Engine, source: NamedNode) -> list[Covered]:
    """Return the passages of ``source`` in reading order; empty if there is no such source."""
    found = []
    for row in engine.select(query("coverage"), source=source):
        paragraph, sentence = _number(row, "paragraph"), _number(row, "sentence")
        place = (
            _text(row, "locator") if paragraph is None else f"{paragraph}.{sentence}" if sentence else f"{paragraph}"
        )
        found.append(
            Covered(
                _iri(row["passage"]),
                place,
                int(_text(row, "facts") or 0),
                _text(row, "outOfScope") == "true",
                _text(row, "comment"),
            )
        )
    return found


def _iri(term: Term) -> NamedNode:
    if not isinstance(term, NamedNode):
        message = f"{term} is not an IRI"
        raise TypeError(message)
    return term


def _text(row: Mapping[str, Term], name: str) -> str:
    term = row.get(name)
    return term.value if isinstance(term, Literal | NamedNode) else ""


def _number(row: Mapping[str, Term], name: str) -> int | None:
    text = _text(row, name)
    return int(text) if text else None
