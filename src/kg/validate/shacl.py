"""SHACL shapes, run with pySHACL in two stages: before inference and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyshacl
from rdflib import SH, BNode, Graph, Literal

from kg import project as layout
from kg.terms import from_rdflib_term, to_rdflib
from kg.validate.report import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Triple
    from rdflib.term import Node

    from kg.authored import Authored

CHECK = "shape"
AFTER_FILE = "after-inference"
BEFORE, AFTER = "before", "after"


def shapes(authored: Authored, stage: str) -> Graph:
    """Return the shapes of one stage: those of ``shapes/after-inference.ttl``, or all the others."""
    chosen: list[Triple] = []
    for file in authored.files:
        if file.part == layout.SHAPES and (file.path.stem == AFTER_FILE) == (stage == AFTER):
            chosen += file.graphs.get(None, [])
    return to_rdflib(chosen, dict(authored.prefixes.namespaces))


def check(authored: Authored, stage: str, facts: Iterable[Triple]) -> Iterator[Finding]:
    """Validate ``facts`` with the ontology beside them; yield a finding per validation result (SHACL, section 3.6)."""
    shapes_graph = shapes(authored, stage)
    if not len(shapes_graph):
        return
    data = to_rdflib(set(facts) | authored.ontology)
    _, results, _ = pyshacl.validate(data, shacl_graph=shapes_graph, inference="none", advanced=False, meta_shacl=False)
    if not isinstance(results, Graph):
        yield Finding(CHECK, f"the shapes could not be run: {results}", "shapes", "Correct the shape that is named.")
        return
    found = [_finding(authored, results, shapes_graph, node) for node in results.objects(None, SH.result)]
    yield from sorted(found, key=str)


def _finding(authored: Authored, results: Graph, shapes_graph: Graph, result: Node) -> Finding:
    focus, path, value = (results.value(result, p) for p in (SH.focusNode, SH.resultPath, SH.value))
    shape = results.value(result, SH.sourceShape)
    messages = list(results.objects(result, SH.resultMessage))
    written = set(shapes_graph.objects(shape, SH.message)) if shape is not None else set()
    message = str(next((m for m in messages if m in written), messages[0] if messages else Literal("")))
    short = authored.prefixes.shorten

    def text(node: Node) -> str:
        return short(from_rdflib_term(node))

    about = " ".join(text(n) for n in (focus, path, value) if n is not None and not isinstance(n, BNode))
    severity = Severity.VIOLATION if results.value(result, SH.resultSeverity) == SH.Violation else Severity.WARNING
    return Finding(
        CHECK,
        f"{about}: {message}",
        _where(authored, focus, path, value),
        f"Shape: {text(shape)}" if shape else "",
        severity,
    )


def _where(authored: Authored, focus: Node | None, path: Node | None, value: Node | None) -> str:
    """Return where the triple stands that a result is about, else where its focus node is described."""
    if focus is None:
        return ""
    subject = from_rdflib_term(focus)
    predicate = from_rdflib_term(path) if path is not None else None
    object_ = from_rdflib_term(value) if value is not None else None
    for file in authored.files:
        for triples in file.graphs.values():
            for triple in triples:
                if triple.subject != subject:
                    continue
                if predicate is None or (triple.predicate == predicate and object_ in (None, triple.object)):
                    return authored.where(triple)
    for file in authored.files:
        for triples in file.graphs.values():
            for triple in triples:
                if triple.subject == subject:
                    return authored.where(triple)
    return ""
