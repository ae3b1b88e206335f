"""The questions that come with the graph: in words, as SPARQL, and with their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from kg import questions
from kg.web.context import Context, context, render
from kg.web.problems import Problem
from kg.web.representations import page
from kg.web.results import ask

if TYPE_CHECKING:
    from flask import Response

    from kg.questions import Question

question_parts = Blueprint("questions", __name__)


@question_parts.get("/questions")
def index() -> Response:
    """List the questions, by keyword."""
    return page(_index)


@question_parts.get("/questions/<name>")
def one(name: str) -> Response:
    """Show a question by its name."""
    here = context()

    def write() -> str:
        found = next((q for q in questions.questions(here.engine) if q.name == name), None)
        if found is None:
            detail = "There is no such question."
            raise Problem("not-found", detail)
        return question_page(here, found)

    return page(write)


def question_page(here: Context, question: Question) -> str:
    """Return the page of a question: its words, its query, and the answer of the moment."""
    return render("question.html", question=question, outcome=ask(here, question.text))


def _index() -> str:
    here = context()
    found = questions.questions(here.engine)
    by_keyword: dict[str, list[Question]] = {}
    for question in found:
        by_keyword.setdefault(question.keywords[0] if question.keywords else "", []).append(question)
    return render("questions.html", groups=sorted(by_keyword.items()), total=len(found))
