from __future__ import annotations

import threading
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pyoxigraph
import pytest

from kg.query import errors
from kg.query.engine import Cancellation, QueryRequest
from kg.query.formats import Format, Wanted
from kg.query.remote import RemoteStore
from kg.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kg.query.dataset import Dataset
    from kg.query.pool import Pool


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


def listen(app: Any) -> Server:
    server = make_server("127.0.0.1", 0, app, server_class=Server, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


@pytest.fixture(scope="module")
def url(pool: Pool) -> Iterator[str]:
    server = listen(create_app(pool))
    yield f"http://127.0.0.1:{server.server_port}/sparql"
    server.shutdown()


@pytest.fixture(scope="module")
def remote(url: str, dataset: Dataset) -> RemoteStore:
    return RemoteStore(url, dataset, seconds=2.0)


def answering(status: str, body: bytes = b"", **headers: str) -> Callable[..., Iterable[bytes]]:
    def app(_: object, start_response: Any) -> list[bytes]:
        start_response(status, [(name.replace("_", "-"), value) for name, value in headers.items()])
        return [body]

    return app


@pytest.fixture
def asking(dataset: Dataset) -> Iterator[Callable[[Any], RemoteStore]]:
    servers: list[Server] = []

    def make(app: Any) -> RemoteStore:
        servers.append(listen(app))
        return RemoteStore(f"http://127.0.0.1:{servers[-1].server_port}/q?key=1", dataset, seconds=0.3)

    yield make
    for server in servers:
        server.shutdown()


def test_it_answers_as_the_embedded_engine_does(remote: RemoteStore, pool: Pool) -> None:
    thing = pyoxigraph.NamedNode("http://example.org/thing/7")
    query = "SELECT ?p ?o { ?s ?p ?o } ORDER BY ?p"
    assert remote.select(query, s=thing) == pool.select(query, s=thing)
    assert remote.ask("ASK { <thing/1> ?p ?o }") is True
    construct = "CONSTRUCT { ?s <is> ?o } { ?s <name> ?o } ORDER BY ?s LIMIT 3"
    assert set(remote.construct(construct)) == set(pool.construct(construct))


@pytest.mark.parametrize("format_", [Format.JSON, Format.XML, Format.CSV, Format.TSV])
def test_every_format_of_solutions(remote: RemoteStore, pool: Pool, format_: Format) -> None:
    request = QueryRequest("SELECT ?n { <thing/1> <name> ?n }", wanted=Wanted(solutions=format_))
    assert remote.query(request).read() == pool.query(request).read()


def test_the_dataset_of_the_request_reaches_the_store(remote: RemoteStore) -> None:
    request = QueryRequest("SELECT * { ?s ?p ?o }", ("http://example.org/g1",), (), wanted=Wanted(solutions=Format.CSV))
    assert remote.query(request).read().count(b"\r\n") == 2


def test_a_long_answer_comes_in_pieces(remote: RemoteStore) -> None:
    text = f'SELECT ?s ("{"x" * 2_000}" AS ?padding) {{ ?s ?p ?o }}'
    with remote.query(QueryRequest(text, wanted=Wanted(solutions=Format.TSV))) as answer:
        assert answer.body is None
        assert answer.read().count(b"\n") == 2_001
    assert remote.statistics().idle == 8


@pytest.mark.parametrize("word", ["service", "\\u0053ervice", "\\u0053\\U00000045RVICE", "SERVIC\\u0045"])
def test_service_is_refused_before_it_is_sent(remote: RemoteStore, word: str) -> None:
    with pytest.raises(errors.Refused):
        remote.select(f"SELECT * {{ {word} <http://127.0.0.1:9/> {{ ?s ?p ?o }} }}")


def test_service_in_a_string_is_not_refused(remote: RemoteStore) -> None:
    assert remote.select("SELECT * { VALUES ?x { 'SERVICE' } }")


def test_errors_of_the_store_keep_their_kind(remote: RemoteStore) -> None:
    with pytest.raises(errors.QuerySyntaxError):
        remote.select("SELECT * {")
    with pytest.raises(errors.QuerySyntaxError):
        remote.select("DELETE WHERE { ?s ?p ?o }")
    with pytest.raises(errors.NotWritable):
        remote.query(QueryRequest("ASK {}", wanted=Wanted(boolean=None)))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("400 Bad Request", errors.QuerySyntaxError),
        ("401 Unauthorized", errors.Refused),
        ("404 Not Found", errors.QueryFailed),
        ("406 Not Acceptable", errors.NotWritable),
        ("429 Too Many", errors.Busy),
        ("500 Oh", errors.StoreFailed),
        ("503 Busy", errors.Busy),
        ("504 Late", errors.QueryTimeout),
        ("302 Found", errors.QueryFailed),
    ],
)
def test_each_status_is_an_error_of_its_kind(
    asking: Callable[[Any], RemoteStore], status: str, error: type[errors.QueryError]
) -> None:
    store = asking(answering(status, b"no", Content_Type="text/plain"))
    with pytest.raises(error):
        store.ask("ASK {}")
    assert store.statistics().idle == 8


def test_a_store_that_knows_only_json_is_enough(asking: Callable[[Any], RemoteStore]) -> None:
    body = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"a"}}]}}'
    store = asking(answering("200 OK", body, Content_Type="application/sparql-results+json; charset=utf-8"))
    request = QueryRequest("SELECT ?x {}", wanted=Wanted(solutions=Format.CSV))
    assert store.query(request).read() == b"x\r\na\r\n"


@pytest.mark.parametrize(
    ("content_type", "body"), [("text/html", b"<p>"), ("application/sparql-results+xml", b"no xml")]
)
def test_an_answer_that_cannot_be_read_is_unavailable(
    asking: Callable[[Any], RemoteStore], content_type: str, body: bytes
) -> None:
    with pytest.raises(errors.StoreFailed):
        asking(answering("200 OK", body, Content_Type=content_type)).ask("ASK {}")


def test_a_slow_store_is_given_up_and_a_client_that_leaves_is_noticed(asking: Callable[[Any], RemoteStore]) -> None:
    waiting = threading.Event()

    def never(_: object, start_response: Any) -> list[bytes]:
        waiting.wait(5)
        return answering("200 OK")(_, start_response)  # type: ignore[return-value]

    store = asking(never)
    with pytest.raises(errors.QueryTimeout):
        store.ask("ASK {}")
    cancellation = Cancellation()
    threading.Timer(0.05, cancellation.cancel).start()
    with pytest.raises(errors.Cancelled):
        store.query(QueryRequest("ASK {}", cancellation=cancellation))
    waiting.set()
    assert store.statistics().idle == 8


def test_a_store_that_is_away_is_unavailable(dataset: Dataset) -> None:
    with pytest.raises(errors.StoreFailed):
        RemoteStore("http://127.0.0.1:1/", dataset).ask("ASK {}")
    closed = RemoteStore("http://127.0.0.1:1/", dataset)
    closed.close()
    with pytest.raises(errors.Unavailable):
        closed.ask("ASK {}")


@pytest.mark.parametrize("url", ["ftp://host/x", "file:///etc/passwd", "nonsense", "http:///x"])
def test_only_http_urls_are_stores(url: str, dataset: Dataset) -> None:
    with pytest.raises(ValueError, match="http or https"):
        RemoteStore(url, dataset)
