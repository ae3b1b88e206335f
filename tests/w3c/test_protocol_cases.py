"""The 34 W3C cases of the SPARQL 1.1 Protocol: 27 pass as they are, 7 are updates and refused with a problem."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph
import pytest
from rdflib import Graph, Namespace
from rdflib.collection import Collection

from kg.query.dataset import Dataset
from kg.web.app import create_app
from kg.web.service import service
from kg.web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from rdflib.term import Node

SUITES = Path(__file__).resolve().parents[3] / "shared" / "suites"
MANIFEST = SUITES / "rdf-tests" / "sparql" / "sparql11" / "protocol" / "manifest.ttl"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
FORMATS = {
    "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
    "tabular": {
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
    },
    "RDF": {"text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"},
}


@dataclass(frozen=True)
class Exchange:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    statuses: frozenset[str]
    format: str | None
    boolean: bool | None


def cases() -> dict[str, list[Exchange]]:
    if not MANIFEST.is_file():
        return {}
    graph = Graph().parse(MANIFEST)
    (entries,) = graph.objects(None, MF.entries)
    found: dict[str, list[Exchange]] = {}
    for case in Collection(graph, entries):
        requests = graph.value(graph.value(case, MF.action), HT.requests)
        found[str(case).rpartition("#")[2]] = [exchange(graph, node) for node in Collection(graph, requests)]
    return found


def exchange(graph: Graph, node: Node) -> Exchange:
    fields = graph.value(node, HT.headers)
    headers = {
        str(graph.value(field, HT.fieldName)): str(graph.value(field, HT.fieldValue))
        for field in (Collection(graph, fields) if fields is not None else ())
    }
    content = graph.value(node, HT.body)
    text = str(graph.value(content, CNT.chars)) if content is not None else ""
    encoding = str(graph.value(content, CNT.characterEncoding) or "utf-8") if content is not None else "utf-8"
    response = graph.value(node, HT.resp)
    format_ = graph.value(response, MF.expectedFormat)
    boolean = graph.value(response, MF.expectedBoolean)
    return Exchange(
        method=str(graph.value(node, HT.methodName)),
        path=str(graph.value(node, HT.absolutePath)),
        headers=headers,
        body=text.encode(encoding),
        statuses=frozenset(str(s)[-3:] for s in graph.objects(response, MF.expectedStatus)),
        format=None if format_ is None else str(format_),
        boolean=None if boolean is None else str(boolean) == "true",
    )


CASES = cases()
UPDATES = {name for name in CASES if name.startswith("update_")}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    path = tmp_path_factory.mktemp("protocol") / "graph.nq"
    quads = pyoxigraph.parse(path=SUITES / "protocol" / "protocol-dataset.trig")
    pyoxigraph.serialize(quads, path, format=pyoxigraph.RdfFormat.N_QUADS)
    app = create_app(Dataset.of_quads(path, "http://example.org/"), Settings(workers=2))
    yield app.test_client()
    service(app).close()


def test_the_suite_is_whole() -> None:
    if not CASES:
        pytest.skip("the conformance suites are not beside the repository")
    assert len(CASES) == 34
    assert len(UPDATES) == 7


@pytest.mark.parametrize("name", sorted(CASES.keys() - UPDATES))
def test_a_case_gets_the_response_that_the_manifest_expects(client: FlaskClient, name: str) -> None:
    for step in CASES[name]:
        response = client.open(step.path, method=step.method, headers=step.headers, data=step.body)
        assert f"{response.status_code // 100}xx" in step.statuses
        if response.status_code >= 400:
            assert response.content_type == "application/problem+json"
            assert response.get_json(force=True)["status"] == response.status_code
        if step.format is not None:
            assert response.content_type.split(";")[0] in FORMATS[step.format]
        if step.boolean is not None:
            assert json.loads(response.data)["boolean"] is step.boolean


def is_update(step: Exchange) -> bool:
    return step.body.startswith(b"update=") or "sparql-update" in step.headers.get("content-type", "")


@pytest.mark.parametrize("name", sorted(UPDATES))
def test_an_update_is_refused_with_a_problem(client: FlaskClient, name: str) -> None:
    # The other requests of these cases ask what the update did.
    updates = [step for step in CASES[name] if is_update(step)]
    assert updates
    for step in updates:
        response = client.open(step.path, method=step.method, headers=step.headers, data=step.body)
        assert response.status_code == 403
        assert response.get_json(force=True)["type"].endswith("/problems/read-only")
