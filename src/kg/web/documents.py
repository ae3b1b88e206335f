"""Dereferencing: every IRI below the base leads to one document, which is negotiated (RFC 9110, section 15.4.4).

A thing answers 303 to its document, whose address names no format; the same address with ``.ttl`` and the like names
one. What is itself a document (the ontology, a source, a named graph, a question) answers at its own IRI.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, request
from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg import questions
from kg.query.errors import QueryError
from kg.things.batches import select_for
from kg.vocab import DCTERMS, FOAF, RDFS, SOURCE, TYPE
from kg.web import question_pages, source_pages, thing_pages, vocabulary_pages
from kg.web.context import Context, context
from kg.web.negotiate import HTML, MEDIA_TYPES, MediaType
from kg.web.problems import Problem, of_error
from kg.web.queries import query
from kg.web.representations import (
    QUAD_FORMATS,
    TRIPLE_FORMATS,
    Link,
    answer,
    write_quads,
    write_triples,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from werkzeug.wrappers import Response as AnyResponse

    from kg.web.representations import Writer

documents = Blueprint("documents", __name__)

_EXTENSIONS = {media.name: media for media in MEDIA_TYPES}
_PARTS = frozenset({"shapes", "void"})
_VERSIONED = frozenset({"svg"})


@dataclass(frozen=True)
class Document:
    """A document about an IRI: how to write its page, and what it holds as RDF.

    Attributes:
        iri: what it is about.
        page: makes the HTML.
        triples: makes the content of the formats without named graphs.
        quads: makes the content of those with named graphs, if the document has any.

    """

    iri: NamedNode
    page: Callable[[], str]
    triples: Callable[[], Iterable[Triple]]
    quads: Callable[[], Iterable[Quad]] | None = None

    def writers(self) -> dict[MediaType, Writer]:
        """Return what writes the document in each format."""
        found: dict[MediaType, Writer] = {HTML: self.page}
        for media in TRIPLE_FORMATS:
            found[media] = lambda media=media: write_triples(self.triples(), media)  # type: ignore[misc]
        if self.quads is not None:
            quads = self.quads
            for media in QUAD_FORMATS:
                found[media] = lambda media=media: write_quads(quads(), media)  # type: ignore[misc]
        return found


@documents.get("/.well-known/void")
def well_known_void() -> AnyResponse:
    """Lead to the description of the dataset ("Describing Linked Datasets with the VoID Vocabulary", section 7.2)."""
    return redirect(context().addresses.page("void"), 302)


@documents.get("/describe")
def describe() -> AnyResponse:
    """Show what the dataset says of any IRI, also one that belongs elsewhere: ``?iri=``, an IRI or a CURIE."""
    here = context()
    iri = here.expand(request.args.get("iri", ""))
    if iri is None:
        detail = "The parameter iri is no IRI and no name with a known prefix."
        raise Problem("bad-request", detail)
    address = here.addresses.path(iri.value)
    if address is not None:
        return redirect(address, 303)
    return _answer(here, _thing(here, _known(here, [iri.value])), None, None)


@documents.get("/id/<path:rest>")
def thing(rest: str) -> AnyResponse:
    """Lead from a thing to its document: 303, for a thing cannot be sent over a wire."""
    here = context()
    iri = _known(here, here.addresses.candidates(f"id/{rest}"))
    target = here.addresses.path(iri.value)
    assert target is not None  # noqa: S101 - the IRI is below the base
    response = redirect(target, 303)
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


@documents.get("/<path:rest>")
def document(rest: str) -> AnyResponse:
    """Return the document about an IRI, in the format that the address names or the client prefers."""
    here = context()
    found = _find(here, here.addresses.candidates(rest))
    forced: MediaType | None = None
    stem, dot, extension = rest.rpartition(".")
    if found is None and dot and extension in _EXTENSIONS:
        found, forced = _find(here, here.addresses.candidates(stem)), _EXTENSIONS[extension]
    elif found is None and dot and extension in _VERSIONED:
        found = _find(here, here.addresses.candidates(stem))
        if found is not None:
            return thing_pages.picture(here, found)
    if found is None:
        detail = "The graph has nothing with this address."
        raise Problem("not-found", detail)
    path = here.addresses.path(found.value)
    assert path is not None  # noqa: S101 - the IRI is below the base
    # Percent signs of the IRI itself stay as they are in a Location; links encode what remains.
    return _answer(here, _document(here, found), forced, path)


def _document(here: Context, iri: NamedNode) -> Document:
    """Return the document about an IRI that the dataset knows."""
    try:
        name = iri.value.removeprefix(here.base)
        ontology = vocabulary_pages.ontology_of(here, iri)
        if ontology is not None:
            return Document(
                iri,
                lambda: vocabulary_pages.ontology_page(here, ontology),
                lambda: vocabulary_pages.ontology_triples(here, ontology),
            )
        if name in _PARTS:
            graph = here.node(f"graph/{name}")
            return Document(iri, lambda: vocabulary_pages.part_page(here, iri, graph), lambda: _graph(here, graph))
        if iri.value in here.engine.dataset.graphs:
            return Document(
                iri,
                lambda: vocabulary_pages.graph_page(here, iri),
                lambda: _graph(here, iri),
                lambda: [Quad(t.subject, t.predicate, t.object, iri) for t in _graph(here, iri)],
            )
        if here.engine.ask("ASK { ?iri a ?source }", iri=iri, source=SOURCE):
            return Document(
                iri,
                lambda: source_pages.source_page(here, iri),
                lambda: _source(here, iri),
                lambda: _source_quads(here, iri),
            )
        question = next((q for q in questions.questions(here.engine) if q.iri == iri), None)
        if question is not None:
            return Document(iri, lambda: question_pages.question_page(here, question), lambda: _everywhere(here, iri))
    except QueryError as error:
        raise of_error(error) from error
    return _thing(here, iri)


def _thing(here: Context, iri: NamedNode) -> Document:
    return Document(iri, lambda: thing_pages.thing_page(here, iri), lambda: _description(here, iri))


def _answer(here: Context, found: Document, forced: MediaType | None, path: str | None) -> Response:
    writers = found.writers()
    if forced is not None and forced not in writers:
        detail = f"This document is not offered as {forced.label}."
        raise Problem("not-found", detail)
    links = [Link(found.iri.value, "cite-as")]
    if here.addresses.is_thing(found.iri.value):
        links.append(Link(found.iri.value, "describes"))
    links += [Link(license_, "license") for license_ in here.build.header.licenses[:1]]
    links.append(Link(here.addresses.page(""), "collection"))
    if request.args.keys() & {"out", "in"}:
        # A page of one property is not what the addresses of the whole document lead to.
        path = None
    return answer(writers, links=links, forced=forced, address=path)


def _find(here: Context, candidates: Iterable[str]) -> NamedNode | None:
    """Return the first of the candidate IRIs that the dataset knows, or ``None``."""
    for candidate in candidates:
        try:
            iri = NamedNode(candidate)
        except ValueError:
            continue
        if _is_document(here, iri):
            return iri
    return None


def _known(here: Context, candidates: Iterable[str]) -> NamedNode:
    found = _find(here, candidates)
    if found is None:
        detail = "The graph has nothing with this address."
        raise Problem("not-found", detail)
    return found


def _is_document(here: Context, iri: NamedNode) -> bool:
    name = iri.value.removeprefix(here.base)
    if name in _PARTS and here.has_part(name):
        return True
    try:
        return iri.value in here.engine.dataset.graphs or here.engine.ask(query("known"), term=iri)
    except QueryError as error:
        raise of_error(error) from error


def _graph(here: Context, graph: NamedNode) -> list[Triple]:
    return [
        Triple(row["subject"], row["predicate"], row["object"])  # type: ignore[arg-type]
        for row in here.engine.select(query("graph"), graph=graph)
    ]


def _everywhere(here: Context, iri: NamedNode) -> list[Triple]:
    text = "SELECT DISTINCT ?p ?o WHERE { GRAPH ?g { ?iri ?p ?o } }"
    return [Triple(iri, row["p"], row["o"]) for row in here.engine.select(text, iri=iri)]  # type: ignore[arg-type]


def _description(here: Context, iri: NamedNode) -> list[Triple]:
    """Return the RDF about a thing: its facts, some of what points at it, all their names, and what says all this."""
    out = [Triple(iri, r["predicate"], r["object"]) for r in here.engine.select(query("thing"), thing=iri)]  # type: ignore[arg-type]
    if not out:
        out = _everywhere(here, iri)
    in_ = [
        Triple(r["subject"], r["predicate"], iri)  # type: ignore[arg-type]
        for r in here.engine.select(query("pointing"), thing=iri)
    ]
    ends = {t.object for t in out} | {t.subject for t in in_}
    called = [
        Triple(r["term"], r["property"], r["name"])  # type: ignore[arg-type]
        for r in select_for(here.engine, query("labels"), "term", ends)
    ]
    about = []
    document_ = here.addresses.document_iri(iri.value)
    if document_ != iri.value:
        about = [
            Triple(NamedNode(document_), TYPE, NamedNode(FOAF + "Document")),
            Triple(NamedNode(document_), NamedNode(FOAF + "primaryTopic"), iri),
            Triple(NamedNode(document_), NamedNode(DCTERMS + "isPartOf"), here.node("void#dataset")),
            Triple(iri, NamedNode(RDFS + "seeAlso"), NamedNode(document_)),
            *(
                Triple(NamedNode(document_), NamedNode(DCTERMS + "license"), NamedNode(license_))
                for license_ in here.build.header.licenses
            ),
        ]
        stated = Literal("Each fact with the passages that state it, and why what is inferred follows.", language="en")
        about.append(Triple(NamedNode(document_), NamedNode(DCTERMS + "description"), stated))
    return [*out, *in_, *called, *about]


def _source(here: Context, source: NamedNode) -> list[Triple]:
    return [
        Triple(row["subject"], row["predicate"], row["object"])  # type: ignore[arg-type]
        for row in here.engine.select(query("source"), source=source)
    ]


def _source_quads(here: Context, source: NamedNode) -> list[Quad]:
    stated = [
        Quad(row["subject"], row["predicate"], row["object"], row["passage"])  # type: ignore[arg-type]
        for row in here.engine.select(query("passage_facts"), source=source)
    ]
    return [*(Quad(t.subject, t.predicate, t.object) for t in _source(here, source)), *stated]
