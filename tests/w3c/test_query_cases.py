"""The W3C query cases of SPARQL 1.0, 1.1 and 1.2, through the same workers as every user's query.

All data files of the cases lie in one dataset, each in a graph named by its address, and each case picks its dataset by
the parameters of the protocol. The everyday set is in the suites' ``w3c-tests.json``; set ``KG_W3C_ALL`` to run all.
"""

from __future__ import annotations

import csv
import json
import os
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pyoxigraph
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat

from kg.query.dataset import Dataset
from kg.query.engine import QueryRequest
from kg.query.errors import QueryError, QuerySyntaxError
from kg.query.formats import Form, Format, Wanted
from kg.query.pool import Pool, PoolLimits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SUITES = Path(__file__).resolve().parents[3] / "shared" / "suites"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
EVALUATION = {"QueryEvaluationTest", "CSVResultFormatTest"}
POSITIVE = {"PositiveSyntaxTest", "PositiveSyntaxTest11"}
NEGATIVE = {"NegativeSyntaxTest", "NegativeSyntaxTest11"}
# The rest of the suite is about updates, which are not offered, or about another service, which is not either.
LEFT_OUT = ("/service/", "/protocol/", "/graph-store-protocol/", "/service-description/", "/entailment/")

# By case, what the engine does otherwise than the suite. Such a case fails loudly once it passes.
KNOWN_FAILURES = {
    name: reason
    for reason, names in json.loads(Path(__file__).with_name("known_query_failures.json").read_text("utf-8")).items()
    for name in names
}


@dataclass(frozen=True)
class Case:
    name: str
    kind: str
    query: Path
    data: tuple[str, ...]
    graphs: tuple[str, ...]
    result: Path | None
    lax: bool


class Manifest:
    """A manifest file as a lookup of its triples."""

    def __init__(self, path: Path) -> None:
        self._found: dict[tuple[Any, str], list[Any]] = {}
        for quad in pyoxigraph.parse(path=path, base_iri=path.as_uri()):
            self._found.setdefault((quad.subject, quad.predicate.value), []).append(quad.object)

    def all(self, subject: Any, predicate: str) -> list[Any]:
        return self._found.get((subject, predicate), [])

    def one(self, subject: Any, predicate: str) -> Any:
        return next(iter(self.all(subject, predicate)), None)

    def cases(self) -> Iterator[Case]:
        for subject, predicate in list(self._found):
            if predicate == RDF + "type" and (action := self.one(subject, MF + "action")) is not None:
                kind = self.one(subject, RDF + "type").value.rpartition("#")[2]
                if kind in EVALUATION | POSITIVE | NEGATIVE:
                    yield self._case(subject, kind, action)

    def _case(self, subject: Any, kind: str, action: Any) -> Case:
        query = self.one(action, QT + "query") or action
        result = self.one(subject, MF + "result")
        named = self.all(action, QT + "graphData")
        graphs = [node if isinstance(node, NamedNode) else self.one(node, QT + "graph") for node in named]
        data = [node.value for node in self.all(action, QT + "data")]
        return Case(
            name=subject.value,
            kind=kind,
            query=to_path(query.value),
            data=tuple(data),
            graphs=(*(node.value for node in graphs), *(name for iri in data for name in graphs_in(to_path(iri)))),
            result=to_path(result.value) if isinstance(result, NamedNode) else None,
            lax=self.one(subject, MF + "resultCardinality") == NamedNode(MF + "LaxCardinality"),
        )


def to_path(iri: str) -> Path:
    return Path(unquote(urlsplit(iri).path))


def graphs_in(path: Path) -> set[str]:
    """Return the names of the graphs in a TriG file."""
    if path.suffix != ".trig":
        return set()
    quads = pyoxigraph.parse(path=path, base_iri=path.as_uri())
    return {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, NamedNode)}


def everyday_cases() -> list[Case]:
    index = SUITES / "w3c-tests.json"
    if not index.is_file():
        return []
    listed = json.loads(index.read_text(encoding="utf-8"))
    wanted = {name for suite in ("sparql10", "sparql11", "sparql12") for name in listed[suite]}
    found = []
    for path in sorted((SUITES / "rdf-tests" / "sparql").rglob("manifest.ttl")):
        if not any(part in path.as_posix() for part in LEFT_OUT):
            found += [case for case in Manifest(path).cases() if "KG_W3C_ALL" in os.environ or case.name in wanted]
    return found


CASES = everyday_cases()


def named_in(path: Path) -> list[str]:
    """Return the data files that a query names by ``FROM``, as they lie beside it."""
    return [file.as_uri() for file in path.parent.iterdir() if file.name in path.read_text(encoding="utf-8-sig")]


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    files = {iri for case in CASES for iri in (*case.data, *case.graphs)}
    files |= {iri for case in CASES if case.kind in EVALUATION for iri in named_in(case.query)}
    quads: list[Quad] = []
    for iri in sorted(files):
        path = to_path(iri)
        if path.suffix in {".ttl", ".rdf", ".nt", ".trig"}:
            for quad in pyoxigraph.parse(path=path, base_iri=iri, rename_blank_nodes=True):
                graph = quad.graph_name if isinstance(quad.graph_name, NamedNode) else NamedNode(iri)
                quads.append(Quad(quad.subject, quad.predicate, quad.object, graph))
    path = tmp_path_factory.mktemp("w3c") / "graph.nq"
    pyoxigraph.serialize(quads, path, format=RdfFormat.N_QUADS)
    with Pool(Dataset(path, "w3c", "http://example.org/"), PoolLimits(workers=1, seconds=5.0)) as made:
        yield made


def ask(pool: Pool, case: Case, solutions: Format = Format.JSON) -> tuple[Form, bytes]:
    text = f"BASE <{case.query.as_uri()}> " + case.query.read_text(encoding="utf-8-sig")
    # A case that names no default graph asks those of its FROM clauses, or nothing.
    own = not case.data and "FROM" in text.upper()
    request = QueryRequest(
        text,
        default_graphs=None if own else case.data,
        named_graphs=None if own else case.graphs,
        wanted=Wanted(solutions=solutions),
    )
    answer = pool.query(request)
    return answer.form, answer.read()


def normal(term: Any) -> Any:
    """Return a term with its number in one spelling, for the store does not keep that."""
    if isinstance(term, pyoxigraph.Triple):
        return pyoxigraph.Triple(normal(term.subject), term.predicate, normal(term.object))
    if not isinstance(term, Literal) or not term.datatype.value.startswith(XSD):
        return term
    kind = term.datatype.value.removeprefix(XSD)
    try:
        if kind == "boolean":
            return Literal(term.value in {"true", "1"})
        if kind in {"float", "double"}:
            return Literal(repr(float(term.value)), datatype=term.datatype)
        if kind == "decimal" or "nt" in kind or "ong" in kind or kind in {"short", "byte"}:
            # Types derived from integer come back as integers.
            datatype = NamedNode(XSD + ("decimal" if kind == "decimal" else "integer"))
            return Literal(format(Decimal(term.value).normalize(), "f"), datatype=datatype)
    except (ValueError, InvalidOperation):
        pass
    return term


def canonical(quads: Iterable[Quad]) -> set[Quad]:
    """Return a dataset with blank nodes under labels that depend on nothing but its structure."""
    dataset = pyoxigraph.Dataset(quads)
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.UNSTABLE)
    return set(dataset)


Rows = list[dict[str, Any]]


def of_rows(rows: Rows, *, lax: bool) -> set[Quad]:
    quads = []
    seen: set[str] = set()
    for number, row in enumerate(rows):
        key = repr(sorted((name, str(term)) for name, term in row.items()))
        if lax and key in seen:
            continue
        seen.add(key)
        node = BlankNode(f"row{number}")
        quads.append(Quad(node, NamedNode(RDF + "type"), NamedNode(RS + "ResultSet")))
        quads += [Quad(node, NamedNode("urn:var:" + name), normal(term)) for name, term in row.items()]
    return canonical(quads)


def rows_of(body: bytes, written: pyoxigraph.QueryResultsFormat) -> Rows | bool:
    results = pyoxigraph.parse_query_results(body, format=written)
    if isinstance(results, pyoxigraph.QueryBoolean):
        return bool(results)
    names = [variable.value for variable in results.variables]
    return [{n: term for n, term in zip(names, row, strict=True) if term is not None} for row in results]


def rows_of_graph(path: Path) -> Rows | bool:
    """Return solutions that are written as a graph in the result-set vocabulary."""
    found = Manifest(path)
    (node,) = [s for (s, p), o in found._found.items() if p == RDF + "type" and o[0] == NamedNode(RS + "ResultSet")]
    if (boolean := found.one(node, RS + "boolean")) is not None:
        return bool(boolean.value == "true")
    return [
        {found.one(b, RS + "variable").value: found.one(b, RS + "value") for b in found.all(row, RS + "binding")}
        for row in found.all(node, RS + "solution")
    ]


def expected_rows(path: Path) -> Rows | bool:
    formats = pyoxigraph.QueryResultsFormat
    written = {".srx": formats.XML, ".srj": formats.JSON, ".tsv": formats.TSV}.get(path.suffix)
    return rows_of_graph(path) if written is None else rows_of(path.read_bytes(), written)


def marked(case: Case) -> Any:
    reason = KNOWN_FAILURES.get(case.name)
    marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
    short = "/".join(case.name.replace("/manifest#", "/").split("/")[-3:])
    return pytest.param(case, id=short, marks=marks)


def test_the_suite_is_there() -> None:
    if not CASES:
        pytest.skip("the conformance suites are not beside the repository")
    assert len(CASES) > 600
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", [marked(case) for case in CASES if case.kind in EVALUATION])
def test_a_query_gives_the_expected_answer(pool: Pool, case: Case) -> None:
    assert case.result is not None
    if case.result.suffix == ".csv":
        _, body = ask(pool, case, Format.CSV)
        assert records(body.decode()) == records(case.result.read_text("utf-8"))
        return
    form, body = ask(pool, case)
    if form is Form.GRAPH:
        got = pyoxigraph.parse(body, format=RdfFormat.N_TRIPLES)
        wanted = pyoxigraph.parse(path=case.result, base_iri=case.result.as_uri())
        assert canonical(q_normal(got)) == canonical(q_normal(wanted))
        return
    got_rows = rows_of(body, pyoxigraph.QueryResultsFormat.JSON)
    wanted_rows = expected_rows(case.result)
    if isinstance(got_rows, bool) or isinstance(wanted_rows, bool):
        assert got_rows is wanted_rows
    else:
        assert of_rows(got_rows, lax=case.lax) == of_rows(wanted_rows, lax=case.lax)


def records(text: str) -> list[list[tuple[str, str]]]:
    """Return CSV as sorted records; labels of blank nodes and the order of columns do not matter."""
    rows = csv.DictReader(StringIO(re.sub(r"_:\w+", "_:", text)))
    return sorted(sorted(row.items()) for row in rows)


def q_normal(quads: Iterable[Quad]) -> Iterator[Quad]:
    for quad in quads:
        yield Quad(quad.subject, quad.predicate, normal(quad.object))


@pytest.mark.parametrize("case", [marked(case) for case in CASES if case.kind in POSITIVE])
def test_good_syntax_is_read(pool: Pool, case: Case) -> None:
    outcome: type[Exception] | None = None
    try:
        ask(pool, case)
    except QueryError as error:
        outcome = type(error)
    # That SERVICE or an unknown function is refused is another matter: the query was read.
    assert outcome is not QuerySyntaxError


@pytest.mark.parametrize("case", [marked(case) for case in CASES if case.kind in NEGATIVE])
def test_bad_syntax_is_refused(pool: Pool, case: Case) -> None:
    with pytest.raises(QuerySyntaxError):
        ask(pool, case)
