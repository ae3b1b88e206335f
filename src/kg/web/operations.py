"""``/health``, ``/metrics`` and ``/problems``: for those who run the server, and those who met an error."""

from __future__ import annotations

from html import escape
from typing import Any

from flask import Blueprint, Response, jsonify, request

from kg.query.engine import QueryRequest
from kg.query.errors import Busy, QueryError
from kg.web.metrics import CONTENT_TYPE
from kg.web.negotiate import HTML, PROBLEM, choose
from kg.web.problems import PROBLEM_KINDS, Problem
from kg.web.service import service

operations = Blueprint("operations", __name__)


@operations.get("/health/live")
def live() -> Response:
    """Tell that the process answers at all."""
    return _fresh(jsonify(status="live"))


@operations.get("/health")
def ready() -> Response:
    """Tell whether queries are answered, and from which build: 200 if so, 503 if not."""
    here = service()
    statistics = here.statistics()
    status = "ready"
    if statistics.idle == 0 and statistics.workers:
        # All workers are at work: that is health too, and a probe should not wait in line behind them.
        status = "busy"
    else:
        try:
            here.engine.query(QueryRequest("ASK {}", seconds=2.0)).close()
        except Busy:
            status = "busy"
        except QueryError:
            status = "unavailable"
    dataset = here.dataset
    body: dict[str, Any] = {
        "status": status,
        "digest": dataset.digest,
        "built": dataset.built,
        "triples": dataset.triples,
        "graphs": len(dataset.graphs),
        "workers": {"total": statistics.workers, "idle": statistics.idle, "restarts": dict(statistics.restarts)},
        "queue": statistics.waiting,
    }
    response = jsonify(body)
    response.status_code = 503 if status == "unavailable" else 200
    return _fresh(response)


@operations.get("/metrics")
def metrics() -> Response:
    """Return the metrics in the Prometheus text format."""
    response = Response(service().metrics.exposition())
    response.headers["Content-Type"] = CONTENT_TYPE
    return _fresh(response)


@operations.get("/problems/<name>")
def problem(name: str) -> Response:
    """Explain a kind of problem: the address that the member ``type`` of its problems names."""
    kind = PROBLEM_KINDS.get(name)
    if kind is None:
        raise Problem("not-found", "There is no such kind of problem.")
    choice = choose(request.headers.get("Accept"), (HTML, PROBLEM))
    if choice is not None and choice.media is PROBLEM:
        response = jsonify(name=name, status=kind.status, title=kind.title, explanation=kind.explanation)
    else:
        response = Response(
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{escape(kind.title)}</title></head><body><main><h1>{escape(kind.title)}</h1>"
            f"<p>{escape(kind.explanation)}</p><p>HTTP status {kind.status}.</p></main></body></html>\n"
        )
        response.headers["Content-Type"] = "text/html; charset=utf-8"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
