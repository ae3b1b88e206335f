"""The questions that the graph was made for, asked as users ask them.

The expected answers in ``expected/`` were written by reading the sources, without sight of the queries.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg import questions
from kg.vocab import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyoxigraph import BlankNode, Literal, NamedNode, Triple

    from kg.query.engine import Engine

EXPECTED = Path(__file__).parent / "expected"
NAMES = sorted(file.stem for file in EXPECTED.glob("*.csv"))
# Answers that only inference gives.
INFERRED = ("q08", "q16")


def rows_of(
    solutions: list[dict[str, NamedNode | BlankNode | Literal | Triple]], columns: list[str]
) -> list[tuple[str, ...]]:
    def text(row: Mapping[str, object], column: str) -> str:
        return str(getattr(row.get(column), "value", ""))

    return sorted(tuple(text(row, column) for column in columns) for row in solutions)


def expected(name: str) -> tuple[list[str], list[tuple[str, ...]]]:
    with (EXPECTED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, sorted(tuple(row) for row in rows)


def test_every_question_has_an_expected_answer_and_the_other_way_round(graph: Engine) -> None:
    assert {q.name for q in questions.questions(graph) if "report" not in q.keywords} == set(NAMES)


def test_every_report_has_rows(graph: Engine) -> None:
    reports = [q for q in questions.questions(graph) if "report" in q.keywords]
    assert reports
    for report in reports:
        assert graph.select(report.text), report.name


@pytest.mark.parametrize("name", NAMES)
def test_a_question_gets_the_answer_that_the_sources_give(graph: Engine, name: str) -> None:
    columns, rows = expected(name)
    assert rows, "a question without an answer tests nothing"
    assert rows_of(graph.select(questions.question(graph, name).text), columns) == rows


@pytest.mark.parametrize("name", INFERRED)
def test_without_inference_the_answer_is_missing_or_incomplete(graph: Engine, name: str) -> None:
    base = graph.dataset.base
    parts = "".join(f"FROM <{base}graph/{part}>\n" for part in ("ontology", "accepted", "sources"))
    passages = "".join(
        f"FROM NAMED <{iri}>\n"
        for iri in [*(p for p in graph.dataset.graphs if "/source/jacobs-2023#" in p), f"{base}graph/entities"]
    )
    text = questions.question(graph, name).text.replace("\nWHERE", f"\n{parts}{passages}WHERE", 1)
    columns, rows = expected(name)
    assert set(rows_of(graph.select(text), columns)) < set(rows)


def test_every_question_declares_the_prefixes_that_it_uses(graph: Engine) -> None:
    for question in questions.questions(graph):
        assert "PREFIX diplo: <" + EVIDENCE in question.text
        assert question.comment.endswith("?")
