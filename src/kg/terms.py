"""Terms and triples between Oxigraph, which parses and stores, and rdflib, which pySHACL and owlrl use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import rdflib

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rdflib.term import Node

    from kg.prefixes import Term


def to_rdflib_term(term: Term) -> Node:
    """Return the rdflib term equal to an Oxigraph ``term``. Raises TypeError for the triple terms of RDF 1.2."""
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        # rdflib writes a plain string without its datatype, and would otherwise take the two for different terms.
        datatype = None if term.datatype.value == str(rdflib.XSD.string) else rdflib.URIRef(term.datatype.value)
        return rdflib.Literal(term.value, datatype=datatype, normalize=False)
    raise TypeError("rdflib has no triple terms")


def from_rdflib_term(node: Node) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Return the Oxigraph term equal to an rdflib ``node``."""
    if isinstance(node, rdflib.URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return ox.BlankNode(str(node))
    if isinstance(node, rdflib.Literal):
        if node.language:
            return ox.Literal(str(node), language=node.language)
        return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)) if node.datatype else None)
    raise TypeError(f"{node!r} is not an RDF term")


def from_rdflib(graph: rdflib.Graph) -> Iterator[ox.Triple]:
    """Yield the triples of an rdflib ``graph``; those that RDF cannot write (a literal as subject) are left out."""
    cache: dict[Node, ox.NamedNode | ox.BlankNode | ox.Literal] = {}
    for triple in graph:
        s, p, o = (cache[each] if each in cache else cache.setdefault(each, from_rdflib_term(each)) for each in triple)
        if not isinstance(s, ox.Literal) and isinstance(p, ox.NamedNode):
            yield ox.Triple(s, p, o)


def to_rdflib(triples: Iterable[ox.Triple], prefixes: Mapping[str, str] | None = None) -> rdflib.Graph:
    """Return an rdflib graph of ``triples``, with ``prefixes`` bound."""
    graph = rdflib.Graph(bind_namespaces="none")
    for prefix, namespace in (prefixes or {}).items():
        graph.bind(prefix, namespace)
    cache: dict[Term, Node] = {}

    def convert(term: Term) -> Node:
        node = cache.get(term)
        if node is None:
            node = cache[term] = to_rdflib_term(term)
        return node

    for triple in triples:
        graph.add((convert(triple.subject), convert(triple.predicate), convert(triple.object)))
    return graph
