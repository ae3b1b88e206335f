from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.web.problems import Problem
from kg.web.protocol import (
    FORM,
    QUERY_TEXT,
    UPDATE_TEXT,
    GraphRead,
    Query,
    Request,
    ServiceDescription,
    read_graph,
    read_operation,
)

ASK = "ASK {}"
G1, G2 = "http://e/g1", "http://e/g2"


def post(
    body: str | bytes, content_type: str | None, query_string: str = "", method: str = "POST", **more: str
) -> Request:
    content = body.encode() if isinstance(body, str) else body
    return Request(method, query_string, content_type, more.get("encoding"), content)


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", urlencode({"query": ASK})),
        Request("HEAD", urlencode({"query": ASK})),
        Request("GET", urlencode({"query": ASK, "unknown": "1", "ac": "1"})),
        post(urlencode({"query": ASK}), FORM),
        post(urlencode({"query": ASK}), FORM + "; charset=UTF-8"),
        post(ASK, QUERY_TEXT),
        post(ASK, "Application/SPARQL-Query;charset=utf-8"),
        post(ASK, QUERY_TEXT, method="QUERY"),
        post(urlencode({"query": ASK}), FORM, method="QUERY"),
        post("", FORM, urlencode({"query": ASK})),
        Request("GET", urlencode({"query": ASK, "version": "1.2"})),
        Request("GET", urlencode({"query": ASK, "format": "turtle", "output": "turtle", "results": "turtle"})),
    ],
)
def test_each_way_to_send_a_query(request_: Request) -> None:
    assert read_operation(request_) == Query(ASK)


@pytest.mark.parametrize("place", ["get", "form", "direct"])
def test_dataset_parameters_may_repeat(place: str) -> None:
    graphs = [("default-graph-uri", G1), ("default-graph-uri", G2), ("named-graph-uri", G1)]
    request = {
        "get": Request("GET", urlencode([("query", ASK), *graphs])),
        "form": post(urlencode([("query", ASK), *graphs[:1]]), FORM, urlencode(graphs[1:])),
        "direct": post(ASK, QUERY_TEXT, urlencode(graphs)),
    }[place]
    operation = read_operation(request)
    assert isinstance(operation, Query)
    assert set(operation.default_graphs or ()) == {G1, G2}
    assert operation.named_graphs == (G1,)


def test_one_kind_of_graph_makes_the_other_empty() -> None:
    assert read_operation(Request("GET", urlencode({"query": ASK, "named-graph-uri": G1}))) == Query(ASK, (), (G1,))


def test_extensions() -> None:
    request = Request("GET", urlencode({"query": ASK, "timeout": "2.5", "format": "csv"}))
    assert read_operation(request) == Query(ASK, seconds=2.5, format="csv")


@pytest.mark.parametrize("query_string", ["", "unknown=1"])
def test_no_query_asks_for_the_service_description(query_string: str) -> None:
    assert read_operation(Request("GET", query_string)) == ServiceDescription()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (Request("PUT"), 405),
        (Request("DELETE", urlencode({"query": ASK})), 405),
        (Request("GET", "query=ASK%7B%7D&query=ASK%7B%7D"), 400),
        (Request("GET", "default-graph-uri=http://e/g"), 400),
        (Request("GET", urlencode({"update": "DROP ALL"})), 403),
        (post("update=x", FORM), 403),
        (post("DROP ALL", UPDATE_TEXT), 403),
        (post("query=a&query=b", FORM), 400),
        (post("query=a", FORM, "query=a"), 400),
        (post(ASK, QUERY_TEXT, "query=a"), 400),
        (post("", FORM), 400),
        (post(ASK, "text/plain"), 415),
        (post(ASK, None), 415),
        (post(ASK, "multipart/form-data; boundary=x"), 415),
        (post(ASK.encode("utf-16"), QUERY_TEXT + "; charset=UTF-16"), 415),
        (post(ASK, QUERY_TEXT, encoding="gzip"), 415),
        (post(b"ASK { ?s ?p '\xc3(' }", QUERY_TEXT), 400),
        (post(b"query=%C3%28", FORM), 400),
        (post("&".join(["a=1"] * 2000), FORM), 400),
        (Request("GET", urlencode({"query": ASK, "default-graph-uri": "no iri"})), 400),
        (Request("GET", urlencode({"query": ASK, "named-graph-uri": "relative"})), 400),
        (Request("GET", urlencode({"query": ASK, "version": "9"})), 400),
        (Request("GET", urlencode({"query": ASK, "timeout": "soon"})), 400),
        (Request("GET", urlencode({"query": ASK, "timeout": "-1"})), 400),
        (Request("GET", urlencode({"query": ASK, "timeout": "nan"})), 400),
        (Request("GET", urlencode({"query": ASK, "timeout": "inf"})), 400),
    ],
)
def test_what_breaks_the_protocol_is_a_problem(request_: Request, status: int) -> None:
    with pytest.raises(Problem) as caught:
        read_operation(request_)
    assert caught.value.status == status
    assert caught.value.detail.endswith(".")


def test_a_wrong_method_names_the_right_ones() -> None:
    with pytest.raises(Problem) as caught:
        read_operation(Request("PATCH"))
    assert caught.value.headers["Allow"] == "GET, HEAD, POST, QUERY, OPTIONS"


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])), graphs=st.lists(st.sampled_from([G1, G2])))
def test_any_text_arrives_unchanged_by_every_way(text: str, graphs: list[str]) -> None:
    pairs = [("default-graph-uri", graph) for graph in graphs]
    expected = Query(text, tuple(graphs) if graphs else None, () if graphs else None)
    assert read_operation(Request("GET", urlencode([("query", text), *pairs]))) == expected
    assert read_operation(post(urlencode([("query", text), *pairs]), FORM)) == expected
    assert read_operation(post(text, QUERY_TEXT, urlencode(pairs))) == expected


@given(
    method=st.sampled_from(["GET", "POST", "QUERY", "HEAD", "PUT", "x"]),
    query_string=st.text(alphabet="query=update&%7Bdefault-graph-uri;+\x00é", max_size=60),
    content_type=st.none() | st.sampled_from([FORM, QUERY_TEXT, UPDATE_TEXT]) | st.text(max_size=30),
    body=st.binary(max_size=60),
)
def test_any_request_becomes_an_operation_or_a_problem(
    method: str, query_string: str, content_type: str | None, body: bytes
) -> None:
    outcome: object
    try:
        outcome = read_operation(Request(method, query_string, content_type, None, body))
    except Problem as problem:
        outcome = problem.status
    assert isinstance(outcome, Query | ServiceDescription) or outcome in {400, 403, 405, 415}


def test_the_graph_store_reads_one_graph() -> None:
    assert read_graph(Request("GET", "default")) == GraphRead(None)
    assert read_graph(Request("HEAD", "graph=" + quote(G1))) == GraphRead(G1)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (Request("GET"), 400),
        (Request("GET", "default&graph=http://e/g"), 400),
        (Request("GET", "graph=a:b&graph=a:c"), 400),
        (Request("GET", "graph=relative"), 400),
        (Request("PUT", "default"), 405),
        (Request("POST", "default"), 405),
        (Request("DELETE", "default"), 405),
    ],
)
def test_the_graph_store_refuses_everything_else(request_: Request, status: int) -> None:
    with pytest.raises(Problem) as caught:
        read_graph(request_)
    assert caught.value.status == status
