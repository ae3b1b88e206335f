"""A thing as a page shows it: its facts in the order of the shapes, what points at it, and the names of all of that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from kg.things import Fact, facts_of, gathered, query
from kg.things.batches import select_for
from kg.things.names import Name, names, words_of
from kg.things.passages import Passage, passages
from kg.vocab import COMMENT, DCTERMS, DEFINITION, LABEL, PREF_LABEL, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kg.query.engine import Engine, Term
    from kg.things.schema import Display, Group, Schema

VALUES_SHOWN = 12
"""How many values of a property a page shows before it leads to a page of their own."""

_PROSE = (DEFINITION, NamedNode(DCTERMS + "description"), COMMENT)


@dataclass(frozen=True)
class Value:
    """One value of a property: the fact, the passages that state it, and the term at the other end.

    ``inverse`` is the property by which the passages state the fact the other way round, if they do.
    """

    fact: Fact
    term: Term
    passages: tuple[Passage, ...] = ()
    inverse: NamedNode | None = None

    @property
    def inferred(self) -> bool:
        """Whether the fact only follows from others, and is not stated the other way round either."""
        return self.fact.origin == "inferred" and self.inverse is None

    @property
    def rejections(self) -> tuple[Passage, ...]:
        """The passages whose standing makes the fact a rejected one; empty if it is accepted."""
        return () if self.fact.accepted else tuple(p for p in self.passages if p.rejected)


@dataclass(frozen=True)
class Row:
    """A property with those of its values that are shown, and the number of all.

    ``aligned`` tells that the property belongs to another vocabulary and says again, by inference, what one of the
    project's own says.
    """

    property: NamedNode
    name: str
    values: tuple[Value, ...]
    total: int
    single: bool = False
    aligned: bool = False


@dataclass(frozen=True)
class Description:
    """What a page about a thing shows.

    Attributes:
        iri: the thing.
        types: its classes, those that people wrote first, each with whether it only follows.
        prose: its definitions and comments.
        sections: its facts by group of properties, in the order of the shapes.
        incoming: what points at it, by property.
        aligned: its facts in the words of other vocabularies, where these only repeat those above.
        names: a name for every IRI that the page mentions.

    """

    iri: NamedNode
    types: tuple[Value, ...]
    prose: tuple[Value, ...]
    sections: tuple[tuple[Group, tuple[Row, ...]], ...]
    incoming: tuple[Row, ...]
    aligned: tuple[Row, ...]
    names: Mapping[NamedNode, Name] = field(repr=False)

    @property
    def name(self) -> Name:
        """The name of the thing."""
        return self.names[self.iri]

    @property
    def sources(self) -> tuple[tuple[NamedNode, str], ...]:
        """The sources of the passages that the page links to, with their titles."""
        rows = [row for _, rows in self.sections for row in rows] + list(self.incoming)
        values = [value for row in rows for value in row.values] + [*self.types, *self.prose]
        found = {p.source: p.title for value in values for p in value.passages}
        return tuple(sorted(found.items(), key=lambda item: (item[1], item[0].value)))


def describe(engine: Engine, schema: Schema, iri: NamedNode) -> Description | None:
    """Return the description of ``iri``; ``None`` if the dataset neither says anything of it nor points at it."""
    facts = facts_of(engine, iri)
    incoming = _incoming(engine, schema, iri, {f.triple.predicate for f in facts})
    if not facts and not incoming:
        return None
    shown = _shown(engine, schema, iri, facts, [f for _, found, _ in incoming for f in found])
    types = tuple(shown.value(f, f.triple.object) for f in facts if f.triple.predicate == TYPE)
    prose = [f for p in _PROSE for f in facts if f.triple.predicate == p and isinstance(f.triple.object, Literal)]
    rest = [f for f in facts if f.triple.predicate != TYPE and f not in prose and _worth_a_row(f)]
    rows = _rows(schema, [t.term for t in types if isinstance(t.term, NamedNode)], rest, shown)
    pointing = [
        _row(shown, p, tuple(shown.value(f, f.triple.subject) for f in found), total) for p, found, total in incoming
    ]
    return Description(
        iri,
        tuple(sorted(types, key=lambda v: (v.inferred, shown.sort_key(v)))),
        tuple(shown.value(f, f.triple.object) for f in prose),
        _sections(rows),
        tuple(row for row in pointing if not row.aligned),
        tuple(row for _, row in rows if row.aligned),
        shown.names,
    )


def values_of(
    engine: Engine, schema: Schema, iri: NamedNode, property_: NamedNode, offset: int, limit: int
) -> tuple[Row, Mapping[NamedNode, Name]]:
    """Return values ``offset`` to ``offset + limit`` of one property of a thing, and the names to show them by."""
    facts = [f for f in facts_of(engine, iri) if f.triple.predicate == property_]
    shown = _shown(engine, schema, iri, facts, [])
    values = shown.sorted(shown.value(f, f.triple.object) for f in facts)
    return Row(property_, shown.name(property_), values[offset : offset + limit], len(values)), shown.names


def pointing_at(
    engine: Engine, schema: Schema, iri: NamedNode, property_: NamedNode, offset: int, limit: int
) -> tuple[Row, Mapping[NamedNode, Name]]:
    """Return things ``offset`` to ``offset + limit`` that point at a thing by one property, and names for them."""
    counts = {p: total for p, total in _incoming_counts(engine, iri) if p == property_}
    facts = _pointing(engine, iri, property_, offset, limit)
    shown = _shown(engine, schema, iri, [], facts)
    values = tuple(shown.value(f, f.triple.subject) for f in facts)
    return Row(property_, shown.name(property_), values, counts.get(property_, 0)), shown.names


@dataclass(frozen=True)
class _Shown:
    """What is needed to turn facts into values: names, passages, and the facts as stated the other way round."""

    base: str
    names: Mapping[NamedNode, Name]
    passages: Mapping[NamedNode, Passage]
    inverses: Mapping[Triple, tuple[NamedNode, tuple[NamedNode, ...]]]

    def name(self, iri: NamedNode) -> str:
        name = self.names.get(iri)
        return name.text if name is not None and name.known else words_of(iri.value)

    def value(self, fact: Fact, term: Term) -> Value:
        inverse, graphs = self.inverses.get(fact.triple, (None, fact.passages))
        stated = [self.passages[p] for p in graphs if p in self.passages]
        if fact.accepted:  # what is not accepted supports nothing
            stated = [passage for passage in stated if not passage.rejected] or stated
        return Value(fact, term, tuple(sorted(stated, key=lambda p: (p.rejected, p.order))), inverse)

    def sorted(self, values: Iterable[Value]) -> tuple[Value, ...]:
        """Return values in the order in which to read them: accepted before rejected, stated before inferred."""
        return tuple(sorted(values, key=lambda v: (not v.fact.accepted, v.inferred, self.sort_key(v))))

    def sort_key(self, value: Value) -> tuple[bool, str, str]:
        term = value.term
        text = self.name(term) if isinstance(term, NamedNode) else term.value if isinstance(term, Literal) else ""
        return isinstance(term, Literal), text.casefold(), str(term)


def _shown(engine: Engine, schema: Schema, iri: NamedNode, facts: list[Fact], incoming: list[Fact]) -> _Shown:
    inverses = _stated_inversely(engine, schema, iri, facts)
    terms: list[Term] = [iri]
    for fact in (*facts, *incoming):
        terms += [fact.triple.subject, fact.triple.predicate, fact.triple.object]
    terms += [inverse for inverse, _ in inverses.values()]
    graphs = [p for f in (*facts, *incoming) for p in f.passages] + [p for _, found in inverses.values() for p in found]
    return _Shown(engine.dataset.base, names(engine, terms), passages(engine, graphs), inverses)


def _stated_inversely(
    engine: Engine, schema: Schema, iri: NamedNode, facts: list[Fact]
) -> dict[Triple, tuple[NamedNode, tuple[NamedNode, ...]]]:
    """Return, for each fact that only follows, the inverse property and passages that state it the other way round."""
    found: dict[Triple, tuple[NamedNode, tuple[NamedNode, ...]]] = {}
    for property_ in dict.fromkeys(f.triple.predicate for f in facts if f.origin == "inferred"):
        objects = [f.triple.object for f in facts if f.triple.predicate == property_ and f.origin == "inferred"]
        for inverse in sorted(schema.inverses.get(property_, ()), key=str):
            for fact in _with_graphs(engine, iri, inverse, objects):
                if fact.passages and fact.accepted and isinstance(fact.triple.subject, NamedNode):
                    found.setdefault(Triple(iri, property_, fact.triple.subject), (inverse, fact.passages))
    return found


def _worth_a_row(fact: Fact) -> bool:
    """Names stand in the heading; they get a row of their own only where passages state them."""
    return fact.triple.predicate not in {LABEL, PREF_LABEL} or bool(fact.passages)


def _row(shown: _Shown, property_: NamedNode, values: tuple[Value, ...], total: int) -> Row:
    return Row(property_, shown.name(property_), values, total, aligned=_is_aligned(shown, property_, values))


def _is_aligned(shown: _Shown, property_: NamedNode, values: Iterable[Value]) -> bool:
    return not property_.value.startswith(shown.base) and all(v.inferred for v in values)


def _rows(schema: Schema, types: list[NamedNode], facts: list[Fact], shown: _Shown) -> list[tuple[Display, Row]]:
    by_property: dict[NamedNode, list[Fact]] = {}
    for fact in facts:
        by_property.setdefault(fact.triple.predicate, []).append(fact)
    rows = []
    for property_, found in by_property.items():
        display = schema.display(property_, types)
        values = shown.sorted(shown.value(f, f.triple.object) for f in found)
        row = Row(
            property_,
            display.name or shown.name(property_),
            values[:VALUES_SHOWN],
            len(values),
            display.single,
            _is_aligned(shown, property_, values),
        )
        rows.append((display, row))
    return sorted(rows, key=lambda r: (r[0].group, r[0].order, r[1].name.casefold(), str(r[1].property)))


def _sections(rows: list[tuple[Display, Row]]) -> tuple[tuple[Group, tuple[Row, ...]], ...]:
    sections: dict[Group, list[Row]] = {}
    for display, row in rows:
        if not row.aligned:
            sections.setdefault(display.group, []).append(row)
    return tuple((group, tuple(found)) for group, found in sections.items())


def _incoming(
    engine: Engine, schema: Schema, iri: NamedNode, shown: set[NamedNode]
) -> list[tuple[NamedNode, list[Fact], int]]:
    """Return what points at ``iri`` by property, without what the page shows the other way round by an inverse."""
    return [
        (property_, _pointing(engine, iri, property_, 0, VALUES_SHOWN), total)
        for property_, total in _incoming_counts(engine, iri)
        if not schema.inverses.get(property_, frozenset()) & shown
    ]


def _incoming_counts(engine: Engine, iri: NamedNode) -> list[tuple[NamedNode, int]]:
    return [
        (property_, int(count.value))
        for row in engine.select(query("incoming_counts"), thing=iri)
        if isinstance(property_ := row["predicate"], NamedNode) and isinstance(count := row["count"], Literal)
    ]


def _pointing(engine: Engine, iri: NamedNode, property_: NamedNode, offset: int, limit: int) -> list[Fact]:
    text = f"{query('incoming')}\nLIMIT {limit:d}\nOFFSET {offset:d}"
    subjects = [row["subject"] for row in engine.select(text, thing=iri, predicate=property_)]
    order = {subject: number for number, subject in enumerate(subjects)}
    return sorted(_with_graphs(engine, iri, property_, subjects), key=lambda f: order[f.triple.subject])


def _with_graphs(engine: Engine, iri: NamedNode, property_: NamedNode, subjects: Iterable[Term]) -> list[Fact]:
    """Return the facts by which ``subjects`` point at ``iri``, with the graphs that hold them."""
    known = [s for s in subjects if isinstance(s, NamedNode)]
    pairs: list[tuple[Triple, Term | None]] = []
    for row in select_for(engine, query("pointing"), "subject", known, thing=iri, predicate=property_):
        subject = row["subject"]
        if isinstance(subject, NamedNode):
            pairs.append((Triple(subject, property_, iri), row.get("graph")))
    return gathered(engine.dataset.base, pairs)
