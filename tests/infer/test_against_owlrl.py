"""The closure of random graphs equals that of owlrl, wherever owlrl follows the specification."""

from __future__ import annotations

import owlrl
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Triple
from rdflib import OWL, RDF, RDFS

from kg.infer import closure
from kg.terms import from_rdflib_term, to_rdflib

EX = "https://example.org/"
CLASSES, PROPERTIES, THINGS = ("A", "B", "C"), ("p", "q", "r"), ("x", "y", "z")
# owlrl has errors in keys, AllDifferent and AllDisjointProperties, which therefore do not occur here.
SCHEMA = st.one_of(
    st.tuples(
        st.sampled_from(CLASSES), st.sampled_from([RDFS.subClassOf, OWL.equivalentClass]), st.sampled_from(CLASSES)
    ),
    st.tuples(
        st.sampled_from(PROPERTIES),
        st.sampled_from([RDFS.subPropertyOf, OWL.inverseOf, OWL.equivalentProperty]),
        st.sampled_from(PROPERTIES),
    ),
    st.tuples(st.sampled_from(PROPERTIES), st.sampled_from([RDFS.domain, RDFS.range]), st.sampled_from(CLASSES)),
    st.tuples(
        st.sampled_from(PROPERTIES),
        st.just(RDF.type),
        st.sampled_from([OWL.TransitiveProperty, OWL.SymmetricProperty, OWL.FunctionalProperty]),
    ),
)
FACTS = st.one_of(
    st.tuples(st.sampled_from(THINGS), st.sampled_from(PROPERTIES), st.sampled_from(THINGS)),
    st.tuples(st.sampled_from(THINGS), st.just(RDF.type), st.sampled_from(CLASSES)),
    st.tuples(st.sampled_from(THINGS), st.just(OWL.sameAs), st.sampled_from(THINGS)),
)


def node(name: str) -> NamedNode:
    return NamedNode(name if "://" in name else EX + name)


def of_ours(triple: Triple) -> bool:
    """Return whether a triple says something: our terms in it, no reflexive axiom, nothing about owl:Thing."""
    terms = [t.value for t in (triple.subject, triple.object) if isinstance(t, NamedNode)]
    if triple.subject == triple.object or not triple.subject.value.startswith(EX):  # type: ignore[union-attr]
        return triple.predicate.value.startswith(EX)
    return all(t.startswith(EX) for t in terms) or triple.object.value in {  # type: ignore[union-attr]
        str(OWL.TransitiveProperty),
        str(OWL.SymmetricProperty),
        str(OWL.FunctionalProperty),
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(SCHEMA, max_size=6), st.lists(FACTS, max_size=6))
def test_closures_are_equal(schema: list[tuple[str, str, str]], facts: list[tuple[str, str, str]]) -> None:
    given_ = {Triple(*(node(str(t)) for t in each)) for each in [*schema, *facts]}
    closed = closure(given_)
    ours = {t for t in [*given_, *closed.inferred] if of_ours(t)}
    reference = to_rdflib(given_)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(reference)
    theirs = {
        t
        for s, p, o in reference
        if not isinstance(s, rdflib.Literal) and isinstance(p, rdflib.URIRef)
        for t in [Triple(from_rdflib_term(s), from_rdflib_term(p), from_rdflib_term(o))]  # type: ignore[arg-type]
        if isinstance(t.subject, NamedNode) and isinstance(t.object, NamedNode) and of_ours(t)
    }
    assert ours == theirs
