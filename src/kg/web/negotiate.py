"""One table of media types, and one pure function from an ``Accept`` header to a choice (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from kg.query.formats import Form, Format, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Kind(Enum):
    """What can be served in a media type."""

    SOLUTIONS = "solutions"
    BOOLEAN = "boolean"
    GRAPH = "graph"
    PAGE = "page"
    PROBLEM = "problem"


@dataclass(frozen=True)
class MediaType:
    """A media type that this server writes.

    Attributes:
        name: short name, the value of the parameter ``format`` and the extension of files.
        type: the media type as registered.
        serves: the kinds of content that it is offered for.
        label: the name that people know it by.
        charset: whether the ``Content-Type`` says ``charset=utf-8`` (RFC 7231 clients such as R's read it).
        aliases: other types that are answered with the same bytes under the name that was asked for.
        format: the engine's format, or ``None`` for what is not an answer of the engine.

    """

    name: str
    type: str
    serves: frozenset[Kind]
    label: str
    charset: bool = False
    aliases: tuple[str, ...] = ()
    format: Format | None = None


_RESULTS = frozenset({Kind.SOLUTIONS, Kind.BOOLEAN})
_GRAPH = frozenset({Kind.GRAPH})

# In the order in which the server prefers them when the client does not care.
MEDIA_TYPES: tuple[MediaType, ...] = (
    MediaType(
        "json",
        "application/sparql-results+json",
        _RESULTS,
        "JSON",
        aliases=("application/json", "text/json"),
        format=Format.JSON,
    ),
    MediaType(
        "xml",
        "application/sparql-results+xml",
        _RESULTS,
        "XML",
        charset=True,
        aliases=("application/xml", "text/xml"),
        format=Format.XML,
    ),
    MediaType("csv", "text/csv", _RESULTS, "CSV", charset=True, format=Format.CSV),
    MediaType("tsv", "text/tab-separated-values", _RESULTS, "TSV", charset=True, format=Format.TSV),
    MediaType(
        "ttl",
        "text/turtle",
        _GRAPH,
        "Turtle",
        charset=True,
        aliases=("application/x-turtle", "application/turtle", "text/n3", "text/rdf+n3"),
        format=Format.TURTLE,
    ),
    MediaType("nt", "application/n-triples", _GRAPH, "N-Triples", aliases=("text/plain",), format=Format.N_TRIPLES),
    MediaType(
        "rdf",
        "application/rdf+xml",
        _GRAPH,
        "RDF/XML",
        charset=True,
        aliases=("application/xml", "text/xml"),
        format=Format.RDF_XML,
    ),
    MediaType("jsonld", "application/ld+json", _GRAPH, "JSON-LD", aliases=("application/json",), format=Format.JSON_LD),
    MediaType("trig", "application/trig", _GRAPH, "TriG", aliases=("application/x-trig",), format=Format.TRIG),
    MediaType("nq", "application/n-quads", _GRAPH, "N-Quads", aliases=("text/x-nquads",), format=Format.N_QUADS),
    MediaType(
        "html",
        "text/html",
        frozenset({Kind.PAGE, Kind.PROBLEM}),
        "HTML",
        charset=True,
        aliases=("application/xhtml+xml",),
    ),
    MediaType(
        "problem", "application/problem+json", frozenset({Kind.PROBLEM}), "Problem", aliases=("application/json",)
    ),
)
HTML = next(media for media in MEDIA_TYPES if media.name == "html")
PROBLEM = next(media for media in MEDIA_TYPES if media.name == "problem")

# A header longer than this is not looked at whole; no honest one comes near.
_LONGEST_HEADER = 8192
# RFC 9110, sections 5.6.1, 5.6.2 and 5.6.4: a list of tokens with parameters, in quoted strings of which may be commas.
_ELEMENT = re.compile(r"(?:[^,\"]|\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z))++")
_RANGE = re.compile(r"\s*+([!#$%&'*+.^_`|~\w-]++(?:/[!#$%&'*+.^_`|~\w-]++)?)\s*+(;.*)?", re.ASCII | re.DOTALL)
_QUALITY = re.compile(r";\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)", re.ASCII | re.IGNORECASE)
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z)", re.DOTALL)
_ANY_QUALITY = re.compile(r";\s*q\s*=", re.IGNORECASE)


@dataclass(frozen=True)
class Choice:
    """The outcome of a negotiation: what to write, and under which name.

    Attributes:
        media: the row of the table.
        type: the media type to name, an alias if that is what was asked for.

    """

    media: MediaType
    type: str

    @property
    def content_type(self) -> str:
        """The value of the ``Content-Type`` header."""
        return f"{self.type}; charset=utf-8" if self.media.charset else self.type


@dataclass(frozen=True)
class Choices:
    """The choice for each kind of answer to a query, made before it is known which kind the query gives."""

    solutions: Choice | None
    boolean: Choice | None
    graph: Choice | None

    @property
    def wanted(self) -> Wanted:
        """The formats to ask the engine for."""
        return Wanted(_format(self.solutions), _format(self.boolean), _format(self.graph))

    def of(self, form: Form) -> Choice | None:
        """Return the choice for answers of kind ``form``."""
        return {Form.SOLUTIONS: self.solutions, Form.BOOLEAN: self.boolean, Form.GRAPH: self.graph}[form]


@cache
def offers(kind: Kind) -> tuple[MediaType, ...]:
    """Return the media types in which content of ``kind`` is offered, in the server's order of preference."""
    return tuple(media for media in MEDIA_TYPES if kind in media.serves)


def choose(accept: str | None, offered: Sequence[MediaType]) -> Choice | None:
    """Return the offered media type that the ``Accept`` header likes best, or ``None`` if it accepts none.

    The quality of an offer is that of the most specific range that covers it; a quality of 0 excludes it. Among equals
    a type that is named wins over one that only a wildcard covers, then the order of ``offered`` decides. An absent
    or empty header accepts everything; ranges that cannot be read are skipped.
    """
    ranges = parse_accept(accept)
    if ranges is None:
        return Choice(offered[0], offered[0].type) if offered else None
    best: tuple[float, int] | None = None
    choice: Choice | None = None
    for media in offered:
        for name in (media.type, *media.aliases):
            quality, specificity = _quality(name, ranges)
            # An alias must be named: a wildcard is answered under the registered name.
            if quality > 0 and (name == media.type or specificity == _EXACT):
                rank = (quality, int(specificity == _EXACT))
                if best is None or rank > best:
                    best, choice = rank, Choice(media, name)
    return choice


@lru_cache(maxsize=512)
def choose_for_query(accept: str | None, name: str | None = None) -> Choices:
    """Return the choice for each kind of answer.

    ``name``, the parameter ``format``, overrides the header for the kinds that it can write.
    """

    def pick(kind: Kind) -> Choice | None:
        named = next((media for media in offers(kind) if media.name == name), None)
        return choose(accept, offers(kind)) if named is None else Choice(named, named.type)

    return Choices(pick(Kind.SOLUTIONS), pick(Kind.BOOLEAN), pick(Kind.GRAPH))


def prefers_page(accept: str | None) -> bool:
    """Tell whether a client would rather have HTML than any answer of the engine, as browsers do."""
    if not accept:
        return False
    choice = choose(accept, (*(media for media in MEDIA_TYPES if media.format is not None), HTML))
    return choice is not None and choice.media is HTML


def parse_accept(accept: str | None) -> list[tuple[str, float]] | None:
    """Return the media ranges of an ``Accept`` header, in lower case, with their qualities.

    ``None`` stands for an absent or empty header. A range that cannot be read, or whose quality cannot, is skipped.
    """
    if accept is None or not accept.strip():
        return None
    return [(name, quality) for name, quality in parse_qualities(accept) if "/" in name]


def parse_qualities(header: str) -> list[tuple[str, float]]:
    """Return the elements of a header such as ``Accept-Encoding``, in lower case, with their qualities, 1 unless given.

    Elements that are no tokens or media ranges, or whose quality cannot be read, are skipped.
    """
    found: list[tuple[str, float]] = []
    for element in _ELEMENT.finditer(header[:_LONGEST_HEADER]):
        match = _RANGE.fullmatch(element[0])
        if match is None:
            continue
        parameters = _QUOTED.sub("", match[2] or "")
        quality = _QUALITY.search(parameters)
        if quality is None and _ANY_QUALITY.search(parameters):
            continue
        found.append((match[1].lower(), float(quality[1]) if quality else 1.0))
    return found


_EXACT, _SUBTYPE, _WILDCARD, _NONE = 3, 2, 1, 0


def _quality(name: str, ranges: Iterable[tuple[str, float]]) -> tuple[float, int]:
    """Return the quality that ``ranges`` give to the type ``name``, and how specific the range is that says so."""
    quality, specificity = 0.0, _NONE
    family = name.split("/")[0] + "/*"
    for pattern, value in ranges:
        rank = (
            _EXACT if pattern == name else _SUBTYPE if pattern == family else _WILDCARD if pattern == "*/*" else _NONE
        )
        if rank > specificity or (rank == specificity and rank and value > quality):
            quality, specificity = value, rank
    return quality, specificity


def _format(choice: Choice | None) -> Format | None:
    return choice.media.format if choice is not None else None
