"""The page of a fact: who states it, who disagrees, and, if it only follows, how."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, request
from markupsafe import Markup, escape
from pyoxigraph import NamedNode, Triple

from kg import evidence, proofs
from kg.proofs import Prover
from kg.things import facts_of
from kg.things.names import names
from kg.things.passages import passages
from kg.web.context import Context, context, render
from kg.web.negotiate import MediaType
from kg.web.problems import Problem
from kg.web.representations import answer, page

if TYPE_CHECKING:
    from kg.prefixes import Prefixes
    from kg.query.engine import Engine

fact_parts = Blueprint("facts", __name__)

_PROOFS = {
    name: MediaType(name, type_, frozenset(), label, charset=True)
    for name, type_, label in (
        ("text", "text/plain", "text"),
        ("json", "application/json", "JSON"),
        ("ttl", "text/turtle", "Turtle"),
        ("dot", "text/vnd.graphviz", "DOT"),
        ("svg", "image/svg+xml", "picture"),
    )
}


class Provers:
    """Keeps the prover of the build that is served now, which draws the closure once; one proof at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._digest = ""
        self._prover: Prover | None = None

    def explain(self, engine: Engine, prefixes: Prefixes, triple: Triple, format_: proofs.Format) -> str | None:
        """Return a proof of a triple in a format, or ``None`` if the graph does not say it."""
        with self._lock:
            if self._prover is None or self._digest != engine.dataset.digest:
                self._prover, self._digest = Prover(engine, prefixes), engine.dataset.digest
            return self._prover.explain(triple, format_=format_)


_EXTENSION = "kg.provers"
_SHORT_NAME = re.compile(r"(?<![\w\"/])([A-Za-z][\w.-]*):[A-Za-z0-9_](?:[\w.-]*\w)?", re.ASCII)
# A picture brings its own styles, and nothing else.
_PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@fact_parts.get("/fact")
def fact() -> Response:
    """Show a fact: ``?s=&p=&o=``, each an IRI or a CURIE, the last also a literal as in Turtle."""
    here = context()
    return page(lambda: _fact_page(here, _triple(here)))


@fact_parts.get("/proof")
def proof() -> Response:
    """Return the proof of a fact in the format of the parameter ``format``: text, json, ttl, dot or svg."""
    here = context()
    name = request.args.get("format", "text")
    media = _PROOFS.get(name)
    if media is None:
        detail = f"The parameter format is one of {', '.join(_PROOFS)}."
        raise Problem("bad-request", detail)

    def write() -> str:
        written = explain(here, _triple(here), name)
        if written is None:
            detail = "The graph does not say this."
            raise Problem("not-found", detail)
        return written

    response = answer({media: write}, forced=media)
    if name == "svg":
        response.headers["Content-Security-Policy"] = _PICTURE_POLICY
    return response


def explain(here: Context, triple: Triple, format_: str) -> str | None:
    """Return a proof of a triple, or ``None`` if the graph does not say it."""
    kept = current_app.extensions.setdefault(_EXTENSION, Provers())
    assert isinstance(kept, Provers)  # noqa: S101 - set here and nowhere else
    return kept.explain(here.engine, here.build.prefixes, triple, format_)  # type: ignore[arg-type]


def _linked(here: Context, text: str) -> Markup:
    """Return the text of a proof with a link from each short name to its page."""
    namespaces = here.build.prefixes.namespaces
    parts: list[Markup] = []
    position = 0
    for match in _SHORT_NAME.finditer(text):
        iri = here.expand(match[0]) if match[1] in namespaces else None
        if iri is not None:
            link = Markup('<a href="{}">{}</a>').format(here.href(iri), match[0])
            parts += (escape(text[position : match.start()]), link)
            position = match.end()
    return Markup("").join([*parts, escape(text[position:])])


def _triple(here: Context) -> Triple:
    subject = here.expand(request.args.get("s", ""))
    predicate = here.expand(request.args.get("p", ""))
    object_ = here.term(request.args.get("o", ""))
    if subject is None or predicate is None or object_ is None:
        detail = "The parameters s and p are an IRI or a CURIE each, and o is one of these or a literal as in Turtle."
        raise Problem("bad-request", detail)
    return Triple(subject, predicate, object_)


def _fact_page(here: Context, triple: Triple) -> str:
    stated = evidence.statements(here.engine, triple)
    holds = evidence.holds(here.engine, triple)
    assert isinstance(triple.subject, NamedNode)  # noqa: S101 - made so by _triple
    own = [f for f in facts_of(here.engine, triple.subject) if f.triple.predicate == triple.predicate]
    this = next((f for f in own if f.triple == triple), None)
    if this is None:
        detail = "The graph does not say this, and no passage does."
        raise Problem("not-found", detail)
    types = [f.triple.object for f in facts_of(here.engine, triple.subject) if isinstance(f.triple.object, NamedNode)]
    single = here.build.schema.display(triple.predicate, types).single
    rivals = [f for f in own if f.triple != triple and (single or not f.accepted or not this.accepted)]
    favoured = passages(here.engine, (p for s in stated for p in s.favoured))
    terms = [triple.subject, triple.predicate, triple.object, *(f.triple.object for f in rivals)]
    return render(
        "fact.html",
        triple=triple,
        fact=this,
        holds=holds,
        stated=stated,
        publishers=evidence.publishers(stated),
        rivals=[(f, evidence.statements(here.engine, f.triple)) for f in rivals],
        favoured=favoured,
        names=names(here.engine, terms),
        proof=_linked(here, explain(here, triple, "text") or "") if holds and not stated else None,
        formats=_PROOFS.values(),
        parameters=dict(request.args.items()),
    )
