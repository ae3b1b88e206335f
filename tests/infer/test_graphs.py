"""What goes in comes out: rdflib graphs, pyoxigraph stores, triples and files have the same closure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib
import rdflib.compare

from kg.infer import closure, closure_of_files

if TYPE_CHECKING:
    from pathlib import Path

    from kg.infer import Closure

TEXT = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:p owl:inverseOf :q ; rdfs:range :C .
:a :p :b ; :r "text"@en , 7 , _:x .
_:x :p "1.5"^^<http://www.w3.org/2001/XMLSchema#decimal> .
"""
B_IS_JOINED_TO_A = ox.Triple(*(ox.NamedNode(f"https://example.org/{name}") for name in "bqa"))


@pytest.fixture(params=["triples", "store", "rdflib", "turtle file", "N-Triples file"])
def closed(request: pytest.FixtureRequest, tmp_path: Path) -> Closure:
    quads = list(ox.parse(TEXT, format=ox.RdfFormat.TURTLE))
    if request.param == "store":
        store = ox.Store()
        store.extend(quads)
        return closure(store)
    if request.param == "rdflib":
        return closure(rdflib.Graph().parse(data=TEXT, format="turtle"))
    if request.param == "turtle file":
        path = tmp_path / "data.ttl"
        path.write_text(TEXT)
        return closure_of_files([path])
    if request.param == "N-Triples file":
        path = tmp_path / "data.nt"
        ox.serialize(quads, output=str(path), format=ox.RdfFormat.N_TRIPLES)
        return closure_of_files([path])
    return closure([quad.triple for quad in quads])


def test_every_kind_of_graph_has_the_same_closure(closed: Closure) -> None:
    expected = closure([quad.triple for quad in ox.parse(TEXT, format=ox.RdfFormat.TURTLE)])
    assert B_IS_JOINED_TO_A in expected
    assert rdflib.compare.isomorphic(closed.to_rdflib(), expected.to_rdflib())


def test_a_closure_can_be_had_as_every_kind_of_graph(closed: Closure, tmp_path: Path) -> None:
    store = closed.to_store()
    graph = closed.to_rdflib()
    written = closed.dump(tmp_path / "out.nt")
    assert len(store) == len(graph) == written == len(closed) == len(set(closed))
    assert B_IS_JOINED_TO_A in {quad.triple for quad in store}
    assert B_IS_JOINED_TO_A in {quad.triple for quad in ox.parse(path=str(tmp_path / "out.nt"))}


def test_prefixes_of_files_reach_the_graph(tmp_path: Path) -> None:
    path = tmp_path / "data.ttl"
    path.write_text(TEXT.replace("@prefix :", "@prefix x:").replace(" :", " x:").replace("\n:", "\nx:"))
    assert ("x", rdflib.URIRef("https://example.org/")) in closure_of_files([path]).to_rdflib().namespaces()
