"""The whole graph as files, from the folder of the build: sent as they are, with ranges and entity tags."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from kg.describe import DUMPS
from kg.web.context import Context, context, render
from kg.web.files import FilePart
from kg.web.problems import Problem
from kg.web.representations import REVALIDATE, Link, page

if TYPE_CHECKING:
    from pathlib import Path

downloads = Blueprint("downloads", __name__)

_LABELS = {
    "ttl": ("Turtle", "the facts, readable"),
    "nt": ("N-Triples", "the facts, a line each"),
    "nq": ("N-Quads", "everything, with the passage of each fact"),
    "trig": ("TriG", "everything, with the passage of each fact, readable"),
    "jsonld": ("JSON-LD", "everything, for programs that speak JSON"),
    "rdf": ("RDF/XML", "the facts, for older programs"),
}


@dataclass(frozen=True)
class Dump:
    """A file that can be downloaded: its ending, media type, size in bytes, and what it is good for."""

    ending: str
    type: str
    label: str
    purpose: str
    size: int


def dumps(here: Context) -> list[Dump]:
    """Return the dumps of the build that is served; none if plain files are served."""
    found = []
    for ending, type_ in DUMPS.items():
        file = _file(here, ending)
        if file is not None:
            label, purpose = _LABELS[ending]
            found.append(Dump(ending, type_, label, purpose, file.stat().st_size))
    return found


@downloads.get("/download")
def index() -> Response:
    """Show what can be downloaded, and how."""
    here = context()
    return page(lambda: render("download.html", dumps=dumps(here)))


@downloads.get("/download/graph.<ending>")
def dump(ending: str) -> Response:
    """Send a dump."""
    here = context()
    file = _file(here, ending)
    if file is None:
        detail = f"There is no such file; there are {', '.join(d.ending for d in dumps(here)) or 'none'}."
        raise Problem("not-found", detail)
    status = file.stat()
    size, tag = status.st_size, f"{here.engine.dataset.digest[:32]}-{ending}"
    response = Response(FilePart(file, size), direct_passthrough=True, mimetype=DUMPS[ending])
    response.set_etag(tag)
    response.last_modified = datetime.fromtimestamp(status.st_mtime, UTC)
    response.accept_ranges = "bytes"
    response.content_length = size
    response.make_conditional(request.environ)
    part = _part(size, tag) if response.status_code == 200 else None
    if part is not None:
        response.response = FilePart(file, size, part)
        response.status_code = 206
        response.content_length = part[1] - part[0]
        response.headers["Content-Range"] = f"bytes {part[0]}-{part[1] - 1}/{size}"
    response.headers["Cache-Control"] = REVALIDATE
    response.headers["Content-Disposition"] = f'inline; filename="graph.{ending}"'
    links = [Link(here.addresses.page(""), "collection"), *(Link(x, "license") for x in here.build.header.licenses[:1])]
    response.headers["Link"] = ", ".join(map(str, links))
    return response


def _part(size: int, tag: str) -> tuple[int, int] | None:
    """Return begin and end of the range that is asked for, or ``None`` if all is to be sent (RFC 9110, section 14.2).

    A range of another unit, more than one, or one of another build (section 13.1.5) is taken for none.

    Raises:
        Problem: the range begins after the end (416).

    """
    asked = request.range
    if request.method != "GET" or asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    if request.headers.get("If-Range", f'"{tag}"').strip() != f'"{tag}"':
        return None
    part = asked.range_for_length(size)
    if part is None:
        detail = f"The file has {size} bytes."
        raise Problem("bad-request", detail, headers={"Content-Range": f"bytes */{size}"}, status=416)
    return part


def _file(here: Context, ending: str) -> Path | None:
    """Return the file of a dump, beside the quads that are served. The ending is one of a table, never a path."""
    if ending not in DUMPS:
        return None
    file = here.engine.dataset.quads.parent / "dumps" / f"graph.{ending}"
    return file if file.is_file() else None
