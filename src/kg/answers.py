"""Answers of queries as a terminal shows them: a table, or any result format as it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.errors import InputError
from kg.prefixes import Prefixes
from kg.query.engine import QueryRequest
from kg.query.errors import NotWritable, QueryError
from kg.query.formats import Form, Format, Wanted

if TYPE_CHECKING:
    from kg.console import Printer
    from kg.query.engine import Answer, Engine

RESULTS = {"json": Format.JSON, "xml": Format.XML, "csv": Format.CSV, "tsv": Format.TSV}
GRAPHS = {
    "turtle": Format.TURTLE,
    "ntriples": Format.N_TRIPLES,
    "rdfxml": Format.RDF_XML,
    "jsonld": Format.JSON_LD,
}
TABLE = "table"


def print_answer(engine: Engine, text: str, format_: str, printer: Printer) -> None:
    """Print the answer to the query ``text``: as a table, or in one of the formats of the query's form.

    Raises InputError with the place of a syntax error, or with what stopped the query.
    """
    if format_ not in {TABLE, *RESULTS, *GRAPHS}:
        raise InputError(
            f"'{format_}' is no format.", advice=f"Formats: {', '.join([TABLE, *RESULTS, *GRAPHS])}.", exit_code=2
        )
    table = format_ == TABLE
    results = Format.JSON if table else RESULTS.get(format_)
    wanted = Wanted(results, results, Format.TURTLE if table else GRAPHS.get(format_))
    try:
        with engine.query(QueryRequest(text, wanted=wanted)) as answer:
            if table and answer.form is not Form.GRAPH:
                _print_table(answer, Prefixes(engine.dataset.prefixes), printer)
                return
            for chunk in answer:
                sys.stdout.buffer.write(chunk)
            sys.stdout.flush()
    except NotWritable as error:
        raise InputError(
            f"The answer to this query cannot be written as {format_}.",
            advice=f"SELECT and ASK: {', '.join(RESULTS)}. CONSTRUCT and DESCRIBE: {', '.join(GRAPHS)}.",
            exit_code=2,
        ) from error
    except QueryError as error:
        line, column = getattr(error, "line", None), getattr(error, "column", None)
        where = f" (line {line}, column {column})" if line else ""
        raise InputError(f"The query could not be answered{where}: {error}") from error


def _print_table(answer: Answer, prefixes: Prefixes, printer: Printer) -> None:
    results = ox.parse_query_results(answer.read(), format=ox.QueryResultsFormat.JSON)
    if isinstance(results, ox.QuerySolutions):
        names = [variable.value for variable in results.variables]
        rows = [["" if term is None else prefixes.shorten(term) for term in solution] for solution in results]
        printer.table(names, rows)
        printer.note(f"{len(rows)} rows")
    else:
        printer.line("true" if results else "false")
