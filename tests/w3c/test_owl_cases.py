"""The OWL 2 RL conformance cases, through the closure of their premises."""

from __future__ import annotations

import json
from pathlib import Path

import owl_cases
import pytest
from owl_cases import Case
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.infer import closure

CASES = owl_cases.all_cases()

# By case, why it is not met. Such a case fails loudly once it is.
KNOWN_FAILURES = {
    name: reason
    for reason, names in json.loads(Path(__file__).with_name("known_owl_failures.json").read_text("utf-8")).items()
    for name in names
}


def parameters() -> list[object]:
    if not CASES:
        skip = pytest.mark.skip(reason="the OWL 2 RL suites are not beside the repository")
        return [pytest.param(None, id="suites", marks=skip)]
    return [
        pytest.param(
            case,
            id=case.id,
            marks=[pytest.mark.xfail(reason=KNOWN_FAILURES[case.id], strict=True)] if case.id in KNOWN_FAILURES else [],
        )
        for case in CASES
    ]


@pytest.mark.parametrize("case", parameters())
def test_the_closure_is_the_expected_one(case: Case) -> None:
    closed = closure(case.premise, axiomatic=True)
    assert case.is_met(closed, contradicts_itself=bool(closed.inconsistencies)), closed.inconsistencies


@pytest.mark.skipif(not CASES, reason="the OWL 2 RL suites are not beside the repository")
def test_the_suites_are_whole() -> None:
    names = {case.id for case in CASES}
    assert len(names) == len(CASES) >= 369
    assert KNOWN_FAILURES.keys() <= names


A, B, P = (NamedNode(f"https://example.org/{name}") for name in "abp")
X, Y = BlankNode("x"), BlankNode("y")


@pytest.mark.parametrize(
    ("graph", "conclusion", "follows"),
    [
        ([(A, P, B)], [], True),
        ([(A, P, B)], [(A, P, B)], True),
        ([(A, P, B)], [(B, P, A)], False),
        ([(A, P, B)], [(X, P, Y)], True),
        ([(A, P, B)], [(X, P, X)], False),
        ([(A, P, B), (B, P, B)], [(A, P, X), (X, P, X)], True),
        ([(A, P, B), (A, P, A)], [(A, P, X), (X, P, B), (B, P, Y)], False),
        ([(X, P, Y)], [(Y, P, X)], True),
        ([(X, P, Y)], [(A, P, Y)], False),
        ([(A, P, Literal("1"))], [(A, P, X)], True),
        ([(A, P, Literal(1))], [(A, P, Literal("01", datatype=Literal(1).datatype))], False),
    ],
)
def test_a_blank_node_of_a_conclusion_stands_for_one_term(
    graph: list[tuple[NamedNode, NamedNode, NamedNode]],
    conclusion: list[tuple[NamedNode, NamedNode, NamedNode]],
    follows: bool,
) -> None:
    assert owl_cases.entails([Triple(*each) for each in graph], [Triple(*each) for each in conclusion]) is follows
