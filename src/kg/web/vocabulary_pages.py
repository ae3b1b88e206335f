"""The pages of what is published beside the things: the ontology term by term, shapes, descriptions, named graphs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.things.collections import class_counts
from kg.things.names import names
from kg.vocab import DEFINITION, LABEL, OWL, RDF, RDFS, SKOS, TYPE
from kg.web.context import render
from kg.web.queries import query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.prefixes import Term
    from kg.web.context import Context

    Said = dict[Term, dict[NamedNode, list[Term]]]

_BLOCKS = 400
_LINES = 200
_KINDS = (
    ("Classes", (OWL + "Class", RDFS + "Class")),
    ("Object properties", (OWL + "ObjectProperty",)),
    ("Datatype properties", (OWL + "DatatypeProperty",)),
    ("Annotation properties", (OWL + "AnnotationProperty", RDF + "Property")),
)
_SUPER = (NamedNode(RDFS + "subClassOf"), NamedNode(RDFS + "subPropertyOf"))
_SHOWN = (
    ("subclass of", RDFS + "subClassOf"),
    ("subproperty of", RDFS + "subPropertyOf"),
    ("of", RDFS + "domain"),
    ("to", RDFS + "range"),
    ("inverse", OWL + "inverseOf"),
    ("follows from the chain", OWL + "propertyChainAxiom"),
    ("disjoint with", OWL + "disjointWith"),
    ("equivalent to", OWL + "equivalentClass"),
)


@dataclass(frozen=True)
class Entry:
    """A term of an ontology as its page shows it."""

    iri: NamedNode
    anchor: str
    definition: str
    example: str
    kinds: tuple[str, ...]
    links: tuple[tuple[str, tuple[tuple[Term, ...], ...]], ...]
    things: int


def ontology_of(here: Context, iri: NamedNode) -> NamedNode | None:
    """Return the ontology whose document ``iri`` names, itself or by its version; ``None`` if it names none."""
    if here.node("graph/ontology").value not in here.engine.dataset.graphs:
        return None
    for ontology, version in here.build.header.ontologies.items():
        if iri in {ontology, version}:
            return ontology
    return None


def ontology_triples(here: Context, ontology: NamedNode) -> list[Triple]:
    """Return an ontology: all of it, or only its links to other vocabularies if it has no terms of its own."""
    graph = here.node("graph/ontology")
    if _terms_of(here, ontology):
        rows = here.engine.select(query("graph"), graph=graph)
    else:
        rows = here.engine.select(query("alignment"), graph=graph, header=ontology, base=Literal(here.base))
    return [Triple(row["subject"], row["predicate"], row["object"]) for row in rows]  # type: ignore[arg-type]


def ontology_page(here: Context, ontology: NamedNode) -> str:
    """Return the documentation of an ontology, each term under an ``id`` by which its IRI leads to it."""
    triples = ontology_triples(here, ontology)
    said = _by_subject(triples)
    if not _terms_of(here, ontology):
        lines = sorted((t for t in triples if t.subject != ontology and t.predicate != TYPE), key=str)
        called = names(here.engine, [x for t in lines for x in (t.subject, t.predicate, t.object)] + [ontology])
        return render("alignment.html", ontology=ontology, said=said.get(ontology, {}), lines=lines, names=called)
    counts = dict(class_counts(here.engine))
    own = [s for s in said if isinstance(s, NamedNode) and s.value.startswith(f"{ontology.value}#")]
    entries = [_entry(ontology, term, said, counts) for term in own]
    called = names(here.engine, [t for e in entries for t in (e.iri, *_mentioned(e))] + [ontology])
    entries.sort(key=lambda e: (called[e.iri].text.casefold(), e.iri.value))
    parts: list[tuple[str, list[Entry]]] = []
    placed: set[NamedNode] = set()
    for heading, kinds in _KINDS:
        found = [e for e in entries if e.iri not in placed and any(k in kinds for k in e.kinds)]
        placed |= {e.iri for e in found}
        parts.append((heading, found))
    parts.append(("Individuals", [e for e in entries if e.iri not in placed]))
    return render(
        "ontology.html",
        ontology=ontology,
        said=said.get(ontology, {}),
        parts=[part for part in parts if part[1]],
        tree=_tree([e for e in entries if any(k in _KINDS[0][1] for k in e.kinds)]),
        names=called,
    )


def part_page(here: Context, iri: NamedNode, graph: NamedNode) -> str:
    """Return the page of a part of the project that is one document, such as its shapes: a block for each subject."""
    rows = here.engine.select(query("graph"), graph=graph)
    said: Said = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if isinstance(row["predicate"], NamedNode):
            said[row["subject"]][row["predicate"]].append(row["object"])
    # What has a name comes first: the rest is mostly parts of what has one.
    subjects = sorted((s for s in said if isinstance(s, NamedNode)), key=lambda s: (LABEL not in said[s], s.value))
    for subject in subjects[:_BLOCKS]:
        for values in said[subject].values():
            values.sort(key=str)
    called = names(here.engine, subjects[:_BLOCKS])
    return render(
        "part.html",
        iri=iri,
        subjects=subjects[:_BLOCKS],
        total=len(subjects),
        said=said,
        names=called,
        triples=len(rows),
        anchor=lambda s: s.value.removeprefix(f"{iri.value}#") if s.value.startswith(f"{iri.value}#") else "",
    )


def graph_page(here: Context, graph: NamedNode) -> str:
    """Return the page of a named graph: its size and its first triples."""
    rows = here.engine.select(f"{query('graph')}\nORDER BY ?subject ?predicate ?object\nLIMIT {_LINES:d}", graph=graph)
    lines = [Triple(r["subject"], r["predicate"], r["object"]) for r in rows]  # type: ignore[arg-type]
    called = names(here.engine, [x for t in lines for x in (t.subject, t.predicate, t.object)])
    return render("graph.html", iri=graph, total=here.engine.dataset.graphs[graph.value], lines=lines, names=called)


def _terms_of(here: Context, ontology: NamedNode) -> list[NamedNode]:
    schema = here.build.schema
    return [t for t in (*schema.classes, *schema.properties) if t.value.startswith(f"{ontology.value}#")]


def _entry(ontology: NamedNode, term: NamedNode, said: Said, counts: dict[NamedNode, int]) -> Entry:
    about = said[term]
    links = []
    for heading, property_ in _SHOWN:
        values = [_listed(said, value) for value in about.get(NamedNode(property_), [])]
        if found := tuple(sorted((v for v in values if v), key=str)):
            links.append((heading, found))
    return Entry(
        term,
        term.value.removeprefix(f"{ontology.value}#"),
        _text(about, DEFINITION) or _text(about, NamedNode(RDFS + "comment")),
        _text(about, NamedNode(SKOS + "example")),
        tuple(t.value for t in about.get(TYPE, []) if isinstance(t, NamedNode)),
        tuple(links),
        counts.get(term, 0),
    )


def _listed(said: Said, value: Term) -> tuple[Term, ...]:
    """Return a value as the terms that it names: itself, the members of a list, or nothing for another blank node."""
    if not isinstance(value, BlankNode):
        return (value,)
    members: list[Term] = []
    node: Term = value
    while isinstance(node, BlankNode) and len(members) < 20:
        first = said.get(node, {}).get(NamedNode(RDF + "first"), [])
        rest = said.get(node, {}).get(NamedNode(RDF + "rest"), [])
        if not first or not rest or isinstance(first[0], BlankNode):
            return ()
        members.append(first[0])
        node = rest[0]
    return tuple(members)


def _tree(entries: list[Entry]) -> list[tuple[Entry, list[object]]]:
    """Return classes as a tree of pairs of an entry and its branches; a class of several branches is in each."""
    own = {e.iri for e in entries}
    above = {
        e.iri: [v for heading, values in e.links if heading == "subclass of" for v, *_ in values if v in own]
        for e in entries
    }

    def branches(parent: NamedNode | None, path: frozenset[NamedNode]) -> list[tuple[Entry, list[object]]]:
        return [
            (e, list(branches(e.iri, path | {e.iri})))
            for e in entries
            if e.iri not in path and (parent in above[e.iri] if parent else not above[e.iri])
        ]

    return branches(None, frozenset())


def _mentioned(entry: Entry) -> list[Term]:
    return [term for _, values in entry.links for value in values for term in value]


def _by_subject(triples: Iterable[Triple]) -> Said:
    said: Said = defaultdict(lambda: defaultdict(list))
    for triple in sorted(triples, key=str):
        said[triple.subject][triple.predicate].append(triple.object)
    return said


def _text(about: dict[NamedNode, list[Term]], property_: NamedNode) -> str:
    texts = [t for t in about.get(property_, []) if isinstance(t, Literal)]
    return next((t.value for t in texts if t.language in {"en", None}), texts[0].value if texts else "")
