"""The shapes, and what they say about the small examples under ``fixtures/``.

An example is a Turtle file whose first lines say what it shows: ``# shapes:`` names the shapes that it satisfies,
``# fails:`` and ``# warns:`` give focus node, path and shape of a result. All examples of a stage are validated in one
run, since no two of them describe the same thing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyshacl
from rdflib import RDF, RDFS, SH, BNode, Graph, Namespace, URIRef

if TYPE_CHECKING:
    from rdflib.term import Node

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = Path(__file__).resolve().parent / "fixtures"
AFTER = "after-inference"
SHAPES = Namespace("https://w3id.org/ai-diplomacy/shapes#")
DIPLO = Namespace("https://w3id.org/ai-diplomacy/ontology#")
_LINE = re.compile(r"^# (fails|warns): (\S+) \| (\S+) \| (\S+)$", re.MULTILINE)
_SEVERITY = {"fails": str(SH.Violation), "warns": str(SH.Warning)}


class Result(NamedTuple):
    """A validation result: focus node, path (``-`` for none) and severity as IRIs, and the name of the shape."""

    focus: str
    path: str
    shape: str
    severity: str


@dataclass(frozen=True)
class Example:
    """A Turtle file under ``fixtures/`` and what it announces."""

    file: Path
    graph: Graph
    satisfied: tuple[str, ...]
    expected: frozenset[Result]

    @property
    def name(self) -> str:
        return self.file.relative_to(FIXTURES).with_suffix("").as_posix()

    @property
    def stage(self) -> str:
        return AFTER if self.file.parent.name == AFTER else "before"

    @property
    def subjects(self) -> set[Node]:
        return set(self.graph.subjects())


def read(file: Path) -> Example:
    """Read an example. A focus node ``_:`` stands for the blank node that the example describes."""
    text = file.read_text(encoding="utf-8")
    graph = Graph().parse(data=text, format="turtle")
    satisfied = re.search(r"^# shapes: (.+)$", text, re.MULTILINE)

    def iri(name: str) -> str:
        if name in {"-", "_:"}:
            return name
        return str(graph.namespace_manager.expand_curie(name))

    return Example(
        file,
        graph,
        tuple(satisfied[1].split()) if satisfied else (),
        frozenset(Result(iri(f), iri(p), s, _SEVERITY[kind]) for kind, f, p, s in _LINE.findall(text)),
    )


def files(name: str) -> list[Path]:
    """Return the files of shapes of a stage."""
    return [f for f in sorted((ROOT / "shapes").glob("*.ttl")) if (f.stem == AFTER) == (name == AFTER)]


EXAMPLES = [read(file) for file in sorted(FIXTURES.glob("*/*.ttl"))]


@dataclass(frozen=True)
class Stage:
    """The shapes of a stage, the graph of all its examples, and the results of validating it."""

    shapes: Graph
    data: Graph
    results: dict[Result, set[str]]
    conforms_without_examples: bool

    def focus_nodes(self, shape: URIRef) -> set[Node]:
        """Return the focus nodes of a shape (SHACL, section 2.1.3), subclasses included."""
        found: set[Node] = set(self.shapes.objects(shape, SH.targetNode))
        for target in self.shapes.objects(shape, SH.targetClass):
            for cls in self.data.transitive_subjects(RDFS.subClassOf, target):
                found |= set(self.data.subjects(RDF.type, cls))
        for target in self.shapes.objects(shape, SH.targetSubjectsOf):
            found |= set(self.data.subjects(target, None))
        for target in self.shapes.objects(shape, SH.targetObjectsOf):
            found |= set(self.data.objects(None, target))
        return found


def _validate(data: Graph, shapes: Graph) -> tuple[bool, dict[Result, set[str]]]:
    conforms, report, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none", advanced=False)
    assert isinstance(report, Graph)
    results: dict[Result, set[str]] = {}
    # Only the results of the report itself: those within sh:detail explain them.
    for node in report.objects(None, SH.result):
        focus, path, shape = (report.value(node, p) for p in (SH.focusNode, SH.resultPath, SH.sourceShape))
        result = Result(
            "_:" if isinstance(focus, BNode) else str(focus),
            str(path) if isinstance(path, URIRef) else "-",
            str(shape).removeprefix(SHAPES),
            str(report.value(node, SH.resultSeverity)),
        )
        results.setdefault(result, set()).update(str(m) for m in report.objects(node, SH.resultMessage))
    return conforms, results


def stage(name: str) -> Stage:
    """Validate the examples of a stage, and before that the ontology and the world that they refer to."""
    shapes, data = Graph(), Graph()
    for file in files(name):
        shapes.parse(file)
    for file in sorted((ROOT / "ontology").glob("*.ttl")):
        data.parse(file)
    if name != AFTER:
        data.parse(FIXTURES / "world.ttl")
    conforms, _ = _validate(data, shapes)
    for example in EXAMPLES:
        if example.stage == name:
            data += example.graph
    return Stage(shapes, data, _validate(data, shapes)[1], conforms)
