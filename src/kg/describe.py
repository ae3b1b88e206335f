"""Descriptions of the dataset for machines, VoID and DCAT: pure functions from graphs to a graph.

The class and property partitions have the shape that query editors complete from: for each class its properties, and
for each of these the classes or datatypes of its values. Every node has an IRI.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from kg.vocab import DCAT, DCTERMS, FOAF, LABEL, OWL, RDF, SKOS, TYPE, VOID, VOID_EXT, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kg.prefixes import Term

DUMPS: Mapping[str, str] = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "nq": "application/n-quads",
    "trig": "application/trig",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}
"""The endings of the dumps that are offered, each with its media type."""

_EXACT_MATCH = NamedNode(SKOS + "exactMatch")
_HEADER = frozenset(
    DCTERMS + term for term in ("title", "description", "license", "creator", "publisher", "issued", "modified")
)


def dataset(
    base: str, default: Iterable[Triple], graphs: Mapping[NamedNode, int], prefixes: Mapping[str, str]
) -> set[Triple]:
    """Return the VoID and DCAT description of a dataset.

    ``default`` is the content of the default graph; ``graphs`` gives the size of each named graph. Title, description,
    licence and publisher are what the project says of ``{base}void#dataset``, else those of its ontology header.
    Implements "Describing Linked Datasets with the VoID Vocabulary" (sections 2 to 5) and DCAT 3 (sections 6.6, 6.8
    and 6.9).
    """
    triples = set(default)
    name = NamedNode(f"{base}void#dataset")
    out: set[Triple] = set()

    def say(subject: NamedNode, predicate: str, value: Term) -> None:
        out.add(Triple(subject, NamedNode(predicate), value))

    ontology = min(
        (
            t.subject
            for t in triples
            if t.predicate == TYPE and t.object == NamedNode(OWL + "Ontology") and isinstance(t.subject, NamedNode)
        ),
        key=str,
        default=None,
    )
    itself = {t for t in triples if t.subject == name}
    out |= itself
    said = {t.predicate for t in itself}
    for triple in triples:
        if triple.subject == ontology and triple.predicate.value in _HEADER and triple.predicate not in said:
            out.add(Triple(name, triple.predicate, triple.object))
    say(NamedNode(f"{base}void"), RDF + "type", NamedNode(VOID + "DatasetDescription"))
    say(NamedNode(f"{base}void"), FOAF + "primaryTopic", name)
    say(name, RDF + "type", NamedNode(VOID + "Dataset"))
    say(name, RDF + "type", NamedNode(DCAT + "Dataset"))
    if LABEL not in said:
        say(name, LABEL.value, Literal("the whole dataset", language="en"))
    say(name, VOID + "uriSpace", Literal(f"{base}id/"))
    say(name, VOID + "sparqlEndpoint", NamedNode(f"{base}sparql"))
    for count, value in _statistics(triples).items():
        say(name, VOID + count, _integer(value))
    for vocabulary in sorted({n for n in prefixes.values() if not n.startswith(base)}):
        if any(t.predicate.value.startswith(vocabulary) for t in triples):
            say(name, VOID + "vocabulary", NamedNode(vocabulary))
    say(name, VOID + "vocabulary", NamedNode(f"{base}ontology#"))
    for graph, size in graphs.items():
        if graph.value.startswith(f"{base}graph/"):
            say(name, VOID + "subset", graph)
            say(graph, RDF + "type", NamedNode(VOID + "Dataset"))
            say(graph, VOID + "triples", _integer(size))
    _describe_dumps(base, name, say)
    _describe_links(base, name, triples, say)
    _describe_partitions(base, name, triples, say)
    return out


def _statistics(triples: set[Triple]) -> dict[str, int]:
    """Return the counts of VoID, section 4.6.1."""
    subjects = {t.subject for t in triples}
    return {
        "triples": len(triples),
        "entities": len({t.subject for t in triples if t.predicate == TYPE and isinstance(t.subject, NamedNode)}),
        "classes": len({t.object for t in triples if t.predicate == TYPE}),
        "properties": len({t.predicate for t in triples}),
        "distinctSubjects": len(subjects),
        "distinctObjects": len({t.object for t in triples}),
    }


def _describe_dumps(base: str, name: NamedNode, say: _Say) -> None:
    service = NamedNode(f"{base}void#service")
    say(service, RDF + "type", NamedNode(DCAT + "DataService"))
    say(service, LABEL.value, Literal("SPARQL 1.1 Protocol service", language="en"))
    say(service, DCAT + "endpointURL", NamedNode(f"{base}sparql"))
    say(service, DCAT + "servesDataset", name)
    say(service, DCTERMS + "conformsTo", NamedNode("http://www.w3.org/TR/sparql11-protocol/"))
    catalog = NamedNode(f"{base}void#catalog")
    say(catalog, RDF + "type", NamedNode(DCAT + "Catalog"))
    say(catalog, LABEL.value, Literal("catalogue of this dataset and its service", language="en"))
    say(catalog, DCAT + "dataset", name)
    say(catalog, DCAT + "service", service)
    for ending, media_type in DUMPS.items():
        distribution = NamedNode(f"{base}void#dump-{ending}")
        address = NamedNode(f"{base}download/graph.{ending}")
        say(name, DCAT + "distribution", distribution)
        say(name, VOID + "dataDump", address)
        say(distribution, RDF + "type", NamedNode(DCAT + "Distribution"))
        say(distribution, LABEL.value, Literal(f"dump as {media_type}", language="en"))
        say(distribution, DCAT + "downloadURL", address)
        say(distribution, DCAT + "mediaType", NamedNode(f"https://www.iana.org/assignments/media-types/{media_type}"))


def _describe_links(base: str, name: NamedNode, triples: set[Triple], say: _Say) -> None:
    """Describe the links out as a link set (VoID, section 5)."""
    count = sum(t.predicate == _EXACT_MATCH for t in triples)
    if count:
        links = NamedNode(f"{base}void#links")
        say(name, VOID + "subset", links)
        say(links, RDF + "type", NamedNode(VOID + "Linkset"))
        say(links, LABEL.value, Literal("links to the same things elsewhere", language="en"))
        say(links, VOID + "linkPredicate", _EXACT_MATCH)
        say(links, VOID + "subjectsTarget", name)
        say(links, VOID + "triples", _integer(count))


def _describe_partitions(base: str, name: NamedNode, triples: set[Triple], say: _Say) -> None:
    types: dict[Term, set[NamedNode]] = defaultdict(set)
    for triple in triples:
        # Classes of other vocabularies repeat the members of ours; editors complete from ours.
        if triple.predicate == TYPE and isinstance(triple.object, NamedNode) and triple.object.value.startswith(base):
            types[triple.subject].add(triple.object)
    entities: Counter[NamedNode] = Counter(c for classes in types.values() for c in classes)
    used: Counter[tuple[NamedNode, NamedNode]] = Counter()
    values: dict[tuple[NamedNode, NamedNode], Counter[NamedNode]] = defaultdict(Counter)
    for triple in triples:
        for subject_class in types.get(triple.subject, ()):
            key = (subject_class, triple.predicate)
            used[key] += 1
            if isinstance(triple.object, Literal):
                values[key][triple.object.datatype] += 1
            else:
                values[key].update(types.get(triple.object, ()))

    def node(*parts: NamedNode) -> NamedNode:
        return NamedNode(f"{base}void#p{hashlib.sha256(' '.join(p.value for p in parts).encode()).hexdigest()[:16]}")

    for subject_class, count in entities.items():
        partition = node(subject_class)
        say(name, VOID + "classPartition", partition)
        say(partition, VOID + "class", subject_class)
        say(partition, VOID + "entities", _integer(count))
    for (subject_class, predicate), count in used.items():
        partition = node(subject_class, predicate)
        say(node(subject_class), VOID + "propertyPartition", partition)
        say(partition, VOID + "property", predicate)
        say(partition, VOID + "triples", _integer(count))
        for kind, uses in values[(subject_class, predicate)].items():
            inner = node(subject_class, predicate, kind)
            datatype = kind.value.startswith(XSD) or kind.value == RDF + "langString"
            say(partition, VOID_EXT + "datatypePartition" if datatype else VOID + "classPartition", inner)
            say(inner, VOID_EXT + "datatype" if datatype else VOID + "class", kind)
            say(inner, VOID + "triples", _integer(uses))


def _integer(value: int) -> Literal:
    return Literal(str(value), datatype=NamedNode(XSD + "integer"))


if TYPE_CHECKING:
    from typing import Protocol

    class _Say(Protocol):
        def __call__(self, subject: NamedNode, predicate: str, value: Term, /) -> None: ...
