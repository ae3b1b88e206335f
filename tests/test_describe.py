"""VoID and DCAT descriptions: every count recomputed from the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from pyoxigraph import Literal, NamedNode, Triple

from kg import describe

if TYPE_CHECKING:
    from kg.query.engine import Engine

BASE = "https://example.org/harbour/"
VOID = "http://rdfs.org/ns/void#"
DATASET = NamedNode(f"{BASE}void#dataset")


@pytest.fixture(scope="session")
def store(harbour_engine: Engine) -> ox.Store:
    loaded = ox.Store()
    loaded.load(path=str(harbour_engine.dataset.quads), format=ox.RdfFormat.N_QUADS)
    return loaded


def count(store: ox.Store, query: str) -> int:
    return int(next(iter(store.query(query)))[0].value)


@pytest.mark.parametrize(
    ("term", "query"),
    [
        ("triples", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"),
        ("properties", "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }"),
        ("classes", "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }"),
        ("distinctSubjects", "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }"),
        ("entities", "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c FILTER(isIRI(?s)) }"),
    ],
)
def test_a_count_is_that_of_the_default_graph(store: ox.Store, term: str, query: str) -> None:
    said = count(store, f"SELECT ?n {{ GRAPH <{BASE}graph/void> {{ <{DATASET.value}> <{VOID}{term}> ?n }} }}")
    assert said == count(store, query)


def test_each_class_partition_counts_its_members(store: ox.Store) -> None:
    partitions = store.query(
        f"SELECT ?class ?n {{ GRAPH <{BASE}graph/void> {{ <{DATASET.value}> <{VOID}classPartition> ?p ."
        f" ?p <{VOID}class> ?class ; <{VOID}entities> ?n }} }}"
    )
    rows = [(row["class"].value, int(row["n"].value)) for row in partitions]
    assert rows
    for iri, said in rows:
        assert said == count(store, f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s a <{iri}> }}")


def test_nothing_in_the_description_is_a_blank_node(store: ox.Store) -> None:
    for quad in store.quads_for_pattern(None, None, None, NamedNode(f"{BASE}graph/void")):
        assert not isinstance(quad.subject, ox.BlankNode)
        assert not isinstance(quad.object, ox.BlankNode)


def test_what_a_dataset_says_of_itself_comes_before_the_header_of_its_ontology() -> None:
    title = NamedNode("http://purl.org/dc/terms/title")
    ontology = NamedNode(f"{BASE}ontology")
    a = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    header = {
        Triple(ontology, a, NamedNode("http://www.w3.org/2002/07/owl#Ontology")),
        Triple(ontology, title, Literal("Ontology", language="en")),
    }
    own = Triple(DATASET, title, Literal("Dataset", language="en"))
    assert Triple(DATASET, title, Literal("Ontology", language="en")) in describe.dataset(BASE, header, {}, {})
    titles = {t.object.value for t in describe.dataset(BASE, header | {own}, {}, {}) if t.predicate == title}
    assert titles == {"Dataset"}
