"""What the endpoint says of itself: SPARQL 1.1 Service Description as a pure function from a dataset to triples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.web.negotiate import Kind, offers

if TYPE_CHECKING:
    from kg.query.dataset import Dataset

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_SD = "http://www.w3.org/ns/sparql-service-description#"
_VOID = "http://rdfs.org/ns/void#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_ENTAILMENT = "http://www.w3.org/ns/entailment/"

PREFIXES = {"rdf": _RDF, "rdfs": _RDFS, "sd": _SD, "void": _VOID, "formats": "http://www.w3.org/ns/formats/"}

_NOTE = (
    "The default graph holds what is stated and what follows from it by the rules of OWL 2 RL, computed when the data "
    "was built. Queries are answered by simple entailment over that. SERVICE is not offered, and nothing is updated."
)


def service_description(endpoint: str, dataset: Dataset, formats: dict[str, str]) -> list[Triple]:
    """Return the service description (sections 3 and 4) of ``endpoint``, a URL, over ``dataset``.

    ``formats`` maps short names of the media-type table to the IRIs of their formats; rows without one are left out.
    """
    service, described, default = NamedNode(endpoint), BlankNode("dataset"), BlankNode("default")
    triples = [
        _link(service, _RDF + "type", NamedNode(_SD + "Service")),
        _link(service, _SD + "endpoint", service),
        _link(service, _SD + "supportedLanguage", NamedNode(_SD + "SPARQL10Query")),
        _link(service, _SD + "supportedLanguage", NamedNode(_SD + "SPARQL11Query")),
        _link(service, _SD + "supportedLanguage", NamedNode(_SD + "SPARQL12Query")),
        _link(service, _SD + "defaultEntailmentRegime", NamedNode(_ENTAILMENT + "Simple")),
        _link(service, _RDFS + "comment", Literal(_NOTE, language="en")),
        _link(service, _SD + "defaultDataset", described),
        _link(described, _RDF + "type", NamedNode(_SD + "Dataset")),
        _link(described, _SD + "defaultGraph", default),
        _link(default, _RDF + "type", NamedNode(_SD + "Graph")),
        _link(default, _VOID + "triples", _count(dataset.triples)),
    ]
    names = [media.name for kind in (Kind.SOLUTIONS, Kind.GRAPH) for media in offers(kind)]
    triples += [_link(service, _SD + "resultFormat", NamedNode(formats[name])) for name in names if name in formats]
    for number, (name, count) in enumerate(sorted(dataset.graphs.items())):
        named, graph = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        triples += [
            _link(described, _SD + "namedGraph", named),
            _link(named, _RDF + "type", NamedNode(_SD + "NamedGraph")),
            _link(named, _SD + "name", NamedNode(name)),
            _link(named, _SD + "graph", graph),
            _link(graph, _RDF + "type", NamedNode(_SD + "Graph")),
            _link(graph, _VOID + "triples", _count(count)),
        ]
    return triples


def _link(subject: NamedNode | BlankNode, predicate: str, object_: NamedNode | BlankNode | Literal) -> Triple:
    return Triple(subject, NamedNode(predicate), object_)


def _count(number: int) -> Literal:
    return Literal(str(number), datatype=NamedNode(_XSD + "integer"))
