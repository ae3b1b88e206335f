"""Things with dates on an axis of years, class by class: what began when, and what lasted how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request

from kg.things.collections import Dated, dated
from kg.things.names import names
from kg.web.context import Context, context, render
from kg.web.pictures import Span, timeline
from kg.web.problems import Problem
from kg.web.representations import page

if TYPE_CHECKING:
    from flask import Response
    from pyoxigraph import NamedNode

timeline_parts = Blueprint("timelines", __name__)

_LINES_OF_EACH = 30
_FEWEST = 3
_YEARS = range(1, 10_000)


@timeline_parts.get("/timeline")
def show() -> Response:
    """Show the dated things of every class, or of the one that the parameter ``class`` names."""
    here = context()
    return page(lambda: _timeline(here))


def _timeline(here: Context) -> str:
    by_class: dict[NamedNode, list[Dated]] = {}
    for thing in dated(here.engine):
        by_class.setdefault(thing.class_, []).append(thing)
    wanted = here.expand(request.args["class"]) if "class" in request.args else None
    if "class" in request.args and wanted not in by_class:
        detail = "There is no such class with dated things."
        raise Problem("not-found", detail)
    # What lasts is told best by a line, so classes whose things mostly have both ends come first.
    order = sorted(by_class, key=lambda c: (-_lasting(by_class[c]), -len(by_class[c]), c.value))
    chosen = [wanted] if wanted is not None else [c for c in order if len(by_class[c]) >= _FEWEST] or order
    first, last = _years([thing for c in chosen for thing in by_class[c]])
    called = names(here.engine, [*by_class, *(thing.iri for c in chosen for thing in by_class[c])])
    parts = []
    for class_ in chosen:
        things = by_class[class_] if wanted is not None else _latest(by_class[class_])
        spans = [Span(called[t.iri].text, here.href(t.iri), t.begin, t.end, t.wording) for t in things]
        parts.append((class_, timeline(called[class_].text, spans, first, last), len(things), len(by_class[class_])))
    return render(
        "timeline.html", parts=parts, classes=[(c, len(by_class[c])) for c in order], wanted=wanted, names=called
    )


def _lasting(things: list[Dated]) -> float:
    """Return the share of things that have both ends and last longer than a month, in tenths."""
    return round(10 * sum(bool(t.begin and t.end) and t.begin[:7] != t.end[:7] for t in things) / len(things))


def _latest(things: list[Dated]) -> list[Dated]:
    """Return the latest things, in the order of their beginnings."""
    ordered = sorted(things, key=lambda t: (t.begin or t.end, t.end))
    return ordered[-_LINES_OF_EACH:]


def _years(things: list[Dated]) -> tuple[int, int]:
    """Return the years that hold all but the earliest twentieth of the beginnings; those are cut off at the edge."""
    days = sorted(day for thing in things for day in (thing.begin, thing.end) if day)
    years = [int(day[:4]) for day in days if day[:4].isdigit() and int(day[:4]) in _YEARS]
    if not years:
        return 1900, 2000
    return years[len(years) // 20], max(years)
