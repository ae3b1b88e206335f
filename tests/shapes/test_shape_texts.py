"""Shapes speak to people: names, descriptions and messages in English, and messages that say what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyshacl
from examples import SHAPES
from rdflib import RDF, RDFS, SH, BNode, Graph, Literal

if TYPE_CHECKING:
    from rdflib.term import Node

# Each message ends with one of these orders.
ADVICE = "add|choose|correct|give|keep|leave|make|mark|name|put|remove|rename|run|state|turn|use|write"


def shapes_of(graph: Graph, kind: Node) -> list[Node]:
    return sorted(graph.subjects(RDF.type, kind), key=str)


def texts(graph: Graph, shape: Node, predicate: Node) -> list[Literal]:
    return [t for t in graph.objects(shape, predicate) if isinstance(t, Literal)]


def test_shapes_are_valid_shacl(all_shapes: Graph, ontology: Graph) -> None:
    conforms, _, report = pyshacl.validate(ontology, shacl_graph=all_shapes, meta_shacl=True, inference="none")
    assert conforms, report


def test_every_shape_has_an_iri_of_its_namespace(all_shapes: Graph) -> None:
    for kind in (SH.NodeShape, SH.PropertyShape):
        assert all(str(s).startswith(SHAPES) and not isinstance(s, BNode) for s in all_shapes.subjects(RDF.type, kind))
    for refers in (SH.property, SH.node, SH["not"], SH.qualifiedValueShape):
        assert all((s, RDF.type, None) in all_shapes for s in all_shapes.objects(None, refers))


def test_every_property_shape_belongs_to_a_node_shape_and_checks_something(all_shapes: Graph) -> None:
    told = {RDF.type, SH.path, SH.name, SH.description, SH.message, SH.order, SH.group, SH.severity}
    for shape in shapes_of(all_shapes, SH.PropertyShape):
        assert (None, SH.property, shape) in all_shapes, shape
        assert set(all_shapes.predicates(shape)) - told, shape


def test_every_node_shape_has_one_english_label(all_shapes: Graph) -> None:
    for shape in shapes_of(all_shapes, SH.NodeShape):
        assert [t.language for t in texts(all_shapes, shape, RDFS.label)] == ["en"], shape


def test_every_property_shape_has_one_path_and_english_name_and_description(all_shapes: Graph) -> None:
    for shape in shapes_of(all_shapes, SH.PropertyShape):
        assert len(list(all_shapes.objects(shape, SH.path))) == 1, shape
        for predicate in (SH.name, SH.description, SH.message):
            assert [t.language for t in texts(all_shapes, shape, predicate)] == ["en"], (shape, predicate)
        assert str(texts(all_shapes, shape, SH.description)[0]).endswith("."), shape


def test_every_targeted_shape_with_constraints_of_its_own_has_a_message(all_shapes: Graph) -> None:
    own = (SH["class"], SH.pattern, SH["in"], SH["or"], SH.xone, SH.nodeKind)
    helpers = set(all_shapes.subjects(RDF.type, SH.NodeShape)) - {
        s
        for target in (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)
        for s in all_shapes.subjects(target, None)
    }
    for shape in set(shapes_of(all_shapes, SH.NodeShape)) - helpers:
        if any((shape, constraint, None) in all_shapes for constraint in own):
            assert [t.language for t in texts(all_shapes, shape, SH.message)] == ["en"], shape


def test_every_message_says_what_is_wrong_and_then_what_to_do(all_shapes: Graph) -> None:
    for shape, message in all_shapes.subject_objects(SH.message):
        assert re.match(rf"^[A-Z][^\n]*?: ({ADVICE})\b[^\n]*\.$", str(message)), (shape, message)
        assert str(message).isascii(), shape


def test_rows_of_pages_have_the_same_name_place_and_group_for_a_property_everywhere(all_shapes: Graph) -> None:
    seen: dict[Node, tuple[Node | None, ...]] = {}
    for shape in all_shapes.subjects(SH.order, None):
        if (shape, RDF.type, SH.PropertyShape) not in all_shapes:
            continue
        path = all_shapes.value(shape, SH.path)
        row = tuple(all_shapes.value(shape, p) for p in (SH.name, SH.order, SH.group))
        assert path is not None
        assert seen.setdefault(path, row) == row, shape
        assert not isinstance(path, BNode), shape
    assert len({row[1] for row in seen.values()}) == len(seen), "two properties have the same place"


def test_what_does_not_stop_the_build_says_so(all_shapes: Graph) -> None:
    assert set(all_shapes.objects(None, SH.severity)) == {SH.Warning}
