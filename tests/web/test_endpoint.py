from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pyoxigraph
import pytest
import zstandard

from kg.query.remote import RemoteStore
from kg.web.app import create_app
from kg.web.service import service

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from kg.query.dataset import Dataset
    from kg.web.settings import Settings

SELECT = "SELECT ?name { ?s <name> ?name } ORDER BY ?name LIMIT 3"
MANY = "SELECT ?s ?name { ?s <name> ?name }"
LARGE = f'SELECT ?s ("{"x" * 4_000}" AS ?padding) {{ ?s <name> ?o }}'
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def ask(client: FlaskClient, query: str, headers: dict[str, str] | None = None, **parameters: str) -> TestResponse:
    return client.get("/sparql?" + urlencode({"query": query, **parameters}), headers=headers or {})


def test_a_select_is_json_by_default(client: FlaskClient) -> None:
    response = ask(client, SELECT)
    assert response.status_code == 200
    assert response.content_type == "application/sparql-results+json"
    assert [row["name"]["value"] for row in json.loads(response.data)["results"]["bindings"]] == [
        "物 0",
        "物 1",
        "物 10",
    ]


@pytest.mark.parametrize(
    ("accept", "content_type", "start"),
    [
        ("text/csv", "text/csv; charset=utf-8", "name\r\n物 0\r\n"),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8", '?name\n"物 0"@ja\n'),
        ("application/sparql-results+xml", "application/sparql-results+xml; charset=utf-8", '<?xml version="1.0"'),
        ("application/json", "application/json", '{"head"'),
    ],
)
def test_each_format_of_solutions(client: FlaskClient, accept: str, content_type: str, start: str) -> None:
    response = ask(client, SELECT, {"Accept": accept})
    assert response.content_type == content_type
    assert response.data.decode().startswith(start)


@pytest.mark.parametrize("query", ["CONSTRUCT WHERE { ?s <name> ?o } LIMIT 2", "DESCRIBE <thing/1>"])
def test_graphs_are_turtle_by_default(client: FlaskClient, query: str) -> None:
    response = ask(client, query)
    assert response.content_type == "text/turtle; charset=utf-8"
    assert list(pyoxigraph.parse(response.data, format=pyoxigraph.RdfFormat.TURTLE))


def test_the_parameter_format_chooses_too(client: FlaskClient) -> None:
    assert ask(client, SELECT, {"Accept": "text/html"}, format="csv").content_type == "text/csv; charset=utf-8"


def test_nothing_acceptable_is_406_with_what_is_offered(client: FlaskClient) -> None:
    for accept in ("image/png", "text/turtle"):
        response = ask(client, SELECT, {"Accept": accept})
        assert response.status_code == 406
        assert "text/csv" in response.get_json(force=True)["offered"]


def test_a_second_asker_gets_the_cached_answer_and_a_third_304(app: Flask, client: FlaskClient) -> None:
    query = SELECT + " # cached"
    first = ask(client, query)
    before = len(service(app).cache)
    second = ask(client, query)
    assert second.data == first.data
    assert second.headers["ETag"] == first.headers["ETag"]
    assert len(service(app).cache) == before
    third = ask(client, query, {"If-None-Match": first.headers["ETag"]})
    assert (third.status_code, third.data) == (304, b"")
    assert third.headers["ETag"] == first.headers["ETag"]


def test_not_modified_is_answered_without_asking_the_engine(app: Flask, client: FlaskClient) -> None:
    tag = ask(client, MANY).headers["ETag"]
    here = service(app)
    here.cache.clear()
    assert ask(client, MANY, {"If-None-Match": tag}).status_code == 304
    assert len(here.cache) == 0


def test_tags_differ_by_format_dataset_and_query(client: FlaskClient) -> None:
    tags = {
        ask(client, SELECT).headers["ETag"],
        ask(client, SELECT, {"Accept": "text/csv"}).headers["ETag"],
        ask(client, SELECT + " ").headers["ETag"],
        ask(client, SELECT, **{"default-graph-uri": "http://example.org/g1"}).headers["ETag"],
    }
    assert len(tags) == 4


def test_a_volatile_query_is_neither_tagged_nor_kept(client: FlaskClient) -> None:
    response = ask(client, "SELECT (STRUUID() AS ?id) {}")
    assert "ETag" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    assert ask(client, "SELECT (STRUUID() AS ?id) {}").data != response.data


def test_content_codings(client: FlaskClient) -> None:
    plain = ask(client, MANY)
    zipped = ask(client, MANY, {"Accept-Encoding": "gzip"})
    zstd = ask(client, MANY, {"Accept-Encoding": "gzip, zstd"})
    assert (zipped.headers["Content-Encoding"], zstd.headers["Content-Encoding"]) == ("gzip", "zstd")
    assert gzip.decompress(zipped.data) == plain.data
    assert zstandard.ZstdDecompressor().decompress(zstd.data) == plain.data
    assert len({r.headers["ETag"] for r in (plain, zipped, zstd)}) == 3
    assert "Content-Encoding" not in ask(client, MANY, {"Accept-Encoding": "gzip;q=0, identity"}).headers
    assert "Content-Encoding" not in ask(client, SELECT, {"Accept-Encoding": "gzip"}).headers
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_a_coded_answer_is_not_modified_either(client: FlaskClient) -> None:
    tag = ask(client, MANY, {"Accept-Encoding": "gzip"}).headers["ETag"]
    again = ask(client, MANY, {"Accept-Encoding": "gzip", "If-None-Match": tag})
    assert (again.status_code, again.headers["ETag"]) == (304, tag)


def test_not_modified_repeats_the_tag_that_the_client_has(client: FlaskClient) -> None:
    # A small answer is sent as it is, whatever codings its client takes; a cache updates what it has by the tag.
    for query, accepted in ((SELECT, "gzip"), (MANY, "gzip"), (MANY, "identity")):
        tag = ask(client, query, {"Accept-Encoding": accepted}).headers["ETag"]
        again = ask(client, query, {"Accept-Encoding": "zstd, gzip;q=0.5", "If-None-Match": f'"x", W/{tag}'})
        assert (again.status_code, again.headers["ETag"]) == (304, tag)
    made_up = '"' + ask(client, MANY).headers["ETag"].strip('"') + 'x"'
    assert ask(client, MANY, {"If-None-Match": made_up}).status_code == 200


def test_a_large_answer_is_not_sent_again_to_who_has_it_by_a_weak_tag(client: FlaskClient) -> None:
    first = ask(client, LARGE, {"Accept": "text/csv"})
    first.close()
    again = ask(client, LARGE, {"Accept": "text/csv", "If-None-Match": f"W/{first.headers['ETag']}"})
    assert (again.status_code, again.data) == (304, b"")


def test_a_post_has_no_representation_to_be_unmodified_but_a_query_has(client: FlaskClient) -> None:
    def send(method: str, headers: dict[str, str]) -> TestResponse:
        return client.open(
            "/sparql", method=method, data="ASK {}", content_type="application/sparql-query", headers=headers
        )

    tag = send("QUERY", {}).headers["ETag"]
    assert send("QUERY", {"If-None-Match": tag}).status_code == 304
    assert send("POST", {"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
def test_an_answer_too_large_for_memory_is_whole_and_has_its_length(client: FlaskClient, coding: str) -> None:
    response = ask(client, LARGE, {"Accept": "text/csv", "Accept-Encoding": coding})
    data = response.data
    assert response.content_length == len(data)
    decode = {"identity": bytes, "gzip": gzip.decompress}.get(coding)
    text = decode(data) if decode else zstandard.ZstdDecompressor().decompressobj().decompress(data)
    assert text.count(b"\n") == 501
    response.close()


def test_an_answer_over_the_limit_is_a_problem_not_half_an_answer(client: FlaskClient) -> None:
    response = ask(client, LARGE.replace("x" * 4_000, "x" * 20_000))
    assert response.status_code == 503
    assert response.get_json(force=True)["limit_bytes"] == 8 << 20


@pytest.mark.parametrize(
    ("query", "status", "kind"),
    [
        ("SELECT *", 400, "query-syntax"),
        ("DELETE WHERE { ?s ?p ?o }", 400, "query-syntax"),
        ("SELECT (<http://e/f>(1) AS ?x) {}", 400, "query-failed"),
        ("SELECT * " + "{" * 600 + "}" * 600, 400, "query-too-complex"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/x> { ?s ?p ?o } }", 403, "federation-not-offered"),
        (ENDLESS, 503, "timeout"),
    ],
)
def test_each_failure_of_a_query_is_its_own_problem(client: FlaskClient, query: str, status: int, kind: str) -> None:
    response = ask(client, query)
    problem = response.get_json(force=True)
    assert response.status_code == problem["status"] == status
    assert response.content_type == "application/problem+json"
    assert problem["type"] == f"http://kg.test/problems/{kind}"
    assert problem["request_id"] == response.headers["X-Request-ID"]
    assert response.headers["Cache-Control"] == "no-store"


def test_a_store_elsewhere_that_is_away_is_a_bad_gateway(web_dataset: Dataset, web_settings: Settings) -> None:
    client = create_app(RemoteStore("http://127.0.0.1:1/", web_dataset), web_settings).test_client()
    response = ask(client, "ASK {}")
    assert (response.status_code, response.content_type) == (502, "application/problem+json")
    assert response.get_json(force=True)["type"] == "http://kg.test/problems/bad-gateway"
    assert client.get("/health").status_code == 503


def test_a_syntax_error_says_where(client: FlaskClient) -> None:
    problem = ask(client, "SELECT *\nWHERE { ?s ?p }").get_json(force=True)
    assert problem["line"] == 2
    assert problem["column"] > 1


def test_a_client_may_shorten_the_limit_but_not_lengthen_it(client: FlaskClient) -> None:
    assert ask(client, ENDLESS, timeout="0.1").get_json(force=True)["limit_seconds"] == 0.1
    assert ask(client, ENDLESS, timeout="100").get_json(force=True)["limit_seconds"] == 1.0


def test_a_body_over_the_limit_is_413(client: FlaskClient) -> None:
    response = client.post("/sparql", data=b"#" * 70_000, content_type="application/sparql-query")
    assert response.status_code == 413
    assert response.get_json(force=True)["limit_bytes"] == 64 << 10


def test_head_has_the_headers_of_get_and_no_body(client: FlaskClient) -> None:
    get = ask(client, SELECT)
    head = client.head("/sparql?" + urlencode({"query": SELECT}))
    assert head.data == b""
    for name in ("Content-Type", "Content-Length", "ETag"):
        assert head.headers[name] == get.headers[name]


def test_the_query_method_and_the_slash_at_the_end(client: FlaskClient) -> None:
    response = client.open("/sparql/", method="QUERY", data="ASK {}", content_type="application/sparql-query")
    assert response.get_json(force=True) == {"head": {}, "boolean": True}


def test_options_and_cross_origin_requests(client: FlaskClient) -> None:
    response = client.options("/sparql", headers={"Origin": "http://x", "Access-Control-Request-Method": "POST"})
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert response.headers["Allow"] == "GET, HEAD, POST, QUERY, OPTIONS"
    assert "application/sparql-query" in response.headers["Accept-Query"]
    assert "Accept-Query" not in client.options("/store").headers


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "PROPFIND", "TRACE"])
def test_a_refusal_names_the_methods_that_there_are(client: FlaskClient, method: str) -> None:
    for path, allowed in (
        ("/sparql", "GET, HEAD, POST, QUERY, OPTIONS"),
        ("/store?default", "GET, HEAD, OPTIONS"),
        ("/health", "GET, HEAD, OPTIONS"),
    ):
        response = client.open(path, method=method)
        assert (response.status_code, response.headers["Allow"]) == (405, allowed)
        assert allowed in response.get_json(force=True)["detail"]


def test_the_service_description_tells_that_the_method_query_is_there(client: FlaskClient) -> None:
    response = client.get("/sparql")
    assert "application/sparql-query" in response.headers["Accept-Query"]
    assert "Accept-Query" in response.headers["Access-Control-Expose-Headers"]


def test_a_browser_gets_the_editor_and_nothing_inline(client: FlaskClient) -> None:
    query = 'SELECT * { ?s ?p "<script>" }'
    response = ask(client, query, {"Accept": "text/html,*/*;q=0.8"})
    assert response.content_type == "text/html; charset=utf-8"
    assert "&lt;script&gt;" in response.text
    assert "<script>" not in response.text
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_another_editor_can_be_put_in_its_place(app: Flask, client: FlaskClient) -> None:
    here = service(app)
    here.editor = lambda operation: f"<p>{operation.text if operation else 'none'}</p>"
    try:
        assert ask(client, "ASK {}", {"Accept": "text/html"}).text == "<p>ASK {}</p>"
        assert client.get("/sparql", headers={"Accept": "text/html"}).text == "<p>none</p>"
    finally:
        here.editor = None


def test_the_graph_store_reads_graphs(client: FlaskClient) -> None:
    default = client.get("/store?default", headers={"Accept": "application/n-triples"})
    assert default.data.count(b"\n") == 500
    named = client.get("/store?graph=http://example.org/g1", headers={"Accept": "application/n-triples"})
    assert named.data == b"<http://example.org/a> <http://example.org/in> <http://example.org/g1> .\n"
    assert client.get("/store?graph=http://example.org/none").status_code == 404
    assert client.head("/store?default").content_length
    refused = client.put("/store?default", data="", content_type="text/turtle")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_errors_of_the_framework_are_problems_too(client: FlaskClient, accept: str) -> None:
    missing = client.get("/no<b>thing", headers={"Accept": accept})
    assert missing.status_code == 404
    assert missing.content_type.startswith("text/html" if accept == "text/html" else "application/problem+json")
    assert "<b>" not in missing.text
    wrong = client.delete("/health", headers={"Accept": accept})
    assert wrong.status_code == 405
    assert "GET" in wrong.headers["Allow"]


def test_a_fault_of_the_server_is_a_500_without_a_traceback(app: Flask, client: FlaskClient) -> None:
    here = service(app)

    def fail(operation: object) -> str:
        message = "secret path /etc"
        raise RuntimeError(message)

    here.editor = fail
    try:
        response = client.get("/sparql", headers={"Accept": "text/html"})
    finally:
        here.editor = None
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "Traceback" not in response.text


def test_every_kind_of_problem_is_explained_at_its_type(client: FlaskClient) -> None:
    problem = ask(client, "SELECT *").get_json(force=True)
    page = client.get(problem["type"].removeprefix("http://kg.test"), headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert problem["title"] in page.text
    assert client.get("/problems/none").status_code == 404


def test_health_tells_the_build(client: FlaskClient) -> None:
    health = client.get("/health").get_json()
    assert health["status"] == "ready"
    assert health["triples"] == 500
    assert len(health["digest"]) == 64
    assert client.get("/health/live").get_json() == {"status": "live"}


def test_metrics_count_queries_by_outcome(client: FlaskClient) -> None:
    def count(outcome: str) -> float:
        text = client.get("/metrics").text
        lines = [line for line in text.splitlines() if line.startswith(f'kg_queries_total{{outcome="{outcome}"}}')]
        return float(lines[0].split()[-1]) if lines else 0.0

    before = count("query-syntax")
    ask(client, "SELECT *")
    assert count("query-syntax") == before + 1
    for name in (
        "kg_workers_idle",
        "kg_worker_restarts_total",
        "kg_query_seconds_bucket",
        "kg_queue",
        "kg_cache_bytes",
    ):
        assert name in client.get("/metrics").text


def test_security_headers_are_on_every_response(client: FlaskClient) -> None:
    for path in ("/sparql", "/health", "/nothing", "/problems/busy"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "Content-Security-Policy" in headers
