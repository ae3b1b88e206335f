"""Explaining: what the search for proofs found, as derivations."""

from typing import TYPE_CHECKING

from kg.infer.backward import Backward, Step
from kg.infer.derivation import Derivation
from kg.infer.memory import uncollected
from kg.infer.search import Goal, Search, Way

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.infer.dictionary import Key
    from kg.infer.engine import Engine


_REMEMBERED = 1 << 16
"""A search that has looked at more than this is given up for a new one, so that its memory stays small."""


class Explainer:
    """Proofs of the triples in the closure of an engine."""

    def __init__(self, engine: "Engine") -> None:
        self._backward = Backward(engine)
        self._statement = engine.dictionary.statement
        self._search = Search(self._backward)

    def why(self, key: "Key") -> Derivation | None:
        """Return a proof of least depth, or None if the triple is not in the closure."""
        with uncollected():
            if self._search.size > _REMEMBERED:
                self._search = Search(self._backward)
            goal = self._search.prove(key)
            return None if goal is None else self._derivations(self._search, [key])[key]

    def alternatives(self, key: "Key") -> list[Derivation]:
        """Return a derivation for every application of a rule that concludes a triple, the least deep first.

        Each premise has its shortest proof; applications whose premises can be proved only from the triple itself are
        circular and left out.
        """
        search = Search(self._backward, forbidden=key)
        found = []
        for step in dict.fromkeys(self._backward.steps(key, with_transitivity=True)):
            goals = [search.prove(premise) for premise in step.premises]
            if all(goals):
                proofs = self._derivations(search, list(step.premises))
                premises = tuple(proofs[premise] for premise in step.premises)
                found.append(self._made(key, step.rule, premises))
        return sorted(found, key=lambda each: each.depth)

    def step(self, key: "Key") -> Step | None:
        """Return some application of a rule that concludes a triple."""
        return next(self._backward.steps(key), None)

    def _derivations(self, search: Search, roots: "list[Key]") -> "dict[Key, Derivation]":
        goals: dict[Key, Goal] = {}
        waiting = list(roots)
        while waiting:
            key = waiting.pop()
            if key not in goals:
                goal = goals[key] = search.goals[key]
                waiting.extend(_used(goal))
        made: dict[Key, Derivation] = {}
        for goal in sorted(goals.values(), key=lambda each: each.depth):
            if goal.best is None:
                made[goal.key] = Derivation(self._statement(goal.key), None, (), 0)
            elif isinstance(goal.best, Way):
                made[goal.key] = self._tree(goal.best, made)
            else:
                premises = tuple(made[key] for key in goal.best.premises)
                made[goal.key] = self._made(goal.key, goal.best.rule, premises)
        return made

    def _tree(self, way: Way, made: "dict[Key, Derivation]") -> Derivation:
        """Return the binary tree over a path: each half of the time is one subtree."""
        axioms = tuple(made[key] for key in way.path.axioms)
        p = way.path.conclusion[1]

        def build(edges: "tuple[tuple[Key, int], ...]", begin: int, height: int) -> Derivation:
            if len(edges) == 1:
                return made[edges[0][0]]
            middle = begin + (1 << (height - 1))
            left = tuple(edge for edge in edges if edge[1] < middle)
            right = edges[len(left) :]
            if not left or not right:
                return build(edges, begin if left else middle, height - 1)
            premises = (*axioms, build(left, begin, height - 1), build(right, middle, height - 1))
            conclusion = edges[0][0][0], p, edges[-1][0][2]
            return self._made(conclusion, way.path.rule.name, premises)

        return build(way.edges, 0, way.depth)

    def _made(self, key: "Key", rule: str, premises: tuple[Derivation, ...]) -> Derivation:
        depth = 1 + max((premise.depth for premise in premises), default=0)
        return Derivation(self._statement(key), rule, premises, depth)


def _used(goal: Goal) -> "Iterator[Key]":
    if isinstance(goal.best, Way):
        yield from goal.best.path.axioms
        yield from (key for key, _ in goal.best.edges)
    elif goal.best is not None:
        yield from goal.best.premises
