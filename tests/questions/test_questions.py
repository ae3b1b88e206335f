"""The questions that the graph was made for, asked as users ask them.

The expected answers in ``expected/`` were written by reading the sources, without sight of the queries. Where they differed
from what a query found, the sources settled which side was right, row by row; where a question could be read in two ways, its
wording was made sharper. Questions with the keyword "report" have long answers, which are not compared.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph
import pytest

from kg import questions
from kg.query.engine import QueryRequest
from kg.vocab import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kg.query.engine import Engine

HERE = Path(__file__).parent
EXPECTED = HERE / "expected"
ROOT = HERE.parent.parent
NUMBERED = [f"q{number:02}" for number in range(1, 81)]
REPORTS = [
    "agreements",
    "chairs",
    "coverage",
    "crosswalk",
    "instruments-by-kind",
    "lineage",
    "names",
    "origins",
    "parts",
    "sources",
]
# The questions whose answers were worked out from the sources: all that are no reports.
ANSWERED = NUMBERED
# Questions that inference answers, or completes.
INFERRED = ["q08", "q16", *(f"q{number}" for number in range(45, 56))]
# Columns in the words of the graph, which no reader of the sources could write down.
OWN_WORDS = {"summary"}
# Terms of the ontology that no statement of the graph uses: reified facts are found in exports alone.
ONLY_IN_EXPORTS = {"statedIn"}


def text_of(row: Mapping[str, object], column: str) -> str:
    return str(getattr(row.get(column), "value", ""))


def rows_of(solutions: Iterable[Mapping[str, object]], columns: list[str]) -> list[tuple[str, ...]]:
    return sorted(tuple(text_of(row, column) for column in columns) for row in solutions)


def expected(name: str) -> tuple[list[str], list[tuple[str, ...]]]:
    with (EXPECTED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, sorted(tuple(row) for row in rows)


def answer(engine: Engine, request: QueryRequest) -> tuple[list[str], list[tuple[str, ...]]]:
    """Return the columns that can be compared, and the rows, sorted."""
    with engine.query(request) as reply:
        solutions = pyoxigraph.parse_query_results(reply.read(), format=pyoxigraph.QueryResultsFormat.JSON)
    assert isinstance(solutions, pyoxigraph.QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    columns = [name for name in names if name not in OWN_WORDS]
    rows = [dict(zip(names, solution, strict=True)) for solution in solutions]
    return columns, rows_of(rows, columns)


def test_the_questions_are_these(graph: Engine) -> None:
    assert [q.name for q in questions.questions(graph)] == sorted(NUMBERED + REPORTS)


@pytest.mark.parametrize("name", ANSWERED)
def test_a_question_gets_the_answer_that_the_sources_give(graph: Engine, name: str) -> None:
    columns, rows = expected(name)
    assert rows, "a question without an answer tests nothing"
    assert answer(graph, QueryRequest(questions.question(graph, name).text)) == (columns, rows)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_has_rows(graph: Engine, name: str) -> None:
    report = questions.question(graph, name)
    assert "report" in report.keywords
    assert graph.select(report.text)


@pytest.mark.parametrize("name", INFERRED)
def test_without_inference_the_answer_is_missing_or_incomplete(graph: Engine, name: str) -> None:
    question = questions.question(graph, name)
    assert "inference" in question.keywords
    base = graph.dataset.base
    stated = QueryRequest(
        question.text,
        default_graphs=tuple(f"{base}graph/{part}" for part in ("ontology", "accepted", "sources")),
        named_graphs=(*(iri for iri in graph.dataset.graphs if "/source/" in iri), f"{base}graph/entities"),
    )
    whole = answer(graph, QueryRequest(question.text))[1]
    assert set(answer(graph, stated)[1]) < set(whole)


def test_the_same_answer_comes_in_the_same_order(graph: Engine) -> None:
    for question in questions.questions(graph):
        assert re.search(r"\nORDER BY ", question.text), question.name


def test_a_question_says_what_it_asks_in_words(graph: Engine) -> None:
    for question in questions.questions(graph):
        assert question.comment.endswith("?"), question.name
        assert question.keywords, question.name


def test_a_question_declares_the_prefixes_that_it_uses_and_no_other(graph: Engine) -> None:
    for question in questions.questions(graph):
        declared = re.findall(r"^PREFIX ([a-z-]+):", question.text, re.MULTILINE)
        body = re.sub(r'"[^"]*"|<[^>]*>', "", question.text.split("\n\n", 1)[1])
        assert sorted(set(re.findall(r"(?<![\w-])([a-z-]+):", body))) == declared, question.name
        assert f"PREFIX diplo: <{EVIDENCE}>" in question.text, question.name


def test_the_prefixes_for_editors_are_those_of_the_questions(graph: Engine) -> None:
    shacl = "PREFIX sh: <http://www.w3.org/ns/shacl#>\n"
    rows = graph.select(
        f"{shacl}SELECT ?prefix ?namespace WHERE {{ "
        f"GRAPH <{graph.dataset.base}graph/questions> {{ ?d sh:prefix ?prefix ; sh:namespace ?namespace }} }}"
    )
    offered = {(text_of(row, "prefix"), text_of(row, "namespace")) for row in rows}
    used = {
        pair
        for question in questions.questions(graph)
        for pair in re.findall(r"^PREFIX ([a-z-]+): <([^>]+)>", question.text, re.MULTILINE)
    }
    assert offered == used


def test_together_the_questions_use_every_class_and_every_property(graph: Engine) -> None:
    ontology = (ROOT / "ontology" / "core.ttl").read_text(encoding="utf-8")
    terms = set(re.findall(r"^diplo:(\w+)\n {4}a ", ontology, re.MULTILINE))
    used = {
        term for question in questions.questions(graph) for term in re.findall(r"(?<![\w-])diplo:(\w+)", question.text)
    }
    assert terms - used == ONLY_IN_EXPORTS
    assert used <= terms
