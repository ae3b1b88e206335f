"""The page on which people write queries: a plain form and a table, made comfortable by a script where there is one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from kg import questions
from kg.things.names import names
from kg.web.context import context, render
from kg.web.negotiate import Kind, MediaType, offers
from kg.web.problems import PROBLEM_KINDS
from kg.web.representations import REVALIDATE, answer
from kg.web.responses import CONTENT_SECURITY_POLICY
from kg.web.results import ROWS_SHOWN, ask

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from kg.query.engine import Term
    from kg.web.protocol import Query

workbench = Blueprint("workbench", __name__)

_JSON = MediaType("json", "application/json", frozenset(), "JSON")
# The editor sets the styles of its lines and tables by attributes; nothing else may.
_POLICY = CONTENT_SECURITY_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
_FIRST = """SELECT ?class (COUNT(?thing) AS ?things)
WHERE { ?thing a ?class }
GROUP BY ?class
ORDER BY DESC(?things)
LIMIT 20
"""


def editor(operation: Query | None) -> ResponseReturnValue:
    """Return the page with a query and its answer, or with an example and no answer."""
    here = context()
    outcome = None
    if operation is not None:
        outcome = ask(
            here,
            operation.text,
            default_graphs=operation.default_graphs,
            named_graphs=operation.named_graphs,
            seconds=operation.seconds,
        )
    text = operation.text if operation is not None else _prologue() + _FIRST
    response = Response(
        render(
            "sparql.html",
            text=text,
            outcome=outcome,
            limit=ROWS_SHOWN,
            questions=questions.questions(here.engine),
            formats=offers(Kind.GRAPH) if outcome is not None and outcome.is_graph else offers(Kind.SOLUTIONS),
            explanations=PROBLEM_KINDS,
        ),
        content_type="text/html; charset=utf-8",
    )
    response.headers["Content-Security-Policy"] = _POLICY
    if outcome is not None and outcome.problem is not None:
        response.status_code = outcome.problem.status
        response.headers["Cache-Control"] = "no-store"
    else:
        response.headers["Cache-Control"] = REVALIDATE
        response.add_etag()
    return response


@workbench.get("/completions.json")
def completions() -> Response:
    """Return what the editor completes from: prefixes, classes and properties with their names, and the questions."""
    return answer({_JSON: _completions}, forced=_JSON)


def _completions() -> str:
    here = context()
    schema = here.build.schema
    used = [
        row["property"]
        for row in here.engine.select("SELECT DISTINCT ?property WHERE { ?s ?property ?o } ORDER BY ?property")
    ]
    classes = [
        row["class"] for row in here.engine.select("SELECT DISTINCT ?class WHERE { ?s a ?class } ORDER BY ?class")
    ]
    called = names(here.engine, [*classes, *used, *schema.classes, *schema.properties])

    def listed(terms: list[Term]) -> list[dict[str, str]]:
        found = dict.fromkeys(term for term in terms if isinstance(term, NamedNode))
        return [{"iri": term.value, "name": called[term].text} for term in sorted(found, key=str)]

    return json.dumps(
        {
            "prefixes": dict(here.engine.dataset.prefixes),
            "classes": listed([*classes, *schema.classes]),
            "properties": listed([*used, *schema.properties]),
            "questions": [{"name": q.label, "query": q.text} for q in questions.questions(here.engine)],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _prologue() -> str:
    """Return the prefixes that most queries need: those below the base, and those of the standards that people type."""
    here = context()
    wanted = {"rdfs", "skos"}
    lines = [
        f"PREFIX {prefix}: <{namespace}>"
        for prefix, namespace in sorted(here.engine.dataset.prefixes.items())
        if prefix in wanted or namespace == f"{here.base}ontology#"
    ]
    return "\n".join(lines) + "\n\n" if lines else ""
