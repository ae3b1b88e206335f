"""What people wrote: the files of a project, read into named graphs, and the facts among them that are accepted."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import pyoxigraph as ox
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Triple

from kg import project as layout
from kg.errors import InputError
from kg.prefixes import Prefixes
from kg.syntax import Document
from kg.vocab import IS_PASSAGE_OF, OWL, REJECTED, STANDARD, STANDING, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from kg.project import Project

_ONTOLOGY = NamedNode(OWL + "Ontology")


@dataclass(frozen=True)
class File:
    """One parsed file: its triples by graph (``None`` is the key of its default graph), in the order of the file."""

    name: str
    part: str
    path: Path
    graphs: Mapping[NamedNode | None, list[Triple]]
    prefixes: Mapping[str, str]

    def line_of(self, triple: Triple, prefixes: Prefixes) -> int | None:
        """Return the number of the line that most likely wrote ``triple``, by its words; ``None`` if none does.

        Parsers report no positions for triples, so this looks below the line of the subject for one that names the
        object, else the predicate.
        """
        subject, predicate = prefixes.shorten(triple.subject), prefixes.shorten(triple.predicate)
        value = triple.object.value if isinstance(triple.object, ox.Literal) else prefixes.shorten(triple.object)
        predicate = "a " if triple.predicate == TYPE else predicate
        lines = self.path.read_text(encoding="utf-8").splitlines()
        fallback: int | None = None
        for start in (n for n, line in enumerate(lines) if subject in line.replace(";", " ").split()):
            named = False
            for number in range(start, len(lines)):
                named = named or predicate in lines[number]
                if named and value in lines[number]:
                    return number + 1
                if lines[number].rstrip().endswith(" ."):
                    break
            fallback = fallback or start + 1
        return fallback


@dataclass(frozen=True)
class Authored:
    """The files of a project as graphs. Build one with :func:`read`."""

    files: tuple[File, ...]
    prefixes: Prefixes
    base: str
    passages: Mapping[NamedNode, frozenset[Triple]] = field(repr=False)

    def part(self, part: str) -> set[Triple]:
        """Return the union of the default graphs of one part of the layout, such as ``data/entities``."""
        return {t for file in self.files if file.part == part for t in file.graphs.get(None, [])}

    @cached_property
    def ontology(self) -> set[Triple]:
        """The classes, properties, axioms and concepts."""
        return self.part(layout.ONTOLOGY)

    @cached_property
    def entities(self) -> set[Triple]:
        """What things are: types and names."""
        return self.part(layout.ENTITIES)

    @cached_property
    def sources(self) -> set[Triple]:
        """The sources and their passages."""
        return self.part(layout.SOURCES)

    @cached_property
    def rejected(self) -> set[NamedNode]:
        """The passages whose facts are kept but not accepted."""
        return {
            t.subject
            for t in self.sources
            if t.predicate == STANDING and t.object == REJECTED and isinstance(t.subject, NamedNode)
        }

    @cached_property
    def stated(self) -> set[Triple]:
        """The facts of every accepted passage."""
        return {t for passage, facts in self.passages.items() if passage not in self.rejected for t in facts}

    @cached_property
    def accepted(self) -> set[Triple]:
        """The accepted facts: the union of the accepted passages and the entities."""
        return self.stated | self.entities

    @cached_property
    def source_of(self) -> dict[NamedNode, NamedNode]:
        """Each listed passage with its source."""
        return {
            t.subject: t.object
            for t in self.sources
            if t.predicate == IS_PASSAGE_OF and isinstance(t.subject, NamedNode) and isinstance(t.object, NamedNode)
        }

    def graph(self, name: str) -> NamedNode:
        """Return the IRI of a graph of the published dataset, such as ``accepted``."""
        return NamedNode(f"{self.base}graph/{name}")

    def where(self, triple: Triple) -> str:
        """Return ``file:line`` for a triple that somebody wrote, or an empty string."""
        for file in self.files:
            if any(triple in triples for triples in file.graphs.values()):
                line = file.line_of(triple, self.prefixes)
                return f"{file.name}:{line}" if line else file.name
        return ""

    def stating(self, triple: Triple) -> list[NamedNode]:
        """Return the passages that state ``triple``, in reading order."""
        return [passage for passage, facts in self.passages.items() if triple in facts]


def read(project: Project) -> Authored:
    """Read every file of ``project``.

    Raises InputError that names file, line and column for a syntax error, and both files for a prefix that means two
    things.
    """
    files = tuple(_read_file(project, part, path) for part, path in project.all_files())
    passages: dict[NamedNode, frozenset[Triple]] = {}
    for file in files:
        if file.part == layout.CLAIMS:
            for graph, triples in file.graphs.items():
                if graph is not None:
                    passages[graph] = passages.get(graph, frozenset()) | frozenset(triples)
    base = _base(files)
    return Authored(files, _prefixes(files, base), base, passages)


def _read_file(project: Project, part: str, path: Path) -> File:
    document = Document(path)
    try:
        quads = list(document)
    except InputError as error:
        raise InputError(
            error.message.replace(path.name, project.relative(path), 1), advice=error.advice, exit_code=error.exit_code
        ) from error
    graphs: dict[NamedNode | None, list[Triple]] = {}
    for quad in quads:
        if isinstance(quad.graph_name, BlankNode):
            raise InputError(
                f"{project.relative(path)}: a graph is named by a blank node.",
                advice="Name it after the passage that states it.",
            )
        name = None if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name
        graphs.setdefault(name, []).append(quad.triple)
    return File(project.relative(path), part, path, graphs, document.prefixes)


def _prefixes(files: Iterable[File], base: str) -> Prefixes:
    namespaces: dict[str, str] = {}
    first: dict[str, str] = {}
    for file in files:
        for prefix, namespace in file.prefixes.items():
            if namespaces.setdefault(prefix, namespace) != namespace:
                raise InputError(
                    f"{file.name}: the prefix '{prefix}:' means <{namespace}>, "
                    f"but <{namespaces[prefix]}> in {first[prefix]}.",
                    advice="Give one of the two another prefix: a prefix means one thing in the whole project.",
                )
            first.setdefault(prefix, file.name)
    for prefix, namespace in (STANDARD | {"graph": f"{base}graph/"}).items():
        if namespace not in namespaces.values():
            namespaces.setdefault(prefix, namespace)
    return Prefixes(dict(sorted(namespaces.items())))


def _base(files: Iterable[File]) -> str:
    """Return the base IRI of the project: the IRI of its first ontology without the last part of the path."""
    for file in files:
        if file.part == layout.ONTOLOGY:
            for triple in file.graphs.get(None, []):
                if triple.predicate == TYPE and triple.object == _ONTOLOGY and isinstance(triple.subject, NamedNode):
                    return triple.subject.value.rsplit("/", 1)[0] + "/"
    raise InputError(
        "No file in ontology/ declares an owl:Ontology.",
        advice="Add one: its IRI without the last part of the path is the base of all IRIs of the project.",
    )
