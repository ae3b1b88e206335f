"""The clients that Python programs use, against a real server."""

from __future__ import annotations

import io
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore

if TYPE_CHECKING:
    from live_server import LiveServer

NAMES = "SELECT ?s ?name { ?s <http://example.org/name> ?name } ORDER BY ?s LIMIT 3"
CONSTRUCT = "CONSTRUCT { ?s <http://example.org/is> ?n } { ?s <http://example.org/name> ?n }"
FIRST = "http://example.org/thing/0"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("how", ["urlencoded", "postdirectly"])
def test_sparqlwrapper(live: LiveServer, method: str, how: str) -> None:
    wrapper_module = pytest.importorskip("SPARQLWrapper")
    wrapper = wrapper_module.SPARQLWrapper(live.url + "/sparql")
    wrapper.setMethod(method)
    if method == "POST":
        wrapper.setRequestMethod(how)
    wrapper.setQuery(NAMES)
    wrapper.setReturnFormat(wrapper_module.JSON)
    rows: Any = wrapper.query().convert()
    assert rows["results"]["bindings"][0]["name"] == {"type": "literal", "xml:lang": "ja", "value": "物 0"}
    wrapper.setReturnFormat(wrapper_module.XML)
    assert "物 0" in wrapper.query().convert().toxml()
    wrapper.setReturnFormat(wrapper_module.CSV)
    assert "物 0" in wrapper.query().convert().decode()
    wrapper.setQuery(CONSTRUCT)
    for format_ in (wrapper_module.TURTLE, wrapper_module.RDFXML, wrapper_module.JSONLD):
        wrapper.setReturnFormat(format_)
        graph = wrapper.query().convert()
        parsed = graph if isinstance(graph, rdflib.Graph) else rdflib.Graph().parse(data=graph, format="turtle")
        assert len(parsed) == 500


def test_sparqlwrapper_recognises_a_bad_query(live: LiveServer) -> None:
    wrapper_module = pytest.importorskip("SPARQLWrapper")
    wrapper = wrapper_module.SPARQLWrapper(live.url + "/sparql")
    wrapper.setQuery("SELECT *")
    with pytest.raises(wrapper_module.SPARQLExceptions.QueryBadFormed):
        wrapper.query()


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_as_a_store(live: LiveServer, method: str) -> None:
    graph = rdflib.Graph(SPARQLStore(live.url + "/sparql", method=method))
    thing = rdflib.URIRef(FIRST)
    assert list(graph.objects(thing, rdflib.URIRef("http://example.org/name"))) == [rdflib.Literal("物 0", lang="ja")]
    assert next(str(row["name"]) for row in graph.query(NAMES)) == "物 0"
    assert graph.query("ASK {}").askAnswer
    assert len(graph.query(CONSTRUCT).graph or ()) == 500


def test_rdflib_federates_to_the_endpoint(live: LiveServer) -> None:
    query = f"SELECT ?n {{ SERVICE <{live.url}/sparql> {{ <{FIRST}> <http://example.org/name> ?n }} }}"
    assert [str(row[0]) for row in rdflib.Graph().query(query)] == ["物 0"]


def test_rdflib_parses_a_graph_by_its_address(live: LiveServer) -> None:
    assert len(rdflib.Graph().parse(f"{live.url}/store?default")) == 500


def test_pandas_reads_csv(live: LiveServer) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(f"{live.url}/sparql?" + urlencode({"query": NAMES, "format": "csv"}))
    assert list(frame.columns) == ["s", "name"]
    assert next(iter(frame["name"])) == "物 0"


def test_the_standard_library_reads_a_compressed_answer(live: LiveServer) -> None:
    import gzip

    address = f"{live.url}/sparql?" + urlencode({"query": NAMES.replace("LIMIT 3", "")})
    request = urllib.request.Request(address, headers={"Accept": "text/csv", "Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as response:
        text = gzip.GzipFile(fileobj=io.BytesIO(response.read())).read().decode()
    assert text.count("\r\n") == 501
