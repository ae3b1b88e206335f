"""A thing of the graph: its names, its facts with the passage of each, and what points at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.vocab import LABEL, PREF_LABEL, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kg.prefixes import Term
    from kg.query.engine import Engine

_PARTS = ("ontology", "entities", "sources", "accepted", "inferred", "shapes", "questions", "void")


@cache
def query(name: str) -> str:
    """Return the text of one of the queries beside this module, by its name without ``.rq``."""
    return resources.files(__name__).joinpath(f"{name}.rq").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Fact:
    """A triple, the passages that state it, and where it comes from.

    ``origin`` is ``stated`` (in passages), ``inferred``, the part of the project that holds it (``entities``,
    ``ontology``, ``sources`` ...), or ``default`` for what only the default graph holds. ``accepted`` is false where
    only passages that are not accepted state it.
    """

    triple: Triple
    passages: tuple[NamedNode, ...]
    origin: str
    accepted: bool = True


@dataclass(frozen=True)
class Thing:
    """All that the graph says about one IRI."""

    iri: NamedNode
    facts: tuple[Fact, ...]
    inverse: tuple[Fact, ...]
    labels: Mapping[NamedNode, str] = field(repr=False)

    @property
    def label(self) -> str:
        """The English label, or the end of the IRI."""
        return self.name("en") or self.labels.get(self.iri, "") or self.iri.value.rstrip("/#").rsplit("/", 1)[-1]

    def name(self, language: str) -> str:
        """Return the preferred name in a language, or an empty string."""
        for predicate in (PREF_LABEL, LABEL):
            for fact in self.facts:
                value = fact.triple.object
                if fact.triple.predicate == predicate and isinstance(value, Literal) and value.language == language:
                    return value.value
        return ""

    @property
    def types(self) -> tuple[NamedNode, ...]:
        """The classes of the thing, those that people wrote before those that follow."""
        found = [f for f in self.facts if f.triple.predicate == TYPE and isinstance(f.triple.object, NamedNode)]
        found.sort(key=lambda f: (f.origin == "inferred", str(f.triple.object)))
        return tuple(dict.fromkeys(f.triple.object for f in found if isinstance(f.triple.object, NamedNode)))


def look_up(engine: Engine, iri: NamedNode) -> Thing | None:
    """Return what the graph says about ``iri``; ``None`` if it says nothing and nothing points at it.

    Facts in ``graph:void``, ``graph:shapes`` and ``graph:questions`` count only if no other part mentions the thing.
    """
    out = facts_of(engine, iri)
    in_ = gathered(
        engine.dataset.base,
        (
            (Triple(row["subject"], row["predicate"], iri), row.get("graph"))  # type: ignore[arg-type]
            for row in engine.select(query("inverse"), thing=iri)
            if not isinstance(row["subject"], BlankNode)
        ),
    )
    if not out and not in_:
        return None
    labels = {
        row["term"]: row["label"].value
        for row in engine.select(query("labels"), thing=iri)
        if isinstance(row["term"], NamedNode) and isinstance(row["label"], Literal)
    }
    return Thing(iri, tuple(out), tuple(in_), labels)


def facts_of(engine: Engine, iri: NamedNode) -> list[Fact]:
    """Return the facts whose subject is ``iri``, from all graphs, with their passages in reading order."""
    rows = engine.select(query("facts"), thing=iri)
    return gathered(
        engine.dataset.base,
        ((Triple(iri, row["predicate"], row["object"]), row.get("graph")) for row in rows),  # type: ignore[arg-type]
    )


def gathered(base: str, found: Iterable[tuple[Triple, Term | None]]) -> list[Fact]:
    """Return the facts that pairs of a triple and a graph make (``None`` is the default graph), sorted by property."""
    graphs: dict[Triple, list[NamedNode]] = {}
    default: set[Triple] = set()
    for triple, graph in found:
        named = graphs.setdefault(triple, [])
        if isinstance(graph, NamedNode):
            named.append(graph)
        else:
            default.add(triple)
    facts = []
    for triple, names in graphs.items():
        parts = {n.value.removeprefix(f"{base}graph/") for n in names if n.value.startswith(f"{base}graph/")}
        passages = tuple(sorted((n for n in names if not n.value.startswith(f"{base}graph/")), key=_reading_order))
        part = next((p for p in _PARTS if p in parts and p != "accepted"), "default")
        accepted = bool(parts) or triple in default or not passages
        facts.append(Fact(triple, passages, "stated" if passages else part, accepted))
    facts.sort(
        key=lambda f: (f.triple.predicate != TYPE, str(f.triple.predicate), str(f.triple.object), str(f.triple.subject))
    )
    return facts


def _reading_order(passage: NamedNode) -> tuple[str, list[int], str]:
    source, _, place = passage.value.partition("#")
    digits = "".join(c if c.isdigit() else " " for c in place).split()
    return source, [int(d) for d in digits], place
