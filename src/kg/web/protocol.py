"""SPARQL 1.1 Protocol: a request becomes one typed operation, or a problem. Pure functions; no framework, no engine."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pyoxigraph

from kg.web.negotiate import MEDIA_TYPES
from kg.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORM = "application/x-www-form-urlencoded"
QUERY_TEXT = "application/sparql-query"
UPDATE_TEXT = "application/sparql-update"

ACCEPT_QUERY = f"{QUERY_TEXT}, {FORM}"

METHODS = ("GET", "HEAD", "POST", "QUERY", "OPTIONS")
GRAPH_STORE_METHODS = ("GET", "HEAD", "OPTIONS")

# A form with more fields is no query; the protocol knows six parameters, two of which repeat.
_MOST_FIELDS = 1_000
_VERSIONS = frozenset({"1.0", "1.1", "1.2", "1.2-basic"})
_FORMATS = frozenset(media.name for media in MEDIA_TYPES if media.format is not None)


@dataclass(frozen=True)
class Request:
    """What the protocol looks at in an HTTP request.

    Attributes:
        method: the HTTP method in upper case.
        query_string: the part of the URL after ``?``, still encoded.
        content_type: the header, or ``None``.
        content_encoding: the header, or ``None``.
        body: the content.

    """

    method: str
    query_string: str = ""
    content_type: str | None = None
    content_encoding: str | None = None
    body: bytes = b""


@dataclass(frozen=True)
class Query:
    """The query operation (section 2.1).

    Attributes:
        text: the query.
        default_graphs: values of ``default-graph-uri``; ``None`` if the request names no dataset.
        named_graphs: values of ``named-graph-uri``; ``None`` if the request names no dataset.
        seconds: value of ``timeout``, this server's extension, or ``None``.
        format: value of ``format``, this server's extension: the short name of a media type, or ``None``.

    """

    text: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    seconds: float | None = None
    format: str | None = None


@dataclass(frozen=True)
class ServiceDescription:
    """A GET without a query: the client asks what this endpoint is (SPARQL 1.1 Service Description, section 2)."""


@dataclass(frozen=True)
class GraphRead:
    """The read operation of the Graph Store Protocol (section 5.2) on a named graph, or the default one (``None``)."""

    graph: str | None


Operation = Query | ServiceDescription


def read_operation(request: Request) -> Operation:
    """Return the operation that ``request`` asks for.

    Raises:
        Problem: the request breaks the protocol (400, 405, 415) or asks for an update (403).

    """
    match request.method:
        case "GET" | "HEAD":
            return _read_get(request)
        case "POST" | "QUERY":
            return _read_post(request)
        case _:
            allow = ", ".join(METHODS)
            detail = f"The endpoint supports {allow}."
            raise Problem("method-not-allowed", detail, headers={"Allow": allow})


def read_graph(request: Request) -> GraphRead:
    """Return the graph that a Graph Store request asks for (sections 4.2 and 5.2).

    Raises:
        Problem: it is no read (405), or names no graph or more than one (400).

    """
    if request.method not in {"GET", "HEAD"}:
        allow = ", ".join(GRAPH_STORE_METHODS)
        detail = f"The graph store is read-only and supports {allow}."
        raise Problem("method-not-allowed", detail, headers={"Allow": allow})
    parameters = _fields(request.query_string, "URL")
    graph = _at_most_one(parameters, "graph")
    if (graph is not None) == ("default" in parameters):
        detail = "Name one graph: by ?default or by ?graph= and an IRI."
        raise Problem("bad-request", detail)
    return GraphRead(None if graph is None else _iri(graph, "graph"))


def _read_get(request: Request) -> Operation:
    parameters = _fields(request.query_string, "URL")
    _refuse_update(parameters)
    if "query" not in parameters:
        if parameters.keys() & {"default-graph-uri", "named-graph-uri"}:
            detail = "The parameter query is missing."
            raise Problem("bad-request", detail)
        return ServiceDescription()
    return _query(parameters)


def _read_post(request: Request) -> Operation:
    media_type = _media_type(request)
    parameters = _fields(request.query_string, "URL")
    _refuse_update(parameters)
    if media_type == UPDATE_TEXT:
        raise _read_only()
    if media_type == FORM:
        for name, values in _fields(_text(request.body), "body").items():
            parameters[name] += values
        _refuse_update(parameters)
        if "query" not in parameters:
            detail = "The parameter query is missing."
            raise Problem("bad-request", detail)
    elif media_type == QUERY_TEXT:
        if "query" in parameters:
            detail = "There is a query in the URL and another in the body; send one."
            raise Problem("bad-request", detail)
        parameters["query"] = [_text(request.body)]
    else:
        sent = f"not {media_type}" if media_type else "but the header Content-Type is missing"
        detail = f"A query is sent as {QUERY_TEXT} or {FORM}, {sent}."
        raise Problem("unsupported-media-type", detail, headers={"Accept-Query": ACCEPT_QUERY})
    return _query(parameters)


def _query(parameters: Mapping[str, Sequence[str]]) -> Query:
    text = _exactly_one(parameters, "query")
    default = tuple(_iri(value, "default-graph-uri") for value in parameters.get("default-graph-uri", ()))
    named = tuple(_iri(value, "named-graph-uri") for value in parameters.get("named-graph-uri", ()))
    version = _at_most_one(parameters, "version")
    if version is not None and version not in _VERSIONS:
        detail = f"SPARQL {version} is not spoken here; {', '.join(sorted(_VERSIONS))} are."
        raise Problem("bad-request", detail)
    # Other values are ignored like any unknown parameter: some clients send a parameter format of their own.
    name = next((value for value in parameters.get("format", ()) if value in _FORMATS), None)
    given = bool(default or named)
    return Query(
        text=text,
        default_graphs=default if given else None,
        named_graphs=named if given else None,
        seconds=_seconds(_at_most_one(parameters, "timeout")),
        format=name,
    )


def _fields(encoded: str, place: str) -> defaultdict[str, list[str]]:
    fields: defaultdict[str, list[str]] = defaultdict(list)
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except UnicodeDecodeError:
        detail = f"The parameters in the {place} are not percent-encoded UTF-8."
        raise Problem("bad-request", detail) from None
    except ValueError:
        detail = f"There are more than {_MOST_FIELDS} parameters in the {place}."
        raise Problem("bad-request", detail) from None
    for name, value in pairs:
        fields[name].append(value)
    return fields


def _exactly_one(parameters: Mapping[str, Sequence[str]], name: str) -> str:
    value = _at_most_one(parameters, name)
    if value is None:
        detail = f"The parameter {name} is missing."
        raise Problem("bad-request", detail)
    return value


def _at_most_one(parameters: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = parameters.get(name, ())
    if len(values) > 1:
        detail = f"The parameter {name} is there {len(values)} times; send it once."
        raise Problem("bad-request", detail)
    return values[0] if values else None


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (0 < seconds < math.inf):
        detail = "The parameter timeout is a number of seconds above 0."
        raise Problem("bad-request", detail)
    return seconds


def _iri(text: str, name: str) -> str:
    try:
        return pyoxigraph.NamedNode(text).value
    except ValueError:
        detail = f"The parameter {name} is not an absolute IRI."
        raise Problem("bad-request", detail) from None


def _media_type(request: Request) -> str:
    """Return the media type of the content, in lower case and without parameters; an empty string if there is none."""
    encoding = (request.content_encoding or "identity").strip().lower()
    if encoding != "identity":
        detail = "The content of a request must not be compressed."
        raise Problem("unsupported-media-type", detail, headers={"Accept-Encoding": "identity"})
    name, *parameters = (request.content_type or "").split(";")
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        charset = value.strip().strip('"').lower()
        if key.strip().lower() == "charset" and charset not in {"utf-8", "utf8", "us-ascii"}:
            detail = f"The content must be in UTF-8, not {charset}."
            raise Problem("unsupported-media-type", detail)
    return name.strip().lower()


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"The content is not UTF-8: the byte at offset {error.start} does not fit."
        raise Problem("bad-request", detail) from None


def _refuse_update(parameters: Mapping[str, Sequence[str]]) -> None:
    if "update" in parameters:
        raise _read_only()


def _read_only() -> Problem:
    return Problem("read-only", "This endpoint answers queries; its data cannot be changed through the web.")
