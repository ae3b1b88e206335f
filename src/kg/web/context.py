"""What all pages share: the engine of the moment, the schema and header of its build, and where things are shown."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import pyoxigraph
from flask import current_app, g, render_template, request
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.errors import InputError
from kg.prefixes import Prefixes
from kg.things import schema as schemas
from kg.things.names import Name, end_of
from kg.web import header as headers
from kg.web.addresses import Addresses
from kg.web.highlight import highlighted
from kg.web.service import service

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from importlib.resources.abc import Traversable

    from kg.query.engine import Engine, Term
    from kg.things.schema import Schema
    from kg.web.header import Header

_EXTENSION = "kg.context"


@dataclass(frozen=True)
class Build:
    """What is read once from each build that is served."""

    digest: str
    schema: Schema
    header: Header
    prefixes: Prefixes
    shorten: Callable[[Term], str]


class Builds:
    """Keeps what was read from the build that is served now; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._build: Build | None = None

    def of(self, engine: Engine) -> Build:
        """Return what there is to know of the engine's build, reading it if it is new."""
        with self._lock:
            if self._build is None or self._build.digest != engine.dataset.digest:
                prefixes = Prefixes(engine.dataset.prefixes)
                # A page names the same few terms over and over, and a project has a prefix for each of its sources.
                shorten = lru_cache(maxsize=1 << 15)(prefixes.shorten)
                self._build = Build(
                    engine.dataset.digest, schemas.read(engine), headers.read(engine), prefixes, shorten
                )
            return self._build


@dataclass(frozen=True)
class Context:
    """What one request needs to show anything; get it with :func:`context`."""

    engine: Engine
    addresses: Addresses

    @property
    def build(self) -> Build:
        """The schema, header and prefixes of the build that the engine serves."""
        builds = current_app.extensions.setdefault(_EXTENSION, Builds())
        assert isinstance(builds, Builds)  # noqa: S101 - set here and nowhere else
        return builds.of(self.engine)

    @property
    def base(self) -> str:
        """The base of the dataset's IRIs."""
        return self.engine.dataset.base

    def node(self, rest: str) -> NamedNode:
        """Return an IRI below the base."""
        return NamedNode(self.base + rest)

    def has_part(self, name: str) -> bool:
        """Tell whether the dataset holds a part of a project, such as ``void``, in a graph of its own."""
        return self.node(f"graph/{name}").value in self.engine.dataset.graphs

    def navigation(self) -> list[tuple[str, str]]:
        """Return the addresses and names of the pages that every page leads to."""
        ontology = self.build.header.ontology
        documentation = self.addresses.path(ontology.value) if ontology is not None else None
        pages = [
            ("classes", "Things"),
            ("questions", "Questions"),
            ("timeline", "Timeline"),
            ("sources", "Sources"),
            ("disagreements", "Disagreements"),
            ("sparql", "SPARQL"),
            ("download", "Download"),
            ("about", "About"),
        ]
        found = [(self.addresses.page(name), label) for name, label in pages]
        return [*found[:5], (documentation, "Ontology"), *found[5:]] if documentation else found

    def href(self, term: Term | str, name: Name | None = None) -> str:
        """Return where a term is shown: here if it is below the base or the dataset names it, else at its own place."""
        iri = term.value if isinstance(term, NamedNode) else str(term)
        here = self.addresses.path(iri)
        if here is not None:
            return here
        if (name is not None and name.known) or not iri.startswith(("http://", "https://")):
            return self.addresses.describe(iri)
        return iri

    def is_elsewhere(self, term: Term, name: Name | None = None) -> bool:
        """Tell whether the address of a term belongs to another site."""
        return isinstance(term, NamedNode) and self.href(term, name) == term.value

    def short(self, term: Term) -> str:
        """Return a term as people write it in Turtle."""
        return self.build.shorten(term)

    def property_address(self, iri: NamedNode, property_: NamedNode, direction: str) -> str:
        """Return where all values of a property are (``out``), or all things that point by it (``in``)."""
        name = self.short(property_).removeprefix("<").removesuffix(">")
        return self.addresses.with_parameters(self.href(iri), **{direction: name})

    def expand(self, text: str) -> NamedNode | None:
        """Return the IRI that an IRI or a CURIE means, or ``None`` if it is neither."""
        try:
            return self.build.prefixes.expand(text.strip())
        except InputError:
            return None

    def term(self, text: str) -> NamedNode | Literal | None:
        """Return the term that a CURIE, an IRI or a literal as in Turtle means, or ``None`` if it is none of them."""
        text = text.strip()
        if text.startswith('"'):
            return self._literal(text)
        try:
            return self.build.prefixes.term(text)
        except InputError:
            return None

    def _literal(self, text: str) -> NamedNode | Literal | None:
        """Return a literal as N-Triples writes it; its datatype may be a CURIE."""
        quoted, mark, datatype = text.rpartition('"^^')
        if mark and not datatype.startswith("<"):
            expanded = self.expand(datatype)
            text = f'{quoted}"^^{expanded}' if expanded else text
        try:
            quads = list(pyoxigraph.parse(f"<s:s> <p:p> {text} .", format=pyoxigraph.RdfFormat.N_TRIPLES))
        except (SyntaxError, ValueError):
            return None
        value = quads[0].object if len(quads) == 1 else None
        return value if isinstance(value, Literal) else None

    def fact(self, triple: Triple) -> str | None:
        """Return the address of the page about a fact; ``None`` if it speaks of a blank node, which has no name."""
        terms = (triple.subject, triple.predicate, triple.object)
        if any(isinstance(term, BlankNode | Triple) for term in terms):
            return None
        subject, predicate, object_ = (self.short(term).removeprefix("<").removesuffix(">") for term in terms)
        if isinstance(triple.object, Literal):
            object_ = str(triple.object)
        return self.addresses.page("fact", s=subject, p=predicate, o=object_)


def context() -> Context:
    """Return the context of the request."""
    if "kg_context" not in g:
        engine = service().engine
        g.kg_context = Context(engine, Addresses(engine.dataset.base, request.script_root))
    found = g.kg_context
    assert isinstance(found, Context)  # noqa: S101 - set here and nowhere else
    return found


def render(template: str, **values: object) -> str:
    """Return a page made from a template, which sees the context, the header and the version of the static files."""
    here = context()
    return render_template(
        template,
        here=here,
        header=here.build.header,
        navigation=here.navigation(),
        version=version(),
        name_of=_name_of,
        highlighted=highlighted,
        **values,
    )


def _name_of(names: Mapping[NamedNode, Name], term: Term) -> Name:
    """Return the name of a term: that in ``names``, else the end of its IRI."""
    if isinstance(term, NamedNode):
        return names.get(term) or Name(end_of(term.value), known=False)
    return Name(term.value if isinstance(term, Literal) else str(term))


@cache
def version() -> str:
    """Return a digest of the templates, static files and code of the pages, which changes whenever a page might."""
    sha = hashlib.sha256()
    for file in sorted(_files(resources.files("kg.web")), key=lambda f: str(f)):
        sha.update(file.name.encode() + b"\0" + file.read_bytes())
    for name in ("schema.py", "description.py", "names.py", "passages.py", "collections.py"):
        sha.update(resources.files("kg.things").joinpath(name).read_bytes())
    return sha.hexdigest()[:12]


def _files(folder: Traversable) -> list[Traversable]:
    found: list[Traversable] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += [] if entry.name == "__pycache__" else _files(entry)
        else:
            found.append(entry)
    return found
