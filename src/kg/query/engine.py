"""The one interface for asking: a request goes in, an answer or a typed error comes out."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Self

import pyoxigraph

from kg.query.errors import Cancelled, QueryFailed
from kg.query.formats import Form, Format, Wanted
from kg.query.tokens import with_bindings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

    from kg.query.dataset import Dataset

Term = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal | pyoxigraph.Triple


class Cancellation:
    """A way to stop a query from another thread, for when its client has left. Used once; safe to call at any time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._stop: Callable[[], None] | None = None

    def cancel(self) -> None:
        """Stop the query now if it runs, or as soon as it would start."""
        with self._lock:
            self._cancelled = True
            if self._stop is not None:
                self._stop()

    @property
    def cancelled(self) -> bool:
        """Whether :meth:`cancel` was called."""
        return self._cancelled

    def attach(self, stop: Callable[[], None]) -> None:
        """Call ``stop`` on :meth:`cancel`.

        Raises:
            Cancelled: it was called already.

        """
        with self._lock:
            if self._cancelled:
                message = "The client has left."
                raise Cancelled(message)
            self._stop = stop

    def detach(self) -> None:
        """Forget what :meth:`attach` was given: the query has ended."""
        with self._lock:
            self._stop = None


@dataclass(frozen=True)
class QueryRequest:
    """A query and all that bears on its answer.

    Attributes:
        text: the SPARQL query.
        default_graphs: IRIs whose union is the default graph, in place of any ``FROM`` (SPARQL 1.1 Protocol, section
            2.1.4); ``None`` if the protocol names no dataset, then the query's own clauses or the dataset itself hold.
        named_graphs: IRIs of the named graphs, likewise. Both are ``None`` or neither.
        bindings: terms to put in the place of variables, by name without ``?``.
        wanted: the formats to answer in.
        seconds: time limit that the asker wants; an engine may shorten but never lengthen its own.
        cancellation: a handle by which the asker may stop the query.

    """

    text: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    bindings: Mapping[str, Term] = field(default_factory=dict)
    wanted: Wanted = field(default_factory=Wanted)
    seconds: float | None = None
    cancellation: Cancellation | None = None

    def bound_text(self) -> str:
        """Return the query with its bindings put in; see :func:`kg.query.tokens.with_bindings` for the errors."""
        return with_bindings(self.text, self.bindings)


class Answer:
    """An answer to a query: what kind it is, how it is written, and its bytes.

    Answers up to the held-back size are whole when the caller gets them (``body`` is set) and cannot fail any more.
    Larger ones are read by iterating once, in which case any :class:`kg.query.errors.QueryError` may still come; use
    the answer as a context manager, or close it, so that an answer left half-read frees its worker.
    """

    def __init__(
        self, form: Form, format_: Format, *, body: bytes | None = None, chunks: Iterator[bytes] | None = None
    ) -> None:
        self.form = form
        self.format = format_
        self.body = body
        self._chunks = chunks if chunks is not None else iter(() if body is None else (body,))

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def read(self) -> bytes:
        """Return all bytes of the answer; it may be called again only if ``body`` is set."""
        return self.body if self.body is not None else b"".join(self._chunks)

    def close(self) -> None:
        """Give up what has not been read. Closing twice, or after the end, does nothing."""
        close = getattr(self._chunks, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True)
class Statistics:
    """How an engine is doing: its workers, the free ones, queries that wait, and workers replaced by cause."""

    workers: int = 0
    idle: int = 0
    waiting: int = 0
    restarts: Mapping[str, int] = field(default_factory=dict)


class Engine(Protocol):
    """Something that answers SPARQL queries about one dataset. Safe to use from many threads."""

    @property
    def dataset(self) -> Dataset:
        """The dataset that is asked."""
        ...

    def query(self, request: QueryRequest, /) -> Answer:
        """Answer ``request``.

        Raises:
            QueryError: one of its subclasses in :mod:`kg.query.errors` says why there is no answer.
            ValueError: the bindings do not fit the query.

        """
        ...

    def statistics(self) -> Statistics:
        """Return how the engine is doing now."""
        ...

    def close(self) -> None:
        """Stop answering; queries under way may finish. Closing twice does nothing."""
        ...

    def select(self, text: str, /, **bindings: Term) -> list[dict[str, Term]]:
        """Return the solutions of a ``SELECT`` query, each from variable name to term; unbound variables are absent.

        Raises:
            QueryError: as :meth:`query`; :class:`kg.query.errors.QueryFailed` if it is another form of query.
            ValueError: the bindings do not fit the query.

        """
        with self.query(QueryRequest(text, bindings=bindings)) as answer:
            results = _parse_results(answer)
        if not isinstance(results, pyoxigraph.QuerySolutions):
            message = "The query is not a SELECT query."
            raise QueryFailed(message)
        names = [variable.value for variable in results.variables]
        return [
            {name: term for name, term in zip(names, solution, strict=True) if term is not None} for solution in results
        ]

    def ask(self, text: str, /, **bindings: Term) -> bool:
        """Return the answer of an ``ASK`` query; the errors are those of :meth:`select`."""
        with self.query(QueryRequest(text, bindings=bindings)) as answer:
            results = _parse_results(answer)
        if not isinstance(results, pyoxigraph.QueryBoolean):
            message = "The query is not an ASK query."
            raise QueryFailed(message)
        return bool(results)

    def construct(self, text: str, /, **bindings: Term) -> list[pyoxigraph.Triple]:
        """Return the triples of a ``CONSTRUCT`` or ``DESCRIBE`` query; the errors are those of :meth:`select`."""
        with self.query(QueryRequest(text, bindings=bindings)) as answer:
            if answer.form is not Form.GRAPH:
                message = "The query is not a CONSTRUCT or DESCRIBE query."
                raise QueryFailed(message)
            quads = pyoxigraph.parse(answer.read(), format=pyoxigraph.RdfFormat.N_TRIPLES)
            return [quad.triple for quad in quads]


def _parse_results(answer: Answer) -> pyoxigraph.QuerySolutions | pyoxigraph.QueryBoolean | None:
    if answer.form is Form.GRAPH:
        return None
    return pyoxigraph.parse_query_results(answer.read(), format=pyoxigraph.QueryResultsFormat.JSON)
