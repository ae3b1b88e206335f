from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pyoxigraph
import pytest
from pyoxigraph import NamedNode, RdfFormat

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from kg.query.engine import Engine

    Get = Callable[..., TestResponse]

BASE = "https://example.org/harbour/"
# Addresses that the descriptions name but that are no documents in several formats.
SERVICES = {f"{BASE}sparql"} | {f"{BASE}download/graph.{e}" for e in ("ttl", "nt", "nq", "trig", "jsonld", "rdf")}


def test_every_iri_of_the_graph_resolves_in_html_and_turtle(engine: Engine, client: FlaskClient) -> None:
    text = """SELECT DISTINCT ?iri WHERE {
      { GRAPH ?g { ?iri ?p ?o } } UNION { GRAPH ?g { ?s ?iri ?o } } UNION { GRAPH ?g { ?s ?p ?iri } }
      UNION { GRAPH ?iri { ?s ?p ?o } }
      FILTER(isIRI(?iri) && STRSTARTS(STR(?iri), "https://example.org/harbour/")) }"""
    iris = {row["iri"].value for row in engine.select(text) if isinstance(row["iri"], NamedNode)} - SERVICES
    documents = {iri.partition("#")[0].removeprefix(BASE) for iri in iris}
    assert {
        "ontology",
        "ontology/1.0.0",
        "source/ledger",
        "shapes",
        "void",
        "graph/inferred",
        "id/ship/鶴",
    } <= documents
    for rest in sorted(documents - {f"id/ship/s{n:03}" for n in range(2, 130)}):
        for accept in ("text/html", "text/turtle"):
            response = client.get(f"/{quote(rest)}", headers={"Accept": accept}, follow_redirects=True)
            assert response.status_code == 200, (rest, accept)
            assert response.headers["Content-Type"] == f"{accept}; charset=utf-8", rest


def test_every_address_that_the_descriptions_name_answers(client: FlaskClient) -> None:
    for address in sorted(SERVICES):
        assert client.get(urlsplit(address).path.removeprefix("/harbour")).status_code == 200, address


def test_a_thing_answers_303_to_its_one_document(get: Get) -> None:
    for accept in ("text/html", "text/turtle", "*/*"):
        response = get("/id/ship/heron", accept)
        assert response.status_code == 303
        assert response.headers["Location"] == "/doc/ship/heron"


@pytest.mark.parametrize(
    ("accept", "type_", "syntax"),
    [
        ("text/turtle", "text/turtle; charset=utf-8", RdfFormat.TURTLE),
        ("application/ld+json", "application/ld+json", RdfFormat.JSON_LD),
        ("application/rdf+xml", "application/rdf+xml; charset=utf-8", RdfFormat.RDF_XML),
        ("application/n-triples", "application/n-triples", RdfFormat.N_TRIPLES),
        ("text/turtle;q=0.5, application/n-triples;q=0.9", "application/n-triples", RdfFormat.N_TRIPLES),
    ],
)
def test_a_document_is_negotiated(get: Get, accept: str, type_: str, syntax: RdfFormat) -> None:
    response = get("/doc/ship/heron", accept)
    assert response.headers["Content-Type"] == type_
    triples = {quad.triple for quad in pyoxigraph.parse(response.data, format=syntax)}
    heron, visits = NamedNode(f"{BASE}id/ship/heron"), NamedNode(f"{BASE}ontology#visits")
    assert pyoxigraph.Triple(heron, visits, NamedNode(f"{BASE}id/port/saltmouth")) in triples
    assert not any("mastCount" in str(t) and '"3"' in str(t) for t in triples), "a rejected fact is not accepted"


def test_a_document_names_its_formats_and_what_it_describes(get: Get) -> None:
    response = get("/doc/ship/heron", "text/turtle")
    assert response.headers["Content-Location"] == "/doc/ship/heron.ttl"
    assert "Accept" in response.headers["Vary"]
    links = response.headers["Link"]
    assert f'<{BASE}id/ship/heron>; rel="describes"' in links
    assert '</doc/ship/heron.jsonld>; rel="alternate"; type="application/ld+json"' in links
    assert '</doc/ship/heron.html>; rel="alternate"; type="text/html"' in links
    assert f'<{BASE}id/ship/heron>; rel="cite-as"' in links


@pytest.mark.parametrize("ending", ["ttl", "jsonld", "rdf", "nt", "html"])
def test_an_address_with_a_format_gives_that_format(get: Get, ending: str) -> None:
    response = get(f"/doc/ship/heron.{ending}", "application/json")
    assert response.status_code == 200
    assert response.headers["Content-Location"] == f"/doc/ship/heron.{ending}"


def test_a_source_comes_with_its_passages_as_graphs(get: Get) -> None:
    response = get("/source/ledger", "application/trig")
    graphs = {str(quad.graph_name) for quad in pyoxigraph.parse(response.data, format=RdfFormat.TRIG)}
    assert f"<{BASE}source/ledger#p2s1>" in graphs


def test_a_format_that_a_document_lacks_is_not_found(get: Get) -> None:
    assert get("/doc/ship/heron.trig").status_code == 404


def test_an_unacceptable_type_lists_those_that_are_offered(get: Get) -> None:
    response = get("/doc/ship/heron", "image/png")
    assert response.status_code == 406
    assert response.headers["Content-Type"] == "application/problem+json"
    assert "text/turtle" in response.get_json()["offered"]


@pytest.mark.parametrize(
    "address", ["/id/ship/none", "/doc/ship/none", "/doc/ship/none.ttl", "/graph/none", "/x/%00%ff"]
)
def test_an_unknown_address_is_a_problem(get: Get, address: str) -> None:
    response = get(address, "application/ld+json, application/problem+json")
    assert response.status_code == 404
    assert response.get_json()["type"].endswith("/problems/not-found")


def test_an_iri_that_is_not_ascii_goes_there_and_back(get: Get) -> None:
    first = get(quote("/id/ship/鶴"))
    assert first.status_code == 303
    assert first.headers["Location"] == quote("/doc/ship/鶴")
    second = get(first.headers["Location"], "text/turtle")
    assert second.status_code == 200
    subjects = {str(quad.subject) for quad in pyoxigraph.parse(second.data, format=RdfFormat.TURTLE)}
    assert f"<{BASE}id/ship/鶴>" in subjects
    assert second.headers["Content-Location"] == quote("/doc/ship/鶴.ttl")


def test_head_is_get_without_content(client: FlaskClient) -> None:
    for address in ("/", "/doc/ship/heron", "/source/ledger", "/ontology", "/download/graph.nt", "/fact"):
        got, head = client.get(address), client.head(address)
        assert head.status_code == got.status_code
        assert head.data == b""
        assert head.headers.get("ETag") == got.headers.get("ETag")


def test_an_answer_is_validated_by_its_entity_tag(get: Get) -> None:
    first = get("/doc/ship/heron", "text/turtle")
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    again = get("/doc/ship/heron", "text/turtle", If_None_Match=tag)
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == tag
    assert get("/doc/ship/heron", "application/n-triples", If_None_Match=tag).status_code == 200
    assert get("/doc/port/saltmouth", "text/turtle", If_None_Match=tag).status_code == 200


def test_the_well_known_address_leads_to_the_description(get: Get) -> None:
    response = get("/.well-known/void", "text/turtle")
    assert response.status_code == 302
    assert response.headers["Location"] == "/void"


def test_the_version_of_the_ontology_is_the_ontology(get: Get) -> None:
    assert get("/ontology/1.0.0", "application/n-triples").data == get("/ontology", "application/n-triples").data


def test_a_term_of_another_vocabulary_has_a_page_too(get: Get) -> None:
    response = get("/describe?iri=https://w3id.org/ai-diplomacy/ontology%23Source")
    assert response.status_code == 200
    assert "The Ledger" in response.text
    assert get("/describe?iri=ship:heron").headers["Location"] == "/doc/ship/heron"
    assert get("/describe?iri=nonsense").status_code == 400


def test_links_stay_below_the_path_under_which_the_application_is_mounted(client: FlaskClient) -> None:
    response = client.get("/id/ship/heron", environ_overrides={"SCRIPT_NAME": "/kg"})
    assert response.headers["Location"] == "/kg/doc/ship/heron"
    page = client.get("/doc/ship/heron", headers={"Accept": "text/html"}, environ_overrides={"SCRIPT_NAME": "/kg"})
    assert 'href="/kg/doc/port/saltmouth"' in page.text
    assert 'href="/doc/' not in page.text


def test_a_page_of_one_property_does_not_pass_for_the_document(get: Get) -> None:
    response = get("/doc/port/saltmouth?out=h:isVisitedBy")
    assert "Content-Location" not in response.headers
    assert "alternate" not in response.headers["Link"]
