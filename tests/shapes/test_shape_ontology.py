"""Shapes and ontology agree: every class and property has a shape, and no shape contradicts a domain or range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from examples import DIPLO, ROOT, SHAPES
from rdflib import OWL, RDF, RDFS, SH, XSD, Graph, URIRef
from rdflib.collection import Collection

if TYPE_CHECKING:
    from rdflib.term import Node

SHAPE_FILES = sorted((ROOT / "shapes").glob("*.ttl"))


def own(ontology: Graph, *kinds: URIRef) -> set[Node]:
    return {t for kind in kinds for t in ontology.subjects(RDF.type, kind) if str(t).startswith(DIPLO)}


def property_shapes(shapes: Graph) -> set[Node]:
    return set(shapes.subjects(RDF.type, SH.PropertyShape))


def above(ontology: Graph, cls: Node) -> set[Node]:
    return set(ontology.transitive_objects(cls, RDFS.subClassOf))


def allowed(shapes: Graph, shape: Node) -> set[Node]:
    """Return the classes one of which a node shape demands of its focus nodes, by sh:class or an sh:or of such."""
    alternatives = [m for head in shapes.objects(shape, SH["or"]) for m in Collection(shapes, head)]
    return {c for s in [shape, *alternatives] for c in shapes.objects(s, SH["class"])}


def test_every_class_has_a_node_shape(all_shapes: Graph, ontology: Graph) -> None:
    targeted = set(all_shapes.objects(None, SH.targetClass))
    # The class at the top has the shape that all classes right below it share.
    assert own(ontology, OWL.Class) - targeted == {DIPLO.Entity}
    below = set(ontology.subjects(RDFS.subClassOf, DIPLO.Entity))
    evidence = {DIPLO.Source, DIPLO.Passage, DIPLO.Standing}
    assert set(all_shapes.objects(SHAPES.EntityShape, SH.targetClass)) == below - evidence


def test_every_property_has_a_property_shape_that_pages_show(all_shapes: Graph, ontology: Graph) -> None:
    shown = {all_shapes.value(s, SH.path) for s in all_shapes.subjects(SH.order, None)}
    assert own(ontology, OWL.ObjectProperty, OWL.DatatypeProperty) - shown == set()


def test_every_term_that_a_shape_names_exists(all_shapes: Graph, ontology: Graph) -> None:
    named = {t for triple in all_shapes for t in triple if isinstance(t, URIRef) and t.startswith(DIPLO)}
    assert named - set(ontology.subjects(RDF.type, None)) == set()


def test_classes_of_values_are_the_range_or_below_it(all_shapes: Graph, ontology: Graph) -> None:
    checked = 0
    for shape, cls in all_shapes.subject_objects(SH["class"]):
        path = all_shapes.value(shape, SH.path)
        if path is not None and (range_ := ontology.value(path, RDFS.range)) is not None:
            assert range_ in above(ontology, cls), shape
            checked += 1
    assert checked >= len(own(ontology, OWL.ObjectProperty))


def test_datatypes_of_values_are_the_range(all_shapes: Graph, ontology: Graph) -> None:
    for shape, datatype in all_shapes.subject_objects(SH.datatype):
        range_ = ontology.value(all_shapes.value(shape, SH.path), RDFS.range)
        # The range of dates and of texts with a language is rdfs:Literal in OWL 2 RL.
        assert range_ in {None, datatype} or (range_ == RDFS.Literal and datatype in {XSD.date, RDF.langString}), shape


def test_a_property_is_on_shapes_of_its_domain_or_below_it(all_shapes: Graph, ontology: Graph) -> None:
    for shape, cls in all_shapes.subject_objects(SH.targetClass):
        for part in all_shapes.objects(shape, SH.property):
            domain = ontology.value(all_shapes.value(part, SH.path), RDFS.domain)
            assert domain is None or domain in above(ontology, cls), part


def test_every_domain_is_checked_on_what_is_stated(all_shapes: Graph, ontology: Graph) -> None:
    backwards = set(all_shapes.objects(SHAPES.StatedOnceShape, SH.targetSubjectsOf))
    for prop in own(ontology, OWL.ObjectProperty, OWL.DatatypeProperty) - backwards - {DIPLO.sha256}:
        domain = ontology.value(prop, RDFS.domain)
        checked = [allowed(all_shapes, s) for s in all_shapes.subjects(SH.targetSubjectsOf, prop)]
        assert any(c and all(domain in above(ontology, cls) for cls in c) for c in checked), (
            f"nothing checks that only a {domain} has {prop}"
        )


def test_inverses_are_stated_in_one_direction(all_shapes: Graph, ontology: Graph) -> None:
    backwards = set(all_shapes.objects(SHAPES.StatedOnceShape, SH.targetSubjectsOf))
    for one, other in ontology.subject_objects(OWL.inverseOf):
        assert (one in backwards) != (other in backwards), one


def test_one_type_lists_every_class_that_is_not_abstract(all_shapes: Graph, ontology: Graph) -> None:
    listed = all_shapes.value(SHAPES["OneType-type"], SH["in"])
    abstract = {DIPLO.Entity, DIPLO.Agent, DIPLO.CooperationMechanism}
    evidence = {DIPLO.Passage, DIPLO.Source, DIPLO.Standing}
    assert set(Collection(all_shapes, listed)) == own(ontology, OWL.Class) - abstract - evidence


@pytest.mark.parametrize("file", SHAPE_FILES, ids=lambda f: f.stem)
def test_every_file_says_what_it_is_and_when_it_applies(file: object) -> None:
    graph = Graph().parse(str(file), format="turtle")
    (header,) = graph.subjects(RDF.type, OWL.Ontology)
    assert str(header) == f"https://w3id.org/ai-diplomacy/shapes/{str(file).rsplit('/', 1)[-1].removesuffix('.ttl')}"
    for predicate in ("http://purl.org/dc/terms/title", "http://purl.org/dc/terms/license", str(RDFS.comment)):
        assert graph.value(header, URIRef(predicate)), predicate
    assert str(graph.value(header, RDFS.comment)).startswith("Applies ")
