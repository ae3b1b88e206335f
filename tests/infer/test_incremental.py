"""Adding and removing triples gives what drawing the closure anew gives, whatever is added and removed."""

from __future__ import annotations

import pyoxigraph as ox
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Triple

from kg.infer import closure

SCHEMA = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:part a owl:TransitiveProperty . :next a owl:SymmetricProperty .
:near rdfs:subPropertyOf :part . :whole owl:inverseOf :part .
:uncle owl:propertyChainAxiom ( :near :next ) .
:near rdfs:domain :A . :A rdfs:subClassOf :B . :C owl:intersectionOf ( :A :D ) .
:E owl:onProperty :part ; owl:someValuesFrom :A .
"""
BASE = [quad.triple for quad in ox.parse(SCHEMA, format=ox.RdfFormat.TURTLE)]
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
SAME = NamedNode("http://www.w3.org/2002/07/owl#sameAs")


def term(name: str) -> NamedNode:
    return NamedNode(f"https://example.org/{name}")


THINGS = st.sampled_from([term(name) for name in "uvwxyz"])
FACTS = st.one_of(
    st.builds(Triple, THINGS, st.sampled_from([term("near"), term("next"), term("part"), term("whole")]), THINGS),
    st.builds(Triple, THINGS, st.just(TYPE), st.sampled_from([term("A"), term("C"), term("D")])),
)
EQUATIONS = st.builds(Triple, THINGS, st.just(SAME), THINGS)


def check(start: list[Triple], edits: list[tuple[bool, list[Triple]]]) -> None:
    closed = closure([*BASE, *start])
    graph = {*BASE, *start}
    for is_added, triples in edits:
        if is_added:
            closed.add(triples)
            graph |= set(triples)
        else:
            closed.remove(triples)
            graph -= set(triples)
        anew = closure(graph)
        assert set(closed.inferred) == set(anew.inferred)
        assert len(closed.inferred) == len(anew.inferred)
        assert sum(closed.counts.values()) == len(closed.inferred)


def edits_of(facts: st.SearchStrategy[Triple]) -> st.SearchStrategy[list[tuple[bool, list[Triple]]]]:
    return st.lists(st.tuples(st.booleans(), st.lists(facts, min_size=1, max_size=3)), max_size=6)


@settings(max_examples=150, deadline=None)
@given(st.lists(FACTS, max_size=12), edits_of(FACTS))
def test_edits_of_facts(start: list[Triple], edits: list[tuple[bool, list[Triple]]]) -> None:
    check(start, edits)


@settings(max_examples=60, deadline=None)
@given(st.lists(FACTS, max_size=8), edits_of(st.one_of(FACTS, EQUATIONS)))
def test_edits_of_facts_and_equations(start: list[Triple], edits: list[tuple[bool, list[Triple]]]) -> None:
    check(start, edits)


@settings(max_examples=30, deadline=None)
@given(st.lists(FACTS, max_size=8), edits_of(st.one_of(FACTS, st.sampled_from(BASE))))
def test_edits_of_axioms(start: list[Triple], edits: list[tuple[bool, list[Triple]]]) -> None:
    check(start, edits)


def test_removing_what_was_never_there_changes_nothing() -> None:
    closed = closure(BASE)
    before = set(closed.inferred)
    closed.remove([Triple(term("nobody"), term("near"), term("nowhere"))])
    assert set(closed.inferred) == before


def test_the_reference_engine_is_behind_the_same_interface() -> None:
    facts = [*BASE, Triple(term("x"), term("near"), term("y"))]
    assert set(closure(facts, engine="owlrl").inferred) >= {Triple(term("x"), term("part"), term("y"))}
