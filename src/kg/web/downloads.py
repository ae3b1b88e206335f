"""The whole graph as files, from the folder of the build: sent as they are, with ranges and entity tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, send_file

from kg.describe import DUMPS
from kg.web.context import Context, context, render
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
    response = send_file(file, mimetype=DUMPS[ending], as_attachment=False, conditional=False, etag=False)
    response.set_etag(f"{here.engine.dataset.digest[:32]}-{ending}")
    response.headers["Cache-Control"] = REVALIDATE
    response.headers["Content-Disposition"] = f'inline; filename="graph.{ending}"'
    links = [Link(here.addresses.page(""), "collection"), *(Link(x, "license") for x in here.build.header.licenses[:1])]
    response.headers["Link"] = ", ".join(map(str, links))
    response.make_conditional(request.environ, accept_ranges=True, complete_length=file.stat().st_size)
    return response


def _file(here: Context, ending: str) -> Path | None:
    """Return the file of a dump, beside the quads that are served. The ending is one of a table, never a path."""
    if ending not in DUMPS:
        return None
    file = here.engine.dataset.quads.parent / "dumps" / f"graph.{ending}"
    return file if file.is_file() else None
