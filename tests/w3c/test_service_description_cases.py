"""The three W3C cases of Service Description, and those of the Graph Store Protocol that only read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph
import pytest
from pyoxigraph import NamedNode, RdfFormat

from kg.query.dataset import Dataset
from kg.web.app import create_app
from kg.web.service import service
from kg.web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

SD = "http://www.w3.org/ns/sparql-service-description#"
RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
URL = "http://www.example"
# Domain and range of the properties used, from section 3.2 and 3.4 of the recommendation.
DOMAINS = {
    "endpoint": "Service",
    "supportedLanguage": "Service",
    "resultFormat": "Service",
    "defaultEntailmentRegime": "Service",
    "defaultDataset": "Service",
    "defaultGraph": "Dataset",
    "namedGraph": "Dataset",
    "name": "NamedGraph",
    "graph": "NamedGraph",
}
RANGES = {"defaultDataset": "Dataset", "defaultGraph": "Graph", "namedGraph": "NamedGraph", "graph": "Graph"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    path: Path = tmp_path_factory.mktemp("sd") / "graph.nq"
    path.write_text(
        "<http://e/a> <http://e/b> <http://e/c> .\n<http://e/a> <http://e/b> 'x'@en <http://e/g> .\n".replace("'", '"')
    )
    app = create_app(Dataset.of_quads(path, "http://e/"), Settings(workers=1, url=URL))
    yield app.test_client()
    service(app).close()


def described(client: FlaskClient) -> list[pyoxigraph.Quad]:
    response = client.get("/sparql")
    assert response.status_code == 200
    return list(pyoxigraph.parse(response.data, format=RdfFormat.from_media_type(response.content_type)))


def test_get_on_the_endpoint_returns_rdf(client: FlaskClient) -> None:
    assert described(client)


def test_the_description_contains_a_matching_endpoint_triple(client: FlaskClient) -> None:
    endpoints = {quad.object for quad in described(client) if quad.predicate.value == SD + "endpoint"}
    assert endpoints == {NamedNode(URL + "/sparql")}


def test_the_description_conforms_to_the_schema(client: FlaskClient) -> None:
    quads = described(client)
    types = {(quad.subject, quad.object.value.removeprefix(SD)) for quad in quads if quad.predicate == RDF_TYPE}
    used = {quad.predicate.value.removeprefix(SD) for quad in quads if quad.predicate.value.startswith(SD)}
    assert used == DOMAINS.keys()
    for quad in quads:
        name = quad.predicate.value.removeprefix(SD)
        if name in DOMAINS:
            assert (quad.subject, DOMAINS[name]) in types
        if name in RANGES:
            assert (quad.object, RANGES[name]) in types


@pytest.mark.parametrize(
    "accept", ["text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"]
)
def test_the_description_comes_in_every_format(client: FlaskClient, accept: str) -> None:
    response = client.get("/sparql", headers={"Accept": accept})
    assert response.content_type.startswith(accept)
    assert list(pyoxigraph.parse(response.data, format=RdfFormat.from_media_type(accept)))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(("graph", "status"), [("default", 200), ("graph=http://e/g", 200), ("graph=http://e/no", 404)])
def test_reads_of_the_graph_store(client: FlaskClient, method: str, graph: str, status: int) -> None:
    response = client.open("/store?" + graph, method=method, headers={"Accept": "application/n-triples"})
    assert response.status_code == status
    assert (response.data == b"") == (method == "HEAD")


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_writes_to_the_graph_store_are_not_allowed(client: FlaskClient, method: str) -> None:
    response = client.open("/store?default", method=method, data="", content_type="text/turtle")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
