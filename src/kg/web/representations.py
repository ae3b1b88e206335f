"""A resource in several formats: negotiation, entity tags, links to the other formats, and a cache in memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyoxigraph
from flask import Response, g, request

from kg import serialize
from kg.query.errors import QueryError
from kg.query.formats import Form
from kg.web import compression
from kg.web.context import context, version
from kg.web.negotiate import HTML, MEDIA_TYPES, Choice, MediaType, choose
from kg.web.problems import Problem, of_error
from kg.web.service import service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pyoxigraph import Quad, Triple

    Writer = Callable[[], str | bytes]

REVALIDATE = "public, max-age=60, must-revalidate"
_BY_NAME = {media.name: media for media in MEDIA_TYPES}
TRIPLE_FORMATS = tuple(_BY_NAME[name] for name in ("ttl", "jsonld", "rdf", "nt"))
"""The formats of a document without named graphs, in the order in which they are offered."""
QUAD_FORMATS = tuple(_BY_NAME[name] for name in ("trig", "nq"))
"""The formats of a document with named graphs."""


@dataclass(frozen=True)
class Link:
    """A typed link (RFC 8288): target, relation, and the media type of the target if there is one to tell."""

    target: str
    relation: str
    type: str = ""
    attributes: str = ""

    def __str__(self) -> str:
        kind = f'; type="{self.type}"' if self.type else ""
        return f'<{quote(self.target, safe="/#?%:@!$&()*+,;=~[]")}>; rel="{self.relation}"{kind}{self.attributes}'


def page(write: Writer, links: Iterable[Link] = ()) -> Response:
    """Return a page that exists in HTML only."""
    return answer({HTML: write}, links=links)


def answer(
    writers: Mapping[MediaType, Writer],
    *,
    links: Iterable[Link] = (),
    forced: MediaType | None = None,
    address: str | None = None,
) -> Response:
    """Return the representation that the client likes best.

    Args:
        writers: what makes the content in each format, in the server's order of preference. A writer may raise Problem.
        links: links to send with any of them.
        forced: the format, where the address of the request names it.
        address: the path of the generic document, to which ``.ttl`` and the like are added; without it the formats
            have no addresses of their own.

    Raises:
        Problem: no format fits (406), or a query failed.

    """
    offered = tuple(writers)
    choice = Choice(forced, forced.type) if forced else choose(request.headers.get("Accept"), offered)
    if choice is None:
        detail = "None of the formats in the header Accept is offered for this document."
        raise Problem("not-acceptable", detail, {"offered": [media.type for media in offered]})
    key = _key(choice)
    coding = compression.choose_coding(request.headers.get("Accept-Encoding"))
    if any(tag.startswith(key.hex()) for tag in request.if_none_match.as_set()):
        response = Response(status=304)
        response.set_etag(f"{key.hex()}-{coding}" if coding else key.hex())
    else:
        response = Response(_content(key, writers[choice.media]))
        response.set_etag(key.hex())
    response.headers["Content-Type"] = choice.content_type
    response.headers["Cache-Control"] = REVALIDATE
    response.headers["Link"] = ", ".join(map(str, [*links, *_alternates(offered, choice, address)]))
    if not response.headers["Link"]:
        del response.headers["Link"]
    if address is not None:
        response.headers["Content-Location"] = quote(f"{address}.{choice.media.name}", safe="/%:@!$&'()*+,;=~")
    return response


def write_triples(triples: Iterable[Triple], media: MediaType) -> bytes:
    """Return triples in a format of ``TRIPLE_FORMATS``, sorted, with those prefixes that they use."""
    return write_quads((pyoxigraph.Quad(t.subject, t.predicate, t.object) for t in triples), media)


def write_quads(quads: Iterable[Quad], media: MediaType) -> bytes:
    """Return quads in a format of ``TRIPLE_FORMATS`` or ``QUAD_FORMATS``, sorted, with those prefixes that they use."""
    found = list(quads)
    syntax = pyoxigraph.RdfFormat.from_extension(media.name)
    assert syntax is not None  # noqa: S101 - the names of the table are extensions
    return serialize.write(found, syntax, _used_prefixes(found, context().engine.dataset.prefixes))


def _used_prefixes(quads: Iterable[Quad], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return the prefixes whose namespace is that of an IRI in ``quads``."""
    namespaces: set[str] = set()
    for quad in quads:
        terms = [quad.subject, quad.predicate, quad.object, quad.graph_name]
        if isinstance(quad.object, pyoxigraph.Literal):
            terms.append(quad.object.datatype)
        for term in terms:
            if isinstance(term, pyoxigraph.NamedNode):
                cut = max(term.value.rfind("/"), term.value.rfind("#")) + 1
                namespaces.add(term.value[:cut])
    return {prefix: namespace for prefix, namespace in prefixes.items() if namespace in namespaces}


def _alternates(offered: tuple[MediaType, ...], choice: Choice, address: str | None) -> list[Link]:
    if address is None:
        return []
    return [
        Link(f"{address}.{media.name}", "self" if media is choice.media else "alternate", media.type)
        for media in offered
    ]


def _key(choice: Choice) -> bytes:
    """Return what a representation depends on as a short key: build, code, address and format."""
    parameters = "&".join(f"{name}={value}" for name, value in sorted(request.args.items(multi=True)))
    parts = (
        context().engine.dataset.digest,
        version(),
        request.script_root,
        request.path,
        parameters,
        choice.content_type,
    )
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _content(key: bytes, write: Writer) -> bytes:
    cache = service().cache
    kept = cache.get(key)
    if kept is not None:
        g.outcome = "cached"
        return kept.codings[""]
    try:
        written = write()
    except QueryError as error:
        raise of_error(error) from error
    content = written.encode() if isinstance(written, str) else written
    cache.put(key, Form.GRAPH, content)
    return content
