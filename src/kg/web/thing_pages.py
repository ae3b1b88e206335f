"""The page of a thing: its facts with the passages that state them, what points at it, and a picture of it all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request
from pyoxigraph import NamedNode

from kg.things.description import describe, pointing_at, values_of
from kg.web.context import render
from kg.web.negotiate import MediaType
from kg.web.pictures import Neighbour, neighbourhood
from kg.web.problems import Problem
from kg.web.representations import Link, answer

if TYPE_CHECKING:
    from kg.things.description import Description, Value
    from kg.web.context import Context

PAGE_SIZE = 100
"""How many values a page about one property of a thing shows."""

_SVG = MediaType("svg", "image/svg+xml", frozenset(), "SVG", charset=True)
_NEIGHBOURS = 14


def thing_page(here: Context, iri: NamedNode) -> str:
    """Return the page of a thing, or of one of its properties (parameters ``out`` or ``in``, and ``page``).

    Raises:
        Problem: the dataset knows nothing about it, or the parameters name no property or page (404).

    """
    for direction in ("out", "in"):
        if direction in request.args:
            return _property_page(here, iri, direction)
    description = _described(here, iri)
    return render("thing.html", thing=description, names=description.names, picture=_picture(here, description))


def picture(here: Context, iri: NamedNode) -> Response:
    """Return the picture of a thing and its neighbours by itself."""
    links = [Link(here.href(iri), "collection")]
    return answer({_SVG: lambda: _picture(here, _described(here, iri))}, links=links, forced=_SVG)


def page_number() -> int:
    """Return the page that the request asks for, counted from 1. Raises Problem (404) if it is no such number."""
    text = request.args.get("page", "1")
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:7]) < 1_000_000:
        detail = "The parameter page is a number from 1 upwards."
        raise Problem("not-found", detail)
    return int(text[:7])


def _described(here: Context, iri: NamedNode) -> Description:
    description = describe(here.engine, here.build.schema, iri)
    if description is None:
        detail = "The graph knows nothing about this."
        raise Problem("not-found", detail)
    return description


def _property_page(here: Context, iri: NamedNode, direction: str) -> str:
    property_ = here.expand(request.args[direction])
    number = page_number()
    if property_ is not None:
        show = values_of if direction == "out" else pointing_at
        offset = (number - 1) * PAGE_SIZE
        row, names = show(here.engine, here.build.schema, iri, property_, offset, PAGE_SIZE)
        if row.values:
            pages = -(-row.total // PAGE_SIZE)
            return render(
                "property.html",
                iri=iri,
                row=row,
                names=names,
                direction=direction,
                number=number,
                pages=pages,
                first=offset + 1,
            )
    detail = "The thing has no such property, or not so many values of it."
    raise Problem("not-found", detail)


def _picture(here: Context, thing: Description) -> str:
    """Return the SVG of a thing between what points at it and what it points at; empty if there is nothing to show."""
    outgoing = [
        (row.name, _neighbours(here, thing, [v for v in row.values if v.fact.accepted]), row.total)
        for _, rows in thing.sections
        for row in rows
    ]
    incoming = [(row.name, _neighbours(here, thing, list(row.values)), row.total) for row in thing.incoming]
    out = [group for group in outgoing if group[1]]
    in_ = [group for group in incoming if group[1]]
    if not out and not in_:
        return ""
    return neighbourhood(thing.name.text, in_, out, most=_NEIGHBOURS)


def _neighbours(here: Context, thing: Description, values: list[Value]) -> list[Neighbour]:
    return [
        Neighbour(thing.names[term].text, here.href(term), value.inferred)
        for value in values
        if isinstance(term := value.term, NamedNode) and here.addresses.path(term.value) is not None
    ]
