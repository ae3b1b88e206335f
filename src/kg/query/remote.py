"""An engine that asks any SPARQL 1.1 store over HTTP: the way past one machine."""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pyoxigraph

from kg.query.engine import Answer, Engine, QueryRequest, Statistics
from kg.query.errors import (
    AnswerTooLarge,
    Busy,
    Cancelled,
    NotWritable,
    QueryError,
    QueryFailed,
    QuerySyntaxError,
    QueryTimeout,
    Refused,
    StoreFailed,
    Unavailable,
)
from kg.query.formats import GRAPHS, RESULTS, Form, Format
from kg.query.tokens import query_form, unescaped, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg.query.dataset import Dataset

    _End = Callable[[], None]

_PIECE = 1 << 16
_LONGEST_MESSAGE = 500
_LONGEST_ERROR = 4096


class RemoteStore(Engine):
    """An engine over the query endpoint of a SPARQL 1.1 store (SPARQL 1.1 Protocol, section 2.1).

    The store is expected to forbid ``SERVICE`` and to limit time and memory itself: this engine refuses what it can
    see, and gives up waiting, but cannot stop the store.

    Args:
        url: the query endpoint, http or https.
        dataset: what the store holds; its base resolves relative IRIs, its digest is that of the store's content.
        seconds: time limit of a query.
        connections: queries that run at the same time.
        seconds_to_wait: how long a query may wait for its turn.
        held_back: bytes of an answer that are read before it is given out.
        answer: bytes of one answer.

    Raises:
        ValueError: the URL is not one of http or https.

    """

    def __init__(
        self,
        url: str,
        dataset: Dataset,
        *,
        seconds: float = 10.0,
        connections: int = 8,
        seconds_to_wait: float = 5.0,
        held_back: int = 1 << 20,
        answer: int = 256 << 20,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            message = f"{url!r} is not the URL of a store: http or https is expected."
            raise ValueError(message)
        self._url = url
        self._host, self._port = parts.hostname, parts.port
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._dataset = dataset
        self._seconds = seconds
        self._connections = connections
        self._seconds_to_wait = seconds_to_wait
        self._held_back = held_back
        self._answer = answer
        self._turns = threading.BoundedSemaphore(connections)
        self._lock = threading.Lock()
        self._running = 0
        self._closed = False

    @property
    def dataset(self) -> Dataset:
        """The dataset that the store holds."""
        return self._dataset

    def statistics(self) -> Statistics:
        """Return how many queries may run and how many could now."""
        with self._lock:
            return Statistics(self._connections, self._connections - self._running)

    def close(self) -> None:
        """Ask no more."""
        self._closed = True

    def query(self, request: QueryRequest, /) -> Answer:
        """Answer ``request``; see :meth:`kg.query.engine.Engine.query`."""
        text = request.bound_text()
        if self._closed:
            raise Unavailable("The engine is closed.")
        # Escapes may hide the keyword from a look at the text as it is.
        if any("SERVICE" in word for word in words(text) | words(unescaped(text))):
            raise Refused("SERVICE is not offered here: this endpoint makes no network calls.")
        form = query_form(text)
        if form is None:
            raise QuerySyntaxError("The text is no SPARQL query: SELECT, ASK, CONSTRUCT or DESCRIBE is missing.")
        wanted = request.wanted.of(form)
        if wanted is None:
            raise NotWritable("No format that you accept can be written for this kind of answer.")
        exchange = self._begin(text, request, wanted)
        try:
            return self._answer_of(exchange, form, wanted)
        except BaseException:
            exchange.close()
            raise

    def _begin(self, text: str, request: QueryRequest, wanted: Format) -> _Exchange:
        seconds = min(self._seconds, request.seconds or self._seconds)
        if not self._turns.acquire(timeout=self._seconds_to_wait):
            message = f"No connection to the store became free within {self._seconds_to_wait:g} seconds."
            raise Busy(message)
        with self._lock:
            self._running += 1
        connection = (
            http.client.HTTPConnection(self._host, self._port, timeout=seconds)
            if self._tls is None
            else http.client.HTTPSConnection(self._host, self._port, timeout=seconds, context=self._tls)
        )
        exchange = _Exchange(connection, request, seconds, self._end)
        fields = [("query", f"BASE <{self._dataset.base}> {text}")]
        fields += [("default-graph-uri", iri) for iri in request.default_graphs or ()]
        fields += [("named-graph-uri", iri) for iri in request.named_graphs or ()]
        try:
            exchange.post(self._path, urlencode(fields), _accept(wanted))
        except BaseException:
            exchange.close()
            raise
        return exchange

    def _end(self) -> None:
        with self._lock:
            self._running -= 1
        self._turns.release()

    def _answer_of(self, exchange: _Exchange, form: Form, wanted: Format) -> Answer:
        got = _format_of(exchange.content_type, form)
        if got is None:
            message = f"The store answered with {exchange.content_type or 'no media type'}, which cannot be read."
            raise StoreFailed(message)
        pieces = exchange.pieces(self._answer)
        if got is not wanted:
            body = _rewritten(b"".join(pieces), form, got, wanted)
            return Answer(form, wanted, body=body)
        held: list[bytes] = []
        size = 0
        for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size > self._held_back:
                return Answer(form, wanted, chunks=_chain(held, pieces))
        return Answer(form, wanted, body=b"".join(held))


class _Exchange:
    """One request to the store and its response; closed once, whatever happens."""

    def __init__(
        self, connection: http.client.HTTPConnection, request: QueryRequest, seconds: float, end: _End
    ) -> None:
        self._connection = connection
        self._cancellation = request.cancellation
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._end: _End | None = end
        self._response: http.client.HTTPResponse | None = None
        self.content_type = ""

    def post(self, path: str, body: str, accept: str) -> None:
        """Send the query and read the head of the response.

        Raises:
            QueryError: the store refuses, fails, is too slow or away.

        """
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": accept,
            "User-Agent": "kg",
            "Connection": "close",
        }
        with self._typed_errors():
            if self._cancellation is not None:
                self._cancellation.attach(self._abort)
            self._connection.request("POST", path, body, headers)
            self._response = self._connection.getresponse()
            self.content_type = (self._response.getheader("Content-Type") or "").split(";")[0].strip().lower()
            if self._response.status != http.client.OK:
                raise self._refusal(self._response)

    def pieces(self, limit: int) -> Iterator[bytes]:
        """Yield the content, up to ``limit`` bytes, and close at the end."""
        response = self._response
        assert response is not None  # noqa: S101 - post came first
        size = 0
        try:
            with self._typed_errors():
                while piece := response.read1(_PIECE):
                    size += len(piece)
                    if size > limit:
                        raise AnswerTooLarge(limit)
                    if time.monotonic() > self._deadline:
                        raise TimeoutError
                    yield piece
        finally:
            self.close()

    def close(self) -> None:
        """End the exchange. Closing twice does nothing."""
        if self._cancellation is not None:
            self._cancellation.detach()
        self._connection.close()
        if self._end is not None:
            end, self._end = self._end, None
            end()

    def _abort(self) -> None:
        sock = self._connection.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(2)

    def _refusal(self, response: http.client.HTTPResponse) -> QueryError:
        said = response.read(_LONGEST_ERROR).decode("utf-8", "replace").strip()[:_LONGEST_MESSAGE]
        match response.status:
            case 400:
                return QuerySyntaxError(said or "The store cannot read the query.")
            case 401 | 403:
                return Refused(said or "The store refuses the query.")
            case 406:
                return NotWritable("The store cannot write the answer in the format that was asked for.")
            case 408 | 504:
                return QueryTimeout(self._seconds)
            case 429 | 503:
                after = response.getheader("Retry-After") or "1"
                return Busy("The store is busy.", int(after) if after.isdecimal() else 1)
            case status if status < http.client.INTERNAL_SERVER_ERROR:
                return QueryFailed(said or f"The store answered with status {status}.")
            case status:
                return StoreFailed(f"The store answered with status {status}.")

    @contextmanager
    def _typed_errors(self) -> Iterator[None]:
        """Turn errors of the network into those of queries."""
        try:
            yield
        except (OSError, http.client.HTTPException) as error:
            if self._cancellation is not None and self._cancellation.cancelled:
                raise Cancelled("The client has left.") from error
            if isinstance(error, TimeoutError):
                raise QueryTimeout(self._seconds) from error
            raise StoreFailed(f"The store does not answer: {error}.") from error


def _accept(wanted: Format) -> str:
    """Return an ``Accept`` header for one format, and for the ones that every store has and that can be rewritten."""
    if wanted in RESULTS:
        return f"{RESULTS[wanted].media_type}, application/sparql-results+json;q=0.5"
    return f"{GRAPHS[wanted].media_type}, application/n-triples;q=0.6, text/turtle;q=0.5"


def _format_of(content_type: str, form: Form) -> Format | None:
    table = GRAPHS if form is Form.GRAPH else RESULTS
    named = {written.media_type.split(";")[0]: format_ for format_, written in table.items()}
    named |= {"application/json": Format.JSON_LD if form is Form.GRAPH else Format.JSON}
    return named.get(content_type)


def _rewritten(body: bytes, form: Form, got: Format, wanted: Format) -> bytes:
    """Return an answer in the format that is wanted from one in another format."""
    try:
        if form is Form.GRAPH:
            triples = [quad.triple for quad in pyoxigraph.parse(body, format=GRAPHS[got])]
            return pyoxigraph.serialize(triples, format=GRAPHS[wanted]) or b""
        return pyoxigraph.parse_query_results(body, format=RESULTS[got]).serialize(format=RESULTS[wanted]) or b""
    except (SyntaxError, ValueError) as error:
        message = f"The answer of the store cannot be read: {error}."
        raise StoreFailed(message) from error
    except OSError as error:
        raise NotWritable(str(error)) from error


def _chain(held: list[bytes], pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from held
        yield from pieces
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
