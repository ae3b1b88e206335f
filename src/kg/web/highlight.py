"""SPARQL in colours: the text of a query as HTML, its comments, strings, IRIs, variables and keywords marked."""

from __future__ import annotations

from markupsafe import Markup, escape

from kg.query.tokens import tokens

_MARKED = {"comment": "comment", "iri": "iri", "string": "string", "variable": "variable", "name": "name"}
_KEYWORDS = frozenset(
    "PREFIX BASE SELECT CONSTRUCT DESCRIBE ASK DISTINCT REDUCED FROM NAMED WHERE GRAPH OPTIONAL UNION MINUS FILTER "
    "BIND VALUES EXISTS NOT IN AS GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET UNDEF SERVICE SILENT COUNT SUM MIN MAX "
    "AVG SAMPLE GROUP_CONCAT SEPARATOR IF BOUND STR LANG DATATYPE A TRUE FALSE COALESCE".split()
)


def highlighted(text: str) -> Markup:
    """Return ``text`` as HTML in which what matters is marked by classes."""
    parts: list[Markup] = []
    position = 0
    for kind, word, start, end in tokens(text):
        class_ = _MARKED.get(kind) or ("keyword" if kind == "word" and word.upper() in _KEYWORDS else "")
        if class_:
            parts.append(escape(text[position:start]))
            parts.append(Markup('<span class="{}">{}</span>').format(class_, text[start:end]))
            position = end
    return Markup("").join([*parts, escape(text[position:])])
