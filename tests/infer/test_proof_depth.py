"""Proofs are of least depth: compared with drawing all conclusions level by level, straight from the rules' tables."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Triple

from kg.infer import closure
from kg.infer.rules import RULES, Atom, ListOf, UnrolledRule, iri, is_variable

if TYPE_CHECKING:
    from collections.abc import Iterator

Texts = tuple[str, str, str]
FIRST, REST, NIL = iri("rdf:first"), iri("rdf:rest"), iri("rdf:nil")


def solutions(atoms: tuple[Atom, ...], triples: set[Texts], binding: dict[str, str]) -> Iterator[dict[str, str]]:
    if not atoms:
        yield binding
        return
    for triple in triples:
        bound = dict(binding)
        if all(
            bound.setdefault(term, value) == value if is_variable(term) else term == value
            for term, value in zip(atoms[0], triple, strict=True)
        ):
            yield from solutions(atoms[1:], triples, bound)


def lists(triples: set[Texts]) -> Iterator[tuple[str, list[str]]]:
    firsts = {s: o for s, p, o in triples if p == FIRST}
    rests = {s: o for s, p, o in triples if p == REST}
    for head in firsts:
        members, cell = [firsts[head]], rests.get(head)
        while cell in firsts:
            members.append(firsts[cell])
            cell = rests.get(cell)
        if cell == NIL:
            yield head, members


def cells(head: str, triples: set[Texts]) -> Iterator[Texts]:
    while head != NIL:
        for p in (FIRST, REST):
            yield next(triple for triple in triples if triple[:2] == (head, p))
        head = next(o for s, p, o in triples if (s, p) == (head, REST))


def unrolled(triples: set[Texts]) -> Iterator[tuple[UnrolledRule, dict[str, str]]]:
    for rule in RULES:
        if rule.conditions or rule.finds_inconsistency:
            continue
        if not rule.lists:
            yield from ((each, {}) for each in rule.unroll(0))
            continue
        pattern: ListOf = rule.lists[0]
        for head, members in lists(triples):
            named = {f"{pattern.member}{n}": member for n, member in enumerate(members, 1)}
            yield from ((each, {pattern.head: head, **named}) for each in rule.unroll(len(members)))


def levels(asserted: set[Texts], most: int) -> dict[Texts, int]:
    """Return the depth of every triple that can be proved: the number of rounds after which it is there."""
    depth = dict.fromkeys(asserted, 0)
    for level in range(1, most + 1):
        known = set(depth)
        for (premises, conclusion), binding in list(unrolled(known)):
            assert conclusion is not None
            for found in solutions(premises, known, binding):
                depth.setdefault(tuple(found.get(term, term) for term in conclusion), level)  # type: ignore[arg-type]
        if len(depth) == len(known):
            break
    return depth


def named(text: str) -> str:
    return iri(text) if ":" in text else f"<https://example.org/{text}>"


def read(text: str) -> set[Texts]:
    return {tuple(named(word) for word in line.split()) for line in text.split(".") if line.strip()}  # type: ignore[misc]


def assert_least_depth(asserted: set[Texts], most: int = 9) -> None:
    expected = levels(asserted, most)
    closed = closure([Triple(*(NamedNode(term[1:-1]) for term in triple)) for triple in asserted])
    for triple in closed.inferred:
        derivation = closed.why(triple)
        assert derivation is not None, triple
        texts = tuple(str(term) for term in triple)
        assert derivation.depth == expected[texts], (texts, expected[texts], derivation)  # type: ignore[index]


@pytest.mark.parametrize(
    "text",
    [
        "a owl:sameAs b . b owl:sameAs c . c owl:sameAs d . a p x . x owl:sameAs y . z owl:sameAs y",
        "p rdf:type owl:FunctionalProperty . a p b . a p c . c p d . b q e . e p f . d r g",
        "p rdf:type owl:InverseFunctionalProperty . a p x . b p y . x owl:sameAs y . b q b",
        "p rdf:type owl:TransitiveProperty . a p b . c p d . b owl:sameAs c . d owl:sameAs e . e p f",
        "p rdf:type owl:TransitiveProperty . a p b . b p c . c p d . d p e . e p a",
        "p rdfs:subPropertyOf q . p owl:sameAs r . a r b . b owl:sameAs c . q rdfs:domain D . D owl:sameAs E",
        "p owl:sameAs q . a p b . q rdfs:range C . C rdfs:subClassOf D . D owl:equivalentClass E . b owl:sameAs e",
        "p owl:propertyChainAxiom l . l rdf:first q . l rdf:rest m . m rdf:first r . m rdf:rest rdf:nil . "
        "a q b . c r d . c owl:sameAs b . d owl:sameAs e",
    ],
)
def test_a_proof_is_of_least_depth(text: str) -> None:
    assert_least_depth(read(text))


def test_another_name_of_equality_itself_can_be_explained() -> None:
    assert_least_depth(read("same owl:sameAs owl:sameAs . a same b . b p c"), most=4)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1 << 30))
def test_random_proofs_are_of_least_depth(seed: int) -> None:
    chance = random.Random(seed)
    things, properties = ["a", "b", "c", "d", "e"], ["p", "q"]
    axioms = [
        "p rdf:type owl:TransitiveProperty",
        "p rdf:type owl:FunctionalProperty",
        "q rdf:type owl:InverseFunctionalProperty",
        "q rdf:type owl:SymmetricProperty",
        "p rdfs:subPropertyOf q",
        "p owl:inverseOf q",
        "p owl:sameAs q",
    ]
    asserted = read(" . ".join(chance.sample(axioms, chance.randrange(3))))
    for _ in range(chance.randrange(2, 7)):
        one, other = chance.sample(things, 2)
        asserted |= read(f"{one} {chance.choice([*properties, 'owl:sameAs', 'owl:sameAs'])} {other}")
    assert_least_depth(asserted)


def test_many_names_of_one_thing_are_explained() -> None:
    """A search that looked at names one by one would not come to an end here."""
    ring = read(" . ".join(f"a{n} owl:sameAs a{(n + 1) % 60}" for n in range(60)))
    asserted = ring | read("a0 p x . p rdfs:subPropertyOf q")
    closed = closure([Triple(*(NamedNode(term[1:-1]) for term in triple)) for triple in asserted])
    proofs = {
        n: closed.why(Triple(*(NamedNode(f"https://example.org/{name}") for name in (f"a{n}", "q", "x"))))
        for n in (1, 30)
    }
    depths = [proof.depth for proof in proofs.values() if proof is not None]
    # In a tree of depth d there is room for 2 ** d leaves: the equations on the way, and two for the step to q.
    assert depths == [2, 5]
    assert set(proofs[30].leaves if proofs[30] else ()) <= set(closed.asserted)
