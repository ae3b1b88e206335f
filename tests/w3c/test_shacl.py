"""The W3C SHACL suite (data-shapes-test-suite), through pySHACL as this project calls it.

It shows on which parts of SHACL the shapes may rely. A case that is known to fail is named with its reason; when it
passes after an upgrade of pySHACL, its line here goes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlparse

import pyshacl
import pytest
from rdflib import RDF, SH, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.term import Node

SUITE = Path(__file__).resolve().parents[3] / "shared" / "suites" / "data-shapes" / "data-shapes-test-suite" / "tests"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")

KNOWN_FAILURES = {
    "core/property/uniqueLang-002": 'pySHACL reads "1"^^xsd:boolean as true, where the suite wants only "true"',
    "sparql/pre-binding/shapesGraph-001": "pySHACL does not bind $shapesGraph",
}


@dataclass(frozen=True)
class Case:
    """A case of the suite: the graphs to validate, and the report or failure to expect."""

    name: str
    manifest: Graph
    data: Path
    shapes: Path
    expected: Node


def path_of(iri: Node) -> Path:
    return Path(unquote(urlparse(str(iri)).path))


def cases(manifest: Path) -> Iterator[Case]:
    graph = Graph().parse(manifest, publicID=manifest.as_uri())
    root = URIRef(manifest.as_uri())
    for included in sorted(graph.objects(root, MF.include), key=str):
        yield from cases(path_of(included))
    for entries in graph.objects(root, MF.entries):
        for entry in Collection(graph, entries):
            action, result = graph.value(entry, MF.action), graph.value(entry, MF.result)
            data, shapes = graph.value(action, SHT.dataGraph), graph.value(action, SHT.shapesGraph)
            assert isinstance(entry, URIRef)
            assert data is not None
            assert shapes is not None
            assert result is not None
            name = path_of(entry).relative_to(SUITE).as_posix()
            yield Case(name, graph, path_of(data), path_of(shapes), result)


def parameters() -> list[object]:
    if not SUITE.is_dir():
        skip = pytest.mark.skip(reason="the SHACL suite is not beside the repository")
        return [pytest.param(None, id="suite", marks=skip)]
    return [
        pytest.param(
            case,
            id=case.name,
            marks=[pytest.mark.xfail(reason=KNOWN_FAILURES[case.name], strict=True)]
            if case.name in KNOWN_FAILURES
            else [],
        )
        for case in cases(SUITE / "manifest.ttl")
    ]


def written(graph: Graph, node: Node | None) -> object:
    """Return a value that is equal for equal terms, and for equal property paths, which are blank nodes."""
    if not isinstance(node, BNode):
        return node
    if (node, RDF.first, None) in graph:
        return tuple(written(graph, member) for member in Collection(graph, node))
    # Whatever else has no name (a shape, a value) is told apart by nothing that the suite compares.
    return frozenset((p, written(graph, o)) for p, o in graph.predicate_objects(node) if p in PATHS)


PATHS = {SH.alternativePath, SH.inversePath, SH.oneOrMorePath, SH.zeroOrMorePath, SH.zeroOrOnePath}
COMPARED = (
    SH.focusNode,
    SH.resultPath,
    SH.resultSeverity,
    SH.sourceConstraint,
    SH.sourceConstraintComponent,
    SH.sourceShape,
    SH.value,
)


def results(graph: Graph, report: Node) -> Counter[tuple[object, ...]]:
    return Counter(
        tuple(written(graph, graph.value(result, p)) for p in COMPARED) for result in graph.objects(report, SH.result)
    )


@pytest.mark.parametrize("case", parameters())
def test_validation_report_is_the_expected_one(case: Case) -> None:
    data = Graph().parse(case.data, publicID=case.data.as_uri())
    shapes = Graph().parse(case.shapes, publicID=case.shapes.as_uri())
    try:
        conforms, report, text = pyshacl.validate(data, shacl_graph=shapes, inference="none", advanced=False)
    except (pyshacl.errors.ConstraintLoadError, pyshacl.errors.ShapeLoadError, pyshacl.errors.ReportableRuntimeError):
        assert case.expected == SHT.Failure
        return
    if case.expected == SHT.Failure:
        assert not isinstance(report, Graph), text
        return
    assert isinstance(report, Graph), text
    (found,) = report.subjects(RDF.type, SH.ValidationReport)
    assert Literal(conforms) == case.manifest.value(case.expected, SH.conforms)
    assert results(report, found) == results(case.manifest, case.expected)
