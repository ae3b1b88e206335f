"""Explaining: the shortest proof of a triple, found backwards on the closure.

Nothing is recorded while the closure is drawn, so that proofs cost neither time nor memory until one is asked for. The
search goes from the triple to what it could follow from, level by level, and stops as soon as the triple is proved no
deeper than the levels that were searched: no proof can be shorter. As each step must rest on steps that are less deep,
proofs are well-founded.

A property that is transitive is searched not midpoint by midpoint but along its paths: the binary tree of least depth
over a path is found by Dijkstra's algorithm, when a step whose proof is d deep takes 2**d units of time and may begin only
at a multiple of its length (it fills a whole subtree).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from kg.infer.backward import Backward, Step
from kg.infer.derivation import Derivation
from kg.infer.memory import uncollected

if TYPE_CHECKING:
    from kg.infer.dictionary import Key
    from kg.infer.engine import Engine
    from kg.infer.rules import Rule

UNPROVED = 1 << 30
_END = -1  # the end of a path, kept apart from its start, which may be the same term


@dataclass(eq=False, slots=True)
class Path:
    """The ways from one term to another along the steps of a transitive property."""

    conclusion: "Key"
    rule: "Rule"
    axioms: "tuple[Key, ...]"
    edges: "dict[int, list[int]]"
    """For each term on a way, the terms that the next step may lead to."""


@dataclass(eq=False, slots=True)
class Goal:
    """A triple to be proved."""

    key: "Key"
    depth: int = UNPROVED
    best: "Step | Way | None" = None
    steps: "list[Step | Path]" = field(default_factory=list)
    uses: "list[Step | Path]" = field(default_factory=list)
    is_expanded: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """One path, its steps with the time at which each begins."""

    path: Path
    edges: "tuple[tuple[Key, int], ...]"
    depth: int


class Search:
    """A search for shortest proofs, which remembers what it found for the next one.

    ``forbidden``: a triple that no proof may use, so that alternatives to its own proof are not circular.
    """

    def __init__(self, backward: Backward, forbidden: "Key | None" = None) -> None:
        self._backward = backward
        self._forbidden = forbidden
        self._goals: dict[Key, Goal] = {}

    def prove(self, key: "Key") -> Goal | None:
        """Return the goal with its shortest proof, or None if there is no proof."""
        root = self._goal(key)
        level, seen = [root], {key}
        distance = 0
        while level and root.depth > distance:
            following: list[Goal] = []
            for goal in level:
                if not goal.is_expanded and goal.depth > 1:
                    self._expand(goal)
                    if root.depth <= distance + 1:
                        return root
                for premise in self._premises(goal):
                    if premise.key not in seen and premise.depth > 0:
                        seen.add(premise.key)
                        following.append(premise)
            level = following
            distance += 1
        return root if root.depth < UNPROVED else None

    def _goal(self, key: "Key") -> Goal:
        goal = self._goals.get(key)
        if goal is None:
            goal = self._goals[key] = Goal(key)
            if self._backward.is_asserted(key) and key != self._forbidden:
                goal.depth = 0
        return goal

    def _premises(self, goal: Goal) -> Iterator[Goal]:
        for step in goal.steps:
            for key in _premises(step):
                yield self._goals[key]

    def _expand(self, goal: Goal) -> None:
        goal.is_expanded = True
        if goal.key == self._forbidden:
            return
        is_equation = goal.key[1] == self._backward.same_as
        if is_equation:  # of proofs equally deep, eq-trans reads better than eq-rep-s and eq-rep-o
            self._add_all_paths(goal)
        for step in self._backward.steps(goal.key):
            if self._add(goal, step) and goal.depth == 1:
                goal.is_expanded = False  # not all steps were looked at; but no proof is shorter
                return
        if not is_equation:
            self._add_all_paths(goal)

    def _add_all_paths(self, goal: Goal) -> None:
        for rule in self._backward.transitivity_of(goal.key[1]):
            self._add_paths(goal, rule)

    def _add(self, goal: Goal, step: Step) -> bool:
        if self._forbidden in step.premises:
            return False
        goal.steps.append(step)
        for key in step.premises:
            self._goal(key).uses.append(step)
        self._improve([step])
        return True

    def _add_paths(self, goal: Goal, rule: "Rule") -> None:
        start, p, end = goal.key
        path = Path(goal.key, rule, self._backward.axioms_of_transitivity(rule, p), {})
        waiting = [start]
        while waiting:
            term = waiting.pop()
            if term in path.edges or (term == end != start):
                continue
            found = dict.fromkeys(self._backward.asserted_objects(term, p))
            for step in self._backward.steps((term, p, None)):
                if step.conclusion != goal.key and self._add(self._goal(step.conclusion), step):
                    found[step.conclusion[2]] = None
            path.edges[term] = [
                each for each in found if each != term and (each == end or self._backward.holds(each, p, end))
            ]
            waiting.extend(path.edges[term])
        goal.steps.append(path)
        for key in _premises(path):
            self._goal(key).uses.append(path)
        self._improve([path])

    def _improve(self, waiting: "list[Step | Path]") -> None:
        """Take over better proofs, from premises to conclusions."""
        while waiting:
            step = waiting.pop()
            found: Way | Step | None
            if isinstance(step, Path):
                found = self._way(step)
                depth = found.depth if found else UNPROVED
            else:
                found = step
                depth = 1 + max((self._goals[key].depth for key in step.premises), default=0)
            goal = self._goal(step.conclusion)
            if found and depth < goal.depth:
                goal.depth, goal.best = depth, found
                waiting.extend(goal.uses)

    def _way(self, path: Path) -> Way | None:
        """Return the path whose proof is least deep, by the earliest time at which it can arrive."""
        start, p, end = path.conclusion
        floor = max((self._goals[key].depth for key in path.axioms), default=0)
        if floor >= UNPROVED:
            return None
        arrivals: dict[int, int] = {}
        origin: dict[int, tuple[int, int]] = {}
        waiting = [(0, start, start, 0)]
        while waiting and _END not in arrivals:
            time, term, previous, began = heappop(waiting)
            if term in arrivals:
                continue
            arrivals[term] = time
            origin[term] = previous, began
            for next_ in path.edges.get(term, ()):
                goal = self._goals[term, p, next_]
                place = _END if next_ == end else next_
                if place not in arrivals and goal.depth < UNPROVED and goal.key != path.conclusion:
                    length = 1 << max(goal.depth, floor)
                    begin = -(-time // length) * length
                    heappush(waiting, (begin + length, place, term, begin))
        if _END not in arrivals:
            return None
        edges: list[tuple[Key, int]] = []
        term = _END
        while term != start:
            previous, began = origin[term]
            edges.append(((previous, p, end if term == _END else term), began))
            term = previous
        return Way(path, tuple(reversed(edges)), (arrivals[_END] - 1).bit_length())


def _premises(step: Step | Path) -> "Iterator[Key]":
    if isinstance(step, Step):
        yield from step.premises
        return
    yield from step.axioms
    p = step.conclusion[1]
    for term, following in step.edges.items():
        for next_ in following:
            yield term, p, next_


class Explainer:
    """Proofs of the triples in the closure of an engine."""

    def __init__(self, engine: "Engine") -> None:
        self._backward = Backward(engine)
        self._statement = engine.dictionary.statement
        self._search = Search(self._backward)

    def why(self, key: "Key") -> Derivation | None:
        """Return a proof of least depth, or None if the triple is not in the closure."""
        with uncollected():
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
                goal = goals[key] = search._goals[key]
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
