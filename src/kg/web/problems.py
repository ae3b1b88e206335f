"""Every error as a problem (RFC 9457): one table of kinds, one exception, one object behind the JSON and the HTML."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from kg.query import errors

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class ProblemKind:
    """A kind of problem: its name in ``/problems/{name}``, status, title, what it means and what to do about it."""

    name: str
    status: int
    title: str
    explanation: str


PROBLEM_KINDS: Mapping[str, ProblemKind] = {
    kind.name: kind
    for kind in (
        ProblemKind(
            "query-syntax",
            400,
            "The query is not valid SPARQL",
            "The text cannot be read as a SPARQL query. The members line and column say where, counted from 1.",
        ),
        ProblemKind(
            "query-failed",
            400,
            "The query cannot be evaluated",
            "The query is well-formed but asks for something that does not exist here, such as an unknown function.",
        ),
        ProblemKind(
            "query-too-complex",
            400,
            "The query is too complex",
            "The query nests or strings together more parts than the engine can read. Write it in simpler pieces.",
        ),
        ProblemKind(
            "bad-request",
            400,
            "The request is not understood",
            "The request breaks a rule of HTTP or of the SPARQL 1.1 Protocol. The detail says which.",
        ),
        ProblemKind(
            "read-only",
            403,
            "Updates are not allowed",
            "The data served here is built from files and cannot be changed through the web.",
        ),
        ProblemKind(
            "federation-not-offered",
            403,
            "SERVICE is not offered",
            "This endpoint makes no network calls on behalf of a client. Run the federated query where you are, "
            "and call this endpoint by SERVICE from there.",
        ),
        ProblemKind(
            "not-found",
            404,
            "There is nothing here",
            "No page, document or graph has this address.",
        ),
        ProblemKind(
            "method-not-allowed",
            405,
            "The method is not allowed",
            "The address exists but does not support this method. The header Allow names those that it supports.",
        ),
        ProblemKind(
            "not-acceptable",
            406,
            "No acceptable format",
            "None of the media types in the header Accept is offered for this answer. The member offered lists those "
            "that are.",
        ),
        ProblemKind(
            "request-timeout",
            408,
            "The request took too long to arrive",
            "The client did not send the whole request in time.",
        ),
        ProblemKind(
            "request-too-large",
            413,
            "The request is too large",
            "The body of the request has more bytes than are allowed. The member limit_bytes says how many.",
        ),
        ProblemKind(
            "unsupported-media-type",
            415,
            "The media type of the request is not supported",
            "Send a query as application/sparql-query or application/x-www-form-urlencoded, in UTF-8, uncompressed.",
        ),
        ProblemKind(
            "internal-error",
            500,
            "The server failed",
            "Something went wrong that is the server's fault. It is in the log under the request_id.",
        ),
        ProblemKind(
            "bad-gateway",
            502,
            "The store does not answer",
            "This server asks a remote store, which is away or gave an answer that cannot be read.",
        ),
        ProblemKind(
            "busy",
            503,
            "Too many queries are running",
            "All workers are busy and too many queries wait. Try again after the seconds in the header Retry-After.",
        ),
        ProblemKind(
            "unavailable",
            503,
            "The engine is not available",
            "The engine that answers queries is starting, stopping, or was disturbed. Try again.",
        ),
        ProblemKind(
            "timeout",
            503,
            "The query took too long",
            "The query ran into its time limit and was stopped. Ask for less: fewer open patterns, a LIMIT, a smaller "
            "part of the data. The member limit_seconds says how long a query may run.",
        ),
        ProblemKind(
            "memory",
            503,
            "The query needed too much memory",
            "The query needed more memory than one query may have and was stopped. Sorting, grouping or joining very "
            "many rows does that; ask for fewer of them.",
        ),
        ProblemKind(
            "answer-too-large",
            503,
            "The answer is too large",
            "The answer has more bytes than one answer may have. Ask for a part of it, for example with LIMIT and "
            "OFFSET, or download the whole dataset.",
        ),
    )
}


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 - reads as what happened
    """A reason why a request was not fulfilled, to be raised anywhere and answered in one place.

    Attributes:
        kind: name of a row of ``PROBLEM_KINDS``.
        detail: a sentence about this very case, for the client.
        members: further members of the problem object, such as ``line``.
        headers: further headers of the response, such as ``Allow``.
        status: the HTTP status; that of the kind unless given.

    """

    kind: str
    detail: str
    members: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 0

    def __post_init__(self) -> None:
        super().__init__(self.detail)
        if not self.status:
            self.status = PROBLEM_KINDS[self.kind].status

    @property
    def title(self) -> str:
        """The title of the kind, the same for every case."""
        return PROBLEM_KINDS[self.kind].title

    def as_object(self, url: str, request_id: str) -> dict[str, Any]:
        """Return the problem details object (RFC 9457, section 3); ``url`` is that of the server, without end slash."""
        return {
            "type": f"{url}/problems/{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": f"urn:uuid:{request_id}",
            "request_id": request_id,
            **self.members,
        }


def of_error(error: errors.QueryError) -> Problem:
    """Return the problem that tells a client of a query's ``error``."""
    detail = str(error)
    match error:
        case errors.QuerySyntaxError(line=line, column=column):
            return Problem("query-syntax", detail, {"line": line, "column": column} if line is not None else {})
        case errors.QueryTooComplex():
            return Problem("query-too-complex", detail)
        case errors.QueryFailed():
            return Problem("query-failed", detail)
        case errors.Refused():
            return Problem("federation-not-offered", detail)
        case errors.NotWritable():
            return Problem("not-acceptable", detail)
        case errors.QueryTimeout(seconds=seconds):
            return Problem("timeout", detail, {"limit_seconds": seconds})
        case errors.OutOfMemory():
            return Problem("memory", detail)
        case errors.AnswerTooLarge(limit=limit):
            return Problem("answer-too-large", detail, {"limit_bytes": limit})
        case errors.Busy(retry_after=seconds):
            return Problem("busy", detail, headers={"Retry-After": str(seconds)})
        case errors.StoreFailed():
            return Problem("bad-gateway", detail)
        case _:
            return Problem("unavailable", detail, headers={"Retry-After": "1"})


def of_status(status: int, detail: str | None = None, headers: Mapping[str, str] | None = None) -> Problem:
    """Return a problem for an HTTP ``status`` that the web framework or the server came to by itself."""
    by_status = {400: "bad-request", 404: "not-found", 405: "method-not-allowed", 406: "not-acceptable"}
    by_status |= {408: "request-timeout", 413: "request-too-large", 415: "unsupported-media-type", 503: "unavailable"}
    kind = by_status.get(status, "bad-request" if 400 <= status < 500 else "internal-error")
    said = detail or PROBLEM_KINDS[kind].explanation
    return Problem(kind, said, headers=dict(headers or {}), status=status if status >= 400 else 500)


def as_json(problem: Mapping[str, Any]) -> bytes:
    """Return a problem object as the bytes of ``application/problem+json``."""
    return json.dumps(problem, ensure_ascii=False, indent=2).encode() + b"\n"


def as_html(problem: Mapping[str, Any]) -> str:
    """Return a problem object as a plain page that works without styles or scripts."""
    status = int(problem["status"])
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
    shown = {"type", "title", "status", "detail"}
    rows = "".join(
        f"<dt>{escape(str(name))}</dt><dd>{escape(str(value))}</dd>"
        for name, value in problem.items()
        if name not in shown
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(str(problem['title']))}</title></head><body><main>"
        f"<h1>{escape(str(problem['title']))}</h1><p>{escape(str(problem['detail']))}</p>"
        f'<p><a href="{escape(str(problem["type"]))}">What this means</a> ({status} {escape(phrase)})</p>'
        f"<dl>{rows}</dl></main></body></html>\n"
    )
