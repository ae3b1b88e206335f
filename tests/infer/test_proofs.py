"""Proofs: every inferred triple has one; it rests on what was asserted and never on itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from pyoxigraph import NamedNode, Triple

from kg import authored
from kg.infer import Closure, closure, render
from kg.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from kg.infer.derivation import Derivation

PREFIXES = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


def graph(text: str) -> list[Triple]:
    return [quad.triple for quad in ox.parse(PREFIXES + text, format=ox.RdfFormat.TURTLE)]


def triple(s: str, p: str, o: str) -> Triple:
    return Triple(*(NamedNode(f"https://example.org/{name}") for name in (s, p, o)))


def has_itself_above(derivation: Derivation, above: frozenset[object] = frozenset()) -> bool:
    if derivation.conclusion in above:
        return True
    inside = above | {derivation.conclusion}
    return any(has_itself_above(premise, inside) for premise in derivation.premises)


@pytest.fixture(scope="module")
def of_the_graph(root: Path) -> tuple[set[Triple], Closure]:
    read = authored.read(Project(root))
    asserted = read.ontology | read.accepted
    return asserted, closure(asserted)


def test_every_inferred_triple_of_the_published_graph_has_a_sound_proof(
    of_the_graph: tuple[set[Triple], Closure],
) -> None:
    asserted, closed = of_the_graph
    inferred = list(closed.inferred)
    for each in inferred[:: max(1, len(inferred) // 1500)]:
        derivation = closed.why(each)
        assert derivation is not None, each
        assert derivation.rule is not None
        assert set(derivation.leaves) <= asserted, each
        assert not has_itself_above(derivation), each


def test_an_asserted_triple_is_its_own_proof(of_the_graph: tuple[set[Triple], Closure]) -> None:
    asserted, closed = of_the_graph
    derivation = closed.why(next(iter(asserted)))
    assert derivation is not None
    assert derivation.is_asserted
    assert derivation.depth == 0


def test_what_is_not_in_the_closure_has_no_proof() -> None:
    assert closure(graph(":a :p :b .")).why(triple("b", "p", "a")) is None


def test_a_cycle_does_not_prove_itself() -> None:
    closed = closure(graph(":p a owl:TransitiveProperty . :a :p :b . :b :p :c . :c :p :a ."))
    derivation = closed.why(triple("a", "p", "a"))
    assert derivation is not None
    assert not has_itself_above(derivation)


def test_the_proof_is_the_least_deep_one() -> None:
    closed = closure(
        graph(
            ":A rdfs:subClassOf :B . :B rdfs:subClassOf :C . :C rdfs:subClassOf :D . :A rdfs:subClassOf :D . :x a :A ."
        )
    )
    a = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    derivation = closed.why(Triple(NamedNode("https://example.org/x"), a, NamedNode("https://example.org/D")))
    assert derivation is not None
    assert derivation.depth == 1


def test_alternatives_are_every_way_in_one_step() -> None:
    closed = closure(graph(":p rdfs:subPropertyOf :r . :q rdfs:subPropertyOf :r . :a :p :b ; :q :b ."))
    ways = closed.alternatives(triple("a", "r", "b"))
    assert {w.premises[-1].conclusion for w in ways} == {triple("a", "p", "b"), triple("a", "q", "b")}


@pytest.fixture(scope="module")
def chain() -> Derivation:
    closed = closure(graph(":u owl:propertyChainAxiom ( :p :q ) . :a :p :b . :b :q :c ."))
    derivation = closed.why(triple("a", "u", "c"))
    assert derivation is not None
    return derivation


def test_a_proof_as_text_names_rules_and_passages(chain: Derivation) -> None:
    text = render.text(chain, passages_of=lambda statement: [f"source of {statement.subject.value[-1]}"])
    assert "by prp-spo2" in text
    assert "[source of a]" in text


def test_a_proof_as_json_numbers_each_triple_once(chain: Derivation) -> None:
    data = json.loads(render.json(chain))
    assert data["triples"][data["root"]]["rule"] == "prp-spo2"
    assert all(isinstance(n, int) for t in data["triples"] for n in t["premises"])


def test_a_proof_as_turtle_has_no_blank_node(chain: Derivation) -> None:
    written = [q.triple for q in ox.parse(render.turtle(chain), format=ox.RdfFormat.TURTLE)]
    assert written
    assert not [t for t in written if isinstance(t.subject, ox.BlankNode) or isinstance(t.object, ox.BlankNode)]


def test_a_proof_as_a_picture_is_well_formed_and_needs_no_style_sheet(chain: Derivation) -> None:
    picture = ElementTree.fromstring(render.svg(chain))
    assert not list(picture.iter("{http://www.w3.org/2000/svg}style"))
    assert any("prp-spo2" in (t.text or "") for t in picture.iter("{http://www.w3.org/2000/svg}text"))
    assert render.dot(chain).startswith("digraph")
