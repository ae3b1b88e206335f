"""``/sparql``, the SPARQL 1.1 Protocol with entity tags, a cache and content codings, and ``/store``, graph reads."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

import pyoxigraph
from flask import Blueprint, Response, g, request

from kg.query.engine import Answer, Cancellation, QueryRequest
from kg.query.errors import QueryError
from kg.query.formats import GRAPHS, RESULTS
from kg.query.tokens import is_repeatable
from kg.web import compression
from kg.web.cache import CachedAnswer
from kg.web.editor import plain_editor
from kg.web.negotiate import Choices, Kind, choose, choose_for_query, offers, prefers_page
from kg.web.problems import Problem, of_error
from kg.web.protocol import (
    ACCEPT_QUERY,
    GRAPH_STORE_METHODS,
    METHODS,
    GraphRead,
    Query,
    Request,
    read_graph,
    read_operation,
)
from kg.web.service import Service, service
from kg.web.service_description import PREFIXES, service_description

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask.typing import ResponseReturnValue

    from kg.query.engine import Engine
    from kg.query.formats import Form

sparql = Blueprint("sparql", __name__)

ENDPOINT = "/sparql"
GRAPH_STORE = "/store"
# The environ key under which a server may put the means to stop the work when its client leaves.
CANCELLATION = "kg.cancellation"

_REVALIDATE = "public, max-age=60, must-revalidate"
_ATTACHED = frozenset({"csv", "tsv"})


@sparql.route(ENDPOINT, methods=list(METHODS), strict_slashes=False)
def query() -> ResponseReturnValue:
    """Answer a request to the endpoint (SPARQL 1.1 Protocol, section 2)."""
    if request.method == "OPTIONS":
        return _telling_of_query(_options(METHODS))
    operation = read_operation(_request())
    if isinstance(operation, Query):
        g.query = operation.text
    accept = _accept()
    if isinstance(operation, Query):
        if operation.format is None and prefers_page(accept):
            return _editor(operation)
        return _answer(operation, choose_for_query(accept, operation.format))
    if prefers_page(accept):
        return _editor(None)
    return _telling_of_query(_describe_service(accept))


@sparql.route(GRAPH_STORE, methods=list(GRAPH_STORE_METHODS), strict_slashes=False)
def read_graph_store() -> ResponseReturnValue:
    """Return a whole graph (SPARQL 1.1 Graph Store HTTP Protocol, section 5.2)."""
    if request.method == "OPTIONS":
        return _options(GRAPH_STORE_METHODS)
    operation = read_graph(_request())
    text, graphs = _graph_query(operation, service().engine)
    return _answer(Query(text, default_graphs=graphs, named_graphs=graphs and ()), choose_for_query(_accept()))


def _graph_query(operation: GraphRead, engine: Engine) -> tuple[str, tuple[str, ...] | None]:
    text = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    if operation.graph is None:
        return text, None
    if operation.graph not in engine.dataset.graphs:
        detail = f"There is no graph <{operation.graph}>."
        raise Problem("not-found", detail)
    return text, (operation.graph,)


def _accept() -> str | None:
    return request.headers.get("Accept")


def _request() -> Request:
    return Request(
        method=request.method,
        query_string=request.query_string.decode("latin-1"),
        content_type=request.headers.get("Content-Type"),
        content_encoding=request.headers.get("Content-Encoding"),
        body=request.get_data(cache=False) if request.method in {"POST", "QUERY"} else b"",
    )


def _options(methods: Iterable[str]) -> Response:
    response = Response(status=204)
    del response.headers["Content-Type"]
    response.headers["Allow"] = ", ".join(methods)
    return response


def _telling_of_query(response: Response) -> Response:
    """Say that the method QUERY is there, and with which contents (RFC 10008)."""
    response.headers["Accept-Query"] = ACCEPT_QUERY
    return response


def _editor(operation: Query | None) -> ResponseReturnValue:
    editor = service().editor
    return editor(operation) if editor is not None else plain_editor(operation)


def _answer(operation: Query, choices: Choices) -> Response:
    """Answer a query from its entity tag, from the cache, or by asking the engine."""
    here, started = service(), time.monotonic()
    if not any((choices.solutions, choices.boolean, choices.graph)):
        raise _not_acceptable()
    engine = here.engine
    key = _key(operation, choices, engine.dataset.digest) if is_repeatable(operation.text) else None
    coding = compression.choose_coding(request.headers.get("Accept-Encoding"))
    known = _known_tag(key) if key is not None else None
    if known is not None:
        g.outcome = "not-modified"
        here.metrics.queries.labels(g.outcome).inc()
        response = Response(status=304)
        response.set_etag(known)
        response.headers["Cache-Control"] = _REVALIDATE
        return response
    try:
        entry = here.cache.get(key) if key is not None else None
        g.outcome = "ok" if entry is None else "cached"
        if entry is None:
            response = _ask(engine, operation, choices, key, coding)
        else:
            response = _whole(here, entry, choices, key, coding)
    except QueryError as error:
        problem = of_error(error)
        g.outcome = problem.kind
        if problem.kind == "not-acceptable":
            raise _not_acceptable(problem.detail) from error
        raise problem from error
    finally:
        here.metrics.queries.labels(g.get("outcome", "internal-error")).inc()
        here.metrics.seconds.observe(time.monotonic() - started)
    response.headers["Cache-Control"] = "no-store" if key is None else _REVALIDATE
    if key is not None:
        response.set_etag(_tag(key, response.headers.get("Content-Encoding", "")))
    return response


def _ask(engine: Engine, operation: Query, choices: Choices, key: bytes | None, coding: str) -> Response:
    here = service()
    cancellation = request.environ.get(CANCELLATION)
    question = QueryRequest(
        text=operation.text,
        default_graphs=operation.default_graphs,
        named_graphs=operation.named_graphs,
        wanted=choices.wanted,
        seconds=operation.seconds,
        cancellation=cancellation if isinstance(cancellation, Cancellation) else None,
    )
    with engine.query(question) as answer:
        if answer.body is None:
            return _long(here, answer, choices, coding)
        entry = (
            here.cache.put(key or b"", answer.form, answer.body)
            if key
            else CachedAnswer(answer.form, {"": answer.body})
        )
    here.metrics.cache_bytes.set(here.cache.size)
    return _whole(here, entry, choices, key, coding)


def _whole(here: Service, entry: CachedAnswer, choices: Choices, key: bytes | None, coding: str) -> Response:
    """Return a response from an answer in memory, in the coding asked for if that makes it smaller."""
    body = entry.codings[""]
    used = ""
    if coding and len(body) >= compression.SMALLEST:
        used = coding
        body = entry.codings.get(coding) or compression.compress(body, coding)
        if key is not None:
            here.cache.add_coding(key, entry, coding, body)
    response = Response(body)
    return _with_type(response, entry.form, choices, used)


def _long(here: Service, answer: Answer, choices: Choices, coding: str) -> Response:
    """Return a response from an answer that comes in pieces, when all of them are there."""
    chunks: Iterable[bytes] = compression.compress_stream(answer, coding) if coding else answer
    kept = here.spool.keep(chunks)
    response = Response(kept, direct_passthrough=True)
    response.content_length = kept.size
    return _with_type(response, answer.form, choices, coding)


def _with_type(response: Response, form: Form, choices: Choices, coding: str) -> Response:
    choice = choices.of(form)
    if choice is None:
        raise _not_acceptable()
    response.headers["Content-Type"] = choice.content_type
    if coding:
        response.headers["Content-Encoding"] = coding
    if choice.media.name in _ATTACHED:
        response.headers["Content-Disposition"] = f'inline; filename="answer.{choice.media.name}"'
    return response


def _key(operation: Query, choices: Choices, digest: str) -> bytes:
    """Return what an answer depends on as a short key: the build, the query, the dataset asked and the formats."""
    types = [choice.type if choice else "" for choice in (choices.solutions, choices.boolean, choices.graph)]
    parts = (digest, operation.text, repr(operation.default_graphs), repr(operation.named_graphs), *types)
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _tag(key: bytes, coding: str) -> str:
    return f"{key.hex()}-{coding}" if coding else key.hex()


def _known_tag(key: bytes) -> str | None:
    """Return the tag of the answer that the client has, in whichever coding (RFC 9110, section 13.1.2), or ``None``.

    An answer to POST is no representation of anything, so no tag of it can tell that nothing changed.
    """
    if request.method == "POST":
        return None
    given = request.if_none_match.as_set(include_weak=True)
    return next((tag for tag in (_tag(key, coding) for coding in ("", *compression.CODINGS)) if tag in given), None)


def _describe_service(accept: str | None) -> Response:
    here = service()
    choice = choose(accept, offers(Kind.GRAPH))
    if choice is None or choice.media.format is None:
        raise _not_acceptable(kinds=(Kind.GRAPH,))
    iris = {name.value: written.iri for name, written in RESULTS.items()}
    iris |= {name.value: written.iri for name, written in GRAPHS.items()}
    triples = service_description(here.url + ENDPOINT, here.dataset, iris)
    body = pyoxigraph.serialize(triples, format=GRAPHS[choice.media.format], prefixes=PREFIXES)
    response = Response(body)
    response.headers["Content-Type"] = choice.content_type
    response.headers["Cache-Control"] = _REVALIDATE
    response.set_etag(hashlib.blake2b(body or b"", digest_size=16).hexdigest())
    return response


def _not_acceptable(
    detail: str = "None of the formats in the header Accept is offered for this answer.",
    kinds: tuple[Kind, ...] = (Kind.SOLUTIONS, Kind.GRAPH),
) -> Problem:
    offered = [media.type for kind in kinds for media in offers(kind)]
    return Problem("not-acceptable", detail, {"offered": offered})
