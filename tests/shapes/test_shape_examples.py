"""Every shape accepts an example that is right and refuses one that is wrong, for the reason that it names."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from examples import EXAMPLES, SHAPES, Example, Stage
from rdflib import RDF, SH, BNode, Graph, URIRef

if TYPE_CHECKING:
    from rdflib.term import Node

TARGETS = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)
RIGHT = [e for e in EXAMPLES if e.satisfied]
WRONG = [e for e in EXAMPLES if e.expected]


def targeted(shapes: Graph) -> set[str]:
    return {str(s).removeprefix(SHAPES) for p in TARGETS for s in shapes.subjects(p, None)}


def names(nodes: set[Node]) -> set[str]:
    return {"_:" if isinstance(n, BNode) else str(n) for n in nodes}


@pytest.mark.parametrize("example", RIGHT, ids=lambda e: e.name)
def test_right_example_passes_the_shapes_that_it_names(example: Example, stages: dict[str, Stage]) -> None:
    stage = stages[example.stage]
    assert not {r for r in stage.results if r.focus in names(example.subjects)}
    for shape in example.satisfied:
        assert stage.focus_nodes(SHAPES[shape]) & example.subjects, f"{shape} does not look at this example"


@pytest.mark.parametrize("example", WRONG, ids=lambda e: e.name)
def test_wrong_example_fails_as_it_says_and_in_no_other_way(example: Example, stages: dict[str, Stage]) -> None:
    stage = stages[example.stage]
    own = {r for r in stage.results if r.focus in names(example.subjects)}
    assert own | (example.expected & set(stage.results)) == example.expected


@pytest.mark.parametrize("example", WRONG, ids=lambda e: e.name)
def test_the_message_is_the_one_that_the_shape_carries(example: Example, stages: dict[str, Stage]) -> None:
    stage = stages[example.stage]
    for result in example.expected:
        written = {str(m) for m in stage.shapes.objects(SHAPES[result.shape], SH.message)}
        assert stage.results[result] == written


def test_an_example_is_either_right_or_wrong() -> None:
    assert not [e.name for e in EXAMPLES if bool(e.satisfied) == bool(e.expected)]


def test_no_two_examples_describe_the_same_thing(ontology: Graph) -> None:
    described = Counter(s for e in EXAMPLES for s in e.subjects if (s, RDF.type, None) not in ontology)
    assert not [s for s, count in described.items() if count > 1]


def test_nothing_else_fails(stages: dict[str, Stage]) -> None:
    expected = {r for e in EXAMPLES for r in e.expected}
    assert not {r for stage in stages.values() for r in stage.results} - expected
    assert all(stage.conforms_without_examples for stage in stages.values())


def test_every_shape_with_a_target_has_a_right_example(all_shapes: Graph) -> None:
    # What a shape forbids altogether has no example of its own that is right.
    prohibitions = {
        str(s).removeprefix(SHAPES)
        for s in all_shapes.subjects(RDF.type, SH.NodeShape)
        if (parts := list(all_shapes.objects(s, SH.property)))
        and all(str(all_shapes.value(p, SH.maxCount)) == "0" for p in parts)
    }
    assert targeted(all_shapes) - {name for e in RIGHT for name in e.satisfied} == prohibitions & targeted(all_shapes)


def test_every_shape_with_a_target_has_a_wrong_example(all_shapes: Graph) -> None:
    failing = {r.shape for e in WRONG for r in e.expected}
    owners = {str(s).removeprefix(SHAPES) for f in failing for s in all_shapes.subjects(SH.property, SHAPES[f])}
    assert targeted(all_shapes) - failing - owners == set()


def test_every_constraint_on_a_property_has_a_wrong_example(all_shapes: Graph) -> None:
    failing = {r.shape for e in WRONG for r in e.expected}
    own = {
        str(p).removeprefix(SHAPES)
        for s, p in all_shapes.subject_objects(SH.property)
        if any((s, target, None) in all_shapes for target in TARGETS)
    }
    assert own - failing == set()


def test_every_message_of_a_shape_with_a_target_is_seen(all_shapes: Graph) -> None:
    failing = {r.shape for e in WRONG for r in e.expected}
    speaking = {s for s in all_shapes.subjects(SH.message, None) if (s, RDF.type, SH.NodeShape) in all_shapes}
    assert {str(s).removeprefix(SHAPES) for s in speaking if isinstance(s, URIRef)} - failing == set()
