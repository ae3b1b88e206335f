"""The sources: what there is, and what each passage of one states, never its text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint
from pyoxigraph import Literal, NamedNode, Triple

from kg import evidence, statistics
from kg.things.description import describe
from kg.things.names import names
from kg.things.passages import Passage, passages
from kg.vocab import IS_PASSAGE_OF
from kg.web.context import Context, context, render
from kg.web.problems import Problem
from kg.web.queries import query
from kg.web.representations import page

if TYPE_CHECKING:
    from flask import Response

    from kg.evidence import Covered

source_parts = Blueprint("sources", __name__)


@dataclass(frozen=True)
class Read:
    """A passage as the page of its source shows it: where it stands, what it states, and why nothing if so."""

    covered: Covered
    passage: Passage
    facts: tuple[Triple, ...]

    @property
    def anchor(self) -> str:
        """The part of the passage's IRI after ``#``, by which links lead to it."""
        return self.covered.passage.value.partition("#")[2]


@source_parts.get("/sources")
def index() -> Response:
    """List the sources, those that state most first."""
    return page(_index)


def source_page(here: Context, source: NamedNode) -> str:
    """Return the page of a source: bibliography, coverage, and its passages in reading order with their facts."""
    description = describe(here.engine, here.build.schema, source)
    if description is None:
        detail = "The graph knows nothing about this source."
        raise Problem("not-found", detail)
    covered = evidence.coverage(here.engine, source)
    found = passages(here.engine, (c.passage for c in covered))
    stated: dict[NamedNode, list[Triple]] = {}
    for row in here.engine.select(query("passage_facts"), source=source):
        if isinstance(row["passage"], NamedNode):
            triple = Triple(row["subject"], row["predicate"], row["object"])  # type: ignore[arg-type]
            stated.setdefault(row["passage"], []).append(triple)
    read = [
        Read(c, found[c.passage], tuple(sorted(stated.get(c.passage, []), key=str)))
        for c in dict.fromkeys(covered)
        if c.passage in found
    ]
    terms = [term for r in read for t in r.facts for term in (t.subject, t.predicate, t.object)]
    favoured = [f for r in read for f in r.passage.favoured]
    return render(
        "source.html",
        thing=description,
        sections=[(g, [r for r in rows if r.property != IS_PASSAGE_OF]) for g, rows in description.sections],
        read=read,
        names={**names(here.engine, terms), **description.names},
        favoured=passages(here.engine, favoured),
        stating=sum(c.facts > 0 for c in covered),
        silent=sum(c.facts == 0 and c.accounted_for for c in covered),
        facts=sum(c.facts for c in covered),
    )


def _index() -> str:
    here = context()
    counted = statistics.sources(here.engine)
    publishers: dict[NamedNode, list[NamedNode]] = {}
    primary: set[NamedNode] = set()
    for row in here.engine.select(query("bibliography")):
        source, value = row["source"], row["value"]
        if isinstance(source, NamedNode) and isinstance(value, NamedNode):
            publishers.setdefault(source, []).append(value)
        elif isinstance(source, NamedNode) and isinstance(value, Literal) and value.value == "true":
            primary.add(source)
    called = names(here.engine, (p for s in counted for p in publishers.get(s.iri, ())))
    return render("sources.html", sources=counted, publishers=publishers, primary=primary, names=called)
