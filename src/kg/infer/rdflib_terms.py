"""Terms and triples between pyoxigraph and rdflib."""

from collections.abc import Iterable, Iterator

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.infer.dictionary import Term


def from_rdflib(graph: rdflib.Graph) -> Iterator[Triple]:
    """Yield the triples of an rdflib graph. Triples that RDF cannot write (a literal as subject) are left out."""
    terms: dict[rdflib.term.Node, Term] = {}
    for triple in graph:
        s, p, o = (terms[each] if each in terms else terms.setdefault(each, _from(each)) for each in triple)
        if isinstance(s, NamedNode | BlankNode) and isinstance(p, NamedNode):
            yield Triple(s, p, o)


def to_rdflib(triples: Iterable[Triple]) -> rdflib.Graph:
    """Return triples as an rdflib graph."""
    graph = rdflib.Graph()
    terms: dict[Term, rdflib.term.Identifier] = {}
    for triple in triples:
        s, p, o = (terms[each] if each in terms else terms.setdefault(each, _to(each)) for each in triple)
        graph.add((s, p, o))
    return graph


def _from(term: rdflib.term.Node) -> Term:
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return Literal(str(term), language=term.language)
        return Literal(str(term), datatype=NamedNode(str(term.datatype))) if term.datatype else Literal(str(term))
    raise TypeError(f"{term!r} is no term of an RDF graph.")


def _to(term: Term) -> rdflib.term.Identifier:
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        datatype = term.datatype.value
        is_plain = datatype == str(rdflib.XSD.string)
        return rdflib.Literal(term.value, datatype=None if is_plain else rdflib.URIRef(datatype), normalize=False)
    raise TypeError(f"rdflib does not know triple terms: {term}")
