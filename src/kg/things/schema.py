"""What the ontology and the shapes say about how to show things: classes, and the properties of each in their order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.things import query
from kg.vocab import OWL, RDFS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kg.query.engine import Engine, Term

_LAST = 1e9
_CLASSES = frozenset({OWL + "Class", RDFS + "Class"})


@dataclass(frozen=True, order=True)
class Group:
    """A group of properties (SHACL, section 2.3.2.4): its position and its name, empty for those without a group."""

    order: float = _LAST
    name: str = ""


@dataclass(frozen=True)
class Display:
    """How a property of a class is shown (SHACL, section 2.3.2): name, position, group, and if it has one value."""

    name: str = ""
    order: float = _LAST
    group: Group = Group()
    single: bool = False


_PLAIN = Display()


@dataclass(frozen=True)
class Schema:
    """The classes and properties of a dataset, read once for each build. Get one with :func:`read`.

    Attributes:
        classes: the classes, sorted by IRI.
        properties: the properties, sorted by IRI.
        superclasses: the superclasses of a class, those that follow included.
        inverses: the inverses of a property.

    """

    classes: tuple[NamedNode, ...]
    properties: tuple[NamedNode, ...]
    superclasses: Mapping[NamedNode, frozenset[NamedNode]]
    inverses: Mapping[NamedNode, frozenset[NamedNode]]
    _displays: Mapping[NamedNode, Mapping[NamedNode, Display]] = field(repr=False)

    def display(self, property_: NamedNode, types: Iterable[NamedNode]) -> Display:
        """Return how to show ``property_`` of a thing of ``types``.

        The shape of the most specific class says it; where no shape of these classes does, one of another class gives
        the position and the name.
        """
        by_class = self._displays.get(property_, {})
        fitting = [c for c in types if c in by_class]
        best = [c for c in fitting if not any(c in self.superclasses.get(other, ()) for other in fitting if other != c)]
        if best:
            chosen = by_class[min(best, key=str)]
            return Display(chosen.name, chosen.order, chosen.group, any(by_class[c].single for c in fitting))
        return min(by_class.values(), key=lambda d: (d.order, d.name), default=_PLAIN)


def read(engine: Engine) -> Schema:
    """Return the schema of a dataset."""
    types: dict[NamedNode, set[str]] = defaultdict(set)
    superclasses: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    inverses: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for row in engine.select(query("vocabulary")):
        term, relation, other = row["term"], row["relation"], row["other"]
        if not isinstance(term, NamedNode) or not isinstance(other, NamedNode) or not isinstance(relation, NamedNode):
            continue
        if relation.value == RDFS + "subClassOf":
            superclasses[term].add(other)
        elif relation.value == OWL + "inverseOf":
            inverses[term].add(other)
            inverses[other].add(term)
        else:
            types[term].add(other.value)
    classes = sorted((term for term, kinds in types.items() if kinds & _CLASSES), key=str)
    properties = sorted((term for term, kinds in types.items() if not kinds & _CLASSES), key=str)
    return Schema(
        tuple(classes),
        tuple(properties),
        {c: frozenset(_reached(superclasses, c)) for c in superclasses},
        {p: frozenset(others) for p, others in inverses.items()},
        _displays(engine),
    )


def _displays(engine: Engine) -> dict[NamedNode, dict[NamedNode, Display]]:
    displays: dict[NamedNode, dict[NamedNode, Display]] = defaultdict(dict)
    for row in engine.select(query("shapes"), shapes=NamedNode(f"{engine.dataset.base}graph/shapes")):
        class_, property_ = row["class"], row["property"]
        if isinstance(class_, NamedNode) and isinstance(property_, NamedNode):
            earlier = displays[property_].get(class_, _PLAIN)
            group = Group(_number(row, "groupOrder"), _text(row, "groupName")) if "group" in row else earlier.group
            displays[property_][class_] = Display(
                earlier.name or _text(row, "name"),
                min(earlier.order, _number(row, "order")),
                group,
                earlier.single or _text(row, "most") == "1",
            )
    return displays


def _reached(links: Mapping[NamedNode, set[NamedNode]], start: NamedNode) -> set[NamedNode]:
    """Return all that can be reached from ``start`` by ``links``, without it."""
    reached: set[NamedNode] = set()
    waiting = [start]
    while waiting:
        for term in links.get(waiting.pop(), ()):
            if term not in reached:
                reached.add(term)
                waiting.append(term)
    return reached - {start}


def _text(row: Mapping[str, Term], name: str) -> str:
    term = row.get(name)
    return term.value if isinstance(term, Literal) else ""


def _number(row: Mapping[str, Term], name: str) -> float:
    text = _text(row, name)
    try:
        return float(text) if text else _LAST
    except ValueError:
        return _LAST
