"""Counts of what a dataset holds: things by class and language, facts by source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.prefixes import Term
    from kg.query.engine import Engine


@cache
def query(name: str) -> str:
    """Return the text of one of the queries beside this module, by its name without ``.rq``."""
    return resources.files(__name__).joinpath(f"{name}.rq").read_text(encoding="utf-8")


@dataclass(frozen=True)
class ClassCount:
    """A class with the number of its things and, by language tag, of those that have a name in that language."""

    iri: NamedNode
    label: str
    things: int
    named: Mapping[str, int]


@dataclass(frozen=True)
class SourceCount:
    """A source with the number of its passages and of the facts that these state."""

    iri: NamedNode
    label: str
    passages: int
    facts: int


def classes(engine: Engine, languages: tuple[str, ...] = ("en", "ja")) -> list[ClassCount]:
    """Return the classes that things have directly, the most numerous first."""
    entities = NamedNode(f"{engine.dataset.base}graph/entities")
    counted: dict[NamedNode, tuple[str, int, dict[str, int]]] = {}
    for language in languages:
        for row in engine.select(query("classes"), entities=entities, language=Literal(language)):
            iri = row["class"]
            if isinstance(iri, NamedNode):
                counted.setdefault(iri, (_text(row, "label"), _number(row, "things"), {}))
                counted[iri][2][language] = _number(row, "inLanguage")
    return [ClassCount(iri, label, things, named) for iri, (label, things, named) in counted.items()]


def sources(engine: Engine) -> list[SourceCount]:
    """Return the sources, those with the most facts first."""
    return [
        SourceCount(iri, _text(row, "label"), _number(row, "passages"), _number(row, "facts"))
        for row in engine.select(query("sources"))
        if isinstance(iri := row["source"], NamedNode)
    ]


def _text(row: Mapping[str, Term], name: str) -> str:
    term = row.get(name)
    return term.value if isinstance(term, Literal | NamedNode) else ""


def _number(row: Mapping[str, Term], name: str) -> int:
    return int(_text(row, name) or 0)
