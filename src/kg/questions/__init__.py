"""The questions that a project ships with: queries as data, run like anybody's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.errors import InputError

if TYPE_CHECKING:
    from kg.query.engine import Engine


@cache
def _query() -> str:
    return resources.files(__name__).joinpath("questions.rq").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Question:
    """A question in words and in SPARQL, in the SIB convention (``sh:SPARQLExecutable``)."""

    iri: NamedNode
    label: str
    comment: str
    text: str
    keywords: tuple[str, ...]

    @property
    def name(self) -> str:
        """The end of the IRI, by which a command can ask it."""
        return self.iri.value.rstrip("/").rsplit("/", 1)[-1]


def questions(engine: Engine) -> list[Question]:
    """Return the questions of a dataset, sorted by IRI."""
    graph = NamedNode(f"{engine.dataset.base}graph/questions")
    found = []
    for row in engine.select(_query(), questions=graph):
        iri = row["question"]
        values = {n: t.value for n, t in row.items() if isinstance(t, Literal)}
        if isinstance(iri, NamedNode):
            keywords = tuple(sorted(k for k in values.get("keywords", "").split(", ") if k))
            found.append(Question(iri, values["label"], values["comment"], values["text"].strip() + "\n", keywords))
    return found


def question(engine: Engine, name: str) -> Question:
    """Return the question called ``name``. Raises InputError (exit code 2) that lists the names there are."""
    known = questions(engine)
    for candidate in known:
        if name in {candidate.name, candidate.iri.value}:
            return candidate
    raise InputError(
        f"There is no question '{name}'.", advice=f"Questions: {', '.join(q.name for q in known)}.", exit_code=2
    )
