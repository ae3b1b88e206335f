"""What every response gets, whoever made it: security headers, CORS, a request id, validators, a coding, a line."""

from __future__ import annotations

import json
import logging
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from kg.query.errors import QueryError
from kg.web import compression
from kg.web.negotiate import HTML, PROBLEM, choose
from kg.web.problems import Problem, as_html, as_json, of_error, of_status
from kg.web.protocol import METHODS
from kg.web.service import service

if TYPE_CHECKING:
    from flask import Flask

    from kg.web.service import Service

_log = logging.getLogger("kg.web")
access_log = logging.getLogger("kg.access")

# The environ key under which a server may put a problem that it met before the application was called.
REFUSED = "kg.refused"

# Nothing from elsewhere, no inline scripts or styles, no frames; pages that need more say so themselves.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SECURITY = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# The data is public: any site may read it, none with a visitor's credentials (Fetch, section 3.3).
_CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Query, Allow, Content-Location, ETag, Link, Retry-After, X-Request-ID",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": ", ".join(METHODS),
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match, X-Request-ID",
    "Access-Control-Max-Age": "86400",
}


_EVERYWHERE = (*_SECURITY.items(), *_CROSS_ORIGIN.items())
_VARY = ("Accept", "Accept-Encoding")


def install(app: Flask) -> None:
    """Have ``app`` treat every request and response in this way, and answer every error with a problem."""
    app.before_request(_begin)
    app.after_request(_finish)
    app.register_error_handler(Problem, _answer_problem)
    app.register_error_handler(QueryError, _answer_query_error)
    app.register_error_handler(HTTPException, _answer_http_exception)
    app.register_error_handler(Exception, _answer_exception)


def _begin() -> None:
    g.started = time.monotonic()
    g.request_id = str(uuid.uuid4())
    refused = request.environ.get(REFUSED)
    if isinstance(refused, Problem):
        raise refused


def _answer_problem(problem: Problem) -> Response:
    """Return a problem as JSON, or as a page to a client that prefers one."""
    here = service()
    g.outcome = problem.kind
    described = problem.as_object(here.url, g.request_id)
    choice = choose(request.headers.get("Accept"), (PROBLEM, HTML))
    if choice is not None and choice.media is HTML:
        response = Response(_page(here, problem, described))
        response.headers["Content-Type"] = choice.content_type
    else:
        response = Response(as_json(described))
        response.headers["Content-Type"] = PROBLEM.type
    response.status_code = problem.status
    response.headers.update(problem.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(here: Service, problem: Problem, described: dict[str, Any]) -> str:
    """Return a problem as a page: a plain one if the other needs an engine, and that is what is missing."""
    try:
        return here.problem_page(problem, described) if here.problem_page is not None else as_html(described)
    except QueryError:
        return as_html(described)


def _answer_query_error(error: QueryError) -> Response:
    return _answer_problem(of_error(error))


def _answer_http_exception(error: HTTPException) -> Response:
    made = error.get_response()
    if made.status_code < 400:
        # A redirect of the router is a response like any other.
        return Response(made.get_data(), made.status_code, made.headers)
    kept = {name: made.headers[name] for name in ("Allow", "Retry-After") if name in made.headers}
    detail = None
    if "Allow" in kept:
        # The framework gives a set.
        allowed = {name.strip() for name in kept["Allow"].split(",")}
        kept["Allow"] = ", ".join(name for name in METHODS if name in allowed)
        detail = f"This address supports {kept['Allow']}."
    problem = of_status(made.status_code, detail, kept)
    if problem.kind == "request-too-large":
        problem.members = {"limit_bytes": service().settings.request_limit << 10}
    return _answer_problem(problem)


def _answer_exception(error: Exception) -> Response:
    _log.error("request %s failed", g.get("request_id"), exc_info=error)
    return _answer_problem(Problem("internal-error", "The server failed at this request; the failure is in its log."))


def _finish(response: Response) -> Response:
    headers = response.headers
    present = {name.lower() for name, _ in headers}
    headers.extend([(name, value) for name, value in _EVERYWHERE if name.lower() not in present])
    if request.method == "OPTIONS":
        headers.extend(_PREFLIGHT)
    headers["X-Request-ID"] = g.request_id
    if "vary" in present:
        response.vary.update(_VARY)
    else:
        headers["Vary"] = ", ".join(_VARY)
    _compress(response)
    asked = "If-None-Match" in request.headers and request.method in {"GET", "HEAD"}
    if asked and response.status_code == 200 and not response.direct_passthrough:
        response.make_conditional(request.environ)
    _record(response)
    return response


def _compress(response: Response) -> None:
    if response.direct_passthrough or "Content-Encoding" in response.headers or response.status_code in {204, 304}:
        return
    if not response.is_sequence or not compression.is_compressible(response.headers.get("Content-Type", "")):
        return
    coding = compression.choose_coding(request.headers.get("Accept-Encoding"))
    body = response.get_data()
    if not coding or len(body) < compression.SMALLEST:
        return
    response.set_data(compression.compress(body, coding))
    response.headers["Content-Encoding"] = coding
    tag, weak = response.get_etag()
    if tag is not None:
        response.set_etag(f"{tag}-{coding}", weak=bool(weak))


def _record(response: Response) -> None:
    here = service()
    size = response.content_length if response.status_code not in {204, 304} else 0
    said = {"query": request.args.get("query") or g.get("query")} if here.settings.log_queries else {}
    record(
        here,
        request_id=g.request_id,
        client=request.remote_addr,
        method=request.method,
        path=request.path,
        status=response.status_code,
        outcome=g.get("outcome", "ok" if response.status_code < 400 else "error"),
        seconds=time.monotonic() - g.started,
        size=size or 0,
        **said,
    )


def record(
    here: Service,
    *,
    request_id: str,
    client: str | None,
    method: str,
    path: str,
    status: int,
    outcome: str,
    seconds: float,
    size: int,
    **more: str | None,
) -> None:
    """Count a response, and write the one line of the log that it gets."""
    here.metrics.requests.labels(method if method in _KNOWN else "other", status).inc()
    here.metrics.bytes.inc(size)
    if access_log.isEnabledFor(logging.INFO):
        line: dict[str, Any] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "id": request_id,
            "client": client,
            "method": method[:16],
            "path": path[:200],
            "status": status,
            "outcome": outcome,
            "milliseconds": round(seconds * 1000, 2),
            "bytes": size,
            **more,
        }
        access_log.info(json.dumps(line, ensure_ascii=False))


_KNOWN = frozenset({"GET", "HEAD", "POST", "QUERY", "OPTIONS", "PUT", "PATCH", "DELETE"})
