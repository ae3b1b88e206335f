"""The plainest page that can send a query: a form that works in every browser, without styles or scripts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from kg.web.negotiate import Kind, offers

if TYPE_CHECKING:
    from kg.web.protocol import Query

_EXAMPLE = "SELECT * WHERE { ?subject ?predicate ?object } LIMIT 10"


def plain_editor(operation: Query | None) -> str:
    """Return a page with a form for a query, filled with that of ``operation`` if there is one."""
    text = escape(operation.text if operation is not None else _EXAMPLE)
    options = "".join(
        f'<option value="{media.name}">{escape(media.label)}</option>'
        for kind in (Kind.SOLUTIONS, Kind.GRAPH)
        for media in offers(kind)
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        "<title>SPARQL</title></head><body><main><h1>SPARQL</h1>"
        '<form action="/sparql" method="get"><p><label for="query">Query</label></p>'
        f'<p><textarea id="query" name="query" rows="16" cols="80">{text}</textarea></p>'
        f'<p><label>Format <select name="format">{options}</select></label> <button>Ask</button></p>'
        "</form></main></body></html>\n"
    )
