"""The W3C cases of the SPARQL 1.1 Protocol as data, and what is wrong with a response to one of their requests."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph
from rdflib import Graph, Namespace
from rdflib.collection import Collection

if TYPE_CHECKING:
    from rdflib.term import Node

SUITES = Path(__file__).resolve().parents[3] / "shared" / "suites"
MANIFEST = SUITES / "rdf-tests" / "sparql" / "sparql11" / "protocol" / "manifest.ttl"
DATASET = SUITES / "protocol" / "protocol-dataset.trig"
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
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Exchange:
    """A request of a case, and what is expected of the response."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    statuses: frozenset[str]
    format: str | None
    boolean: bool | None

    @property
    def is_update(self) -> bool:
        """Whether it asks for an update; other requests of such a case ask what the update did."""
        return self.body.startswith(b"update=") or "sparql-update" in self.headers.get("content-type", "")


def cases() -> dict[str, list[Exchange]]:
    """Return the requests of each case by its name, or nothing if the suites are not beside the repository."""
    if not MANIFEST.is_file():
        return {}
    graph = Graph().parse(MANIFEST)
    (entries,) = graph.objects(None, MF.entries)
    found: dict[str, list[Exchange]] = {}
    for case in Collection(graph, entries):
        requests = graph.value(graph.value(case, MF.action), HT.requests)
        found[str(case).rpartition("#")[2]] = [_exchange(graph, node) for node in Collection(graph, requests)]
    return found


def updates(found: dict[str, list[Exchange]]) -> set[str]:
    """Return the names of the cases that update, which a read-only endpoint refuses."""
    return {name for name in found if name.startswith("update_")}


def write_dataset(path: Path) -> None:
    """Write the graphs that the cases ask for as N-Quads."""
    pyoxigraph.serialize(pyoxigraph.parse(path=DATASET), path, format=pyoxigraph.RdfFormat.N_QUADS)


def faults(step: Exchange, status: int, content_type: str, body: bytes) -> list[str]:
    """Return what is wrong with a response: against what the manifest expects, or an error that is no problem."""
    found = []
    if f"{status // 100}xx" not in step.statuses:
        found.append(f"status {status}")
    if status >= 400 and _problem(content_type, body).get("status") != status:
        found.append("no problem that says the status")
    if step.format is not None and content_type.split(";")[0] not in FORMATS[step.format]:
        found.append(f"type {content_type}")
    if step.boolean is not None and json.loads(body)["boolean"] is not step.boolean:
        found.append("wrong answer")
    return found


def refusal_faults(status: int, content_type: str, body: bytes) -> list[str]:
    """Return what is wrong with a response that ought to refuse an update."""
    found = [] if status == 403 else [f"status {status}"]
    if not str(_problem(content_type, body).get("type")).endswith("/problems/read-only"):
        found.append("not the problem read-only")
    return found


def _problem(content_type: str, body: bytes) -> dict[str, Any]:
    if content_type != PROBLEM:
        return {}
    problem: dict[str, Any] = json.loads(body)
    return problem


def _exchange(graph: Graph, node: Node) -> Exchange:
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
