"""The formats that an engine can write an answer in, by short names; media types belong to the web."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import pyoxigraph


class Form(Enum):
    """What kind of answer a query form gives (SPARQL 1.1 Query, section 16)."""

    SOLUTIONS = "solutions"  # SELECT
    BOOLEAN = "boolean"  # ASK
    GRAPH = "graph"  # CONSTRUCT, DESCRIBE


class Format(Enum):
    """How an answer is written: the first four write solutions and booleans, the others graphs."""

    JSON = "json"
    XML = "xml"
    CSV = "csv"
    TSV = "tsv"
    TURTLE = "ttl"
    N_TRIPLES = "nt"
    RDF_XML = "rdf"
    JSON_LD = "jsonld"
    TRIG = "trig"
    N_QUADS = "nq"


# How Oxigraph calls the formats of solutions and booleans, and those of graphs.
RESULTS = {
    Format.JSON: pyoxigraph.QueryResultsFormat.JSON,
    Format.XML: pyoxigraph.QueryResultsFormat.XML,
    Format.CSV: pyoxigraph.QueryResultsFormat.CSV,
    Format.TSV: pyoxigraph.QueryResultsFormat.TSV,
}
GRAPHS = {
    Format.TURTLE: pyoxigraph.RdfFormat.TURTLE,
    Format.N_TRIPLES: pyoxigraph.RdfFormat.N_TRIPLES,
    Format.RDF_XML: pyoxigraph.RdfFormat.RDF_XML,
    Format.JSON_LD: pyoxigraph.RdfFormat.JSON_LD,
    Format.TRIG: pyoxigraph.RdfFormat.TRIG,
    Format.N_QUADS: pyoxigraph.RdfFormat.N_QUADS,
}


@dataclass(frozen=True)
class Wanted:
    """The format to use for each kind of answer, for what a query gives is known only once it is parsed.

    ``None`` means that no offered format will do: a query that gives this kind is then refused before it is evaluated
    as far as the engine allows, with :class:`kg.query.errors.NotWritable`.
    """

    solutions: Format | None = Format.JSON
    boolean: Format | None = Format.JSON
    graph: Format | None = Format.N_TRIPLES

    def of(self, form: Form) -> Format | None:
        """Return the format for answers of kind ``form``."""
        return {Form.SOLUTIONS: self.solutions, Form.BOOLEAN: self.boolean, Form.GRAPH: self.graph}[form]
