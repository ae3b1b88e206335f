"""owlrl behind the same interface."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from pyoxigraph import NamedNode, Triple

from kg.infer import closure

PREFIXES = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


def graph(text: str) -> list[Triple]:
    return [quad.triple for quad in ox.parse(PREFIXES + text, format=ox.RdfFormat.TURTLE)]


def test_both_engines_infer_the_same() -> None:
    given = graph(':A rdfs:subClassOf :B . :p a owl:TransitiveProperty . :x a :A ; :p :y ; :q "text" . :y :p :z .')
    ours, theirs = closure(given), closure(given, engine="owlrl")
    assert set(ours.inferred) == set(theirs.inferred)
    assert len(theirs.inferred) > 1


def test_noise_is_left_out_unless_it_is_asked_for() -> None:
    given = graph(":x :p :y .")
    assert list(closure(given, engine="owlrl").inferred) == []
    assert len(closure(given, engine="owlrl", axiomatic=True).inferred) > 10


def test_contradictions_are_reported_without_a_proof() -> None:
    closed = closure(graph(":A owl:disjointWith :B . :x a :A , :B ."), engine="owlrl")
    assert closed.inconsistencies
    asserted = Triple(
        NamedNode("https://example.org/x"), NamedNode("https://example.org/p"), NamedNode("https://example.org/y")
    )
    assert closed.alternatives(asserted) == []


@pytest.mark.parametrize("edit", ["add", "remove"])
def test_what_owlrl_drew_cannot_be_edited(edit: str) -> None:
    closed = closure(graph(":x :p :y ."), engine="owlrl")
    with pytest.raises(TypeError, match="whole closures"):
        getattr(closed, edit)(graph(":x :p :y ."))
