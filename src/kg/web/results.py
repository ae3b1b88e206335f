"""Answers to queries as tables for people: limited in rows, and with links from each term to its page."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph
from pyoxigraph import NamedNode

from kg.query.engine import QueryRequest
from kg.query.errors import QueryError
from kg.query.formats import Form, Format, Wanted
from kg.things.names import Name, names
from kg.web.problems import Problem, of_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.query.engine import Answer, Term
    from kg.web.context import Context

ROWS_SHOWN = 500
"""How many rows of an answer a page shows; the rest is to be had as CSV."""


@dataclass(frozen=True)
class Outcome:
    """What came of a query: a table, a yes or no, or the problem that kept it from being answered.

    Attributes:
        columns: names of the variables, or subject, predicate and object for a graph.
        rows: the rows that are shown; a cell is ``None`` where a variable is unbound.
        truth: the answer to an ``ASK`` query.
        complete: whether all rows are shown.
        problem: why there is no answer.
        names: names of the terms in the table.
        milliseconds: how long the answer took.
        is_graph: whether the rows are triples.

    """

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Term | None, ...], ...] = ()
    truth: bool | None = None
    complete: bool = True
    problem: Problem | None = None
    names: Mapping[NamedNode, Name] = field(default_factory=dict, repr=False)
    milliseconds: float = 0.0
    is_graph: bool = False


def ask(
    here: Context,
    text: str,
    *,
    default_graphs: tuple[str, ...] | None = None,
    named_graphs: tuple[str, ...] | None = None,
    seconds: float | None = None,
) -> Outcome:
    """Ask a query and return what came of it; never raises for what the query does."""
    started = time.perf_counter()
    wanted = Wanted(Format.JSON, Format.JSON, Format.N_TRIPLES)
    try:
        request = QueryRequest(text, default_graphs, named_graphs, wanted=wanted, seconds=seconds)
        with here.engine.query(request) as answer:
            columns, rows, truth, complete = _read(answer)
            form = answer.form
        elapsed = (time.perf_counter() - started) * 1000
        called = names(here.engine, (term for row in rows for term in row if isinstance(term, NamedNode)))
    except QueryError as error:
        return Outcome(problem=of_error(error))
    return Outcome(columns, rows, truth, complete, None, called, elapsed, form is Form.GRAPH)


_Read = tuple[tuple[str, ...], "tuple[tuple[Term | None, ...], ...]", "bool | None", bool]


def _read(answer: Answer) -> _Read:
    stream = io.BufferedReader(_Stream(answer), 1 << 16)
    if answer.form is Form.GRAPH:
        triples = (quad.triple for quad in pyoxigraph.parse(stream, format=pyoxigraph.RdfFormat.N_TRIPLES))
        rows, complete = _first((t.subject, t.predicate, t.object) for t in triples)
        return ("subject", "predicate", "object"), rows, None, complete
    results = pyoxigraph.parse_query_results(stream, format=pyoxigraph.QueryResultsFormat.JSON)
    if isinstance(results, pyoxigraph.QueryBoolean):
        return (), (), bool(results), True
    assert isinstance(results, pyoxigraph.QuerySolutions)  # noqa: S101 - solutions are all that is left
    columns = tuple(variable.value for variable in results.variables)
    rows, complete = _first(tuple(solution) for solution in results)
    return columns, rows, None, complete


def _first(rows: Iterable[tuple[Term | None, ...]]) -> tuple[tuple[tuple[Term | None, ...], ...], bool]:
    shown: list[tuple[Term | None, ...]] = []
    for row in rows:
        if len(shown) == ROWS_SHOWN:
            return tuple(shown), False
        shown.append(row)
    return tuple(shown), True


class _Stream(io.RawIOBase):
    """The chunks of an answer as a stream to parse, so that no more is read than is shown."""

    def __init__(self, answer: Answer) -> None:
        self._chunks: Iterator[bytes] = iter((answer.body,) if answer.body is not None else answer)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
