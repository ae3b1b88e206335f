"""The search for the shortest proof of a triple, backwards on the closure.

Nothing is recorded while the closure is drawn, so that proofs cost neither time nor memory until one is asked for. The
search goes from the triple to what it could follow from, level by level, and stops as soon as the triple is proved no
deeper than the levels that were searched: no proof can be shorter. As each step must rest on steps that are less deep,
proofs are well-founded.

A property that is transitive is searched not midpoint by midpoint but along its paths: the binary tree of least depth
over a path is found by Dijkstra's algorithm, when a step whose proof is d deep takes 2**d units of time and may begin only
at a multiple of its length (it fills a whole subtree).

Triples that differ only in the names of things are searched together, as a family (see `kg.infer.renaming`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import product
from typing import TYPE_CHECKING

from kg.infer.backward import Backward, Step
from kg.infer.renaming import Equations, Names, Renamings

if TYPE_CHECKING:
    from kg.infer.dictionary import Key
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
    family: "Family | None" = None
    is_expanded: bool = False


@dataclass(eq=False, slots=True)
class Family:
    """The triples that differ from one another only in the names of things."""

    names: tuple[Names, Names, Names]
    is_equation: bool
    """Whether they say that the names of one thing are the same."""
    equations: "tuple[Family | None, Family | None, Family | None]" = (None, None, None)
    """What lets subject, property and object be renamed."""
    goals: "dict[Key, Goal]" = field(default_factory=dict)
    """Those members that some proof has asked for."""
    waiting: "list[Goal]" = field(default_factory=list)
    """Those of them that were not yet looked up in the table."""
    dependents: "list[Family]" = field(default_factory=list)
    """The families that these equations rename."""
    table: Equations | Renamings | None = None
    """How deep a proof each member needs; None while that is out of date."""
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
        self._equality = backward.engine.equality
        self._same_as = backward.same_as
        self._forbidden = forbidden
        self.goals: dict[Key, Goal] = {}
        """What was searched so far."""
        self.size = 0
        """How many goals and steps of paths are remembered: a measure of memory."""
        self._ends_of: dict[tuple[int, int], dict[int, None]] = {}
        self._families: dict[Key, Family] = {}
        self._unsettled: dict[Family, None] = {}

    def prove(self, key: "Key") -> Goal | None:
        """Return the goal with its shortest proof, or None if there is no proof."""
        root = self._goal(key)
        self._settle()
        level, seen = [root], {key}
        seen_families: set[Family] = set()
        distance = 0
        while level and root.depth > distance:
            following: list[Goal] = []
            for goal in level:
                if not goal.is_expanded and goal.depth > 1:
                    self._expand(goal)
                    if root.depth <= distance + 1:
                        return root
                for premise in self._premises(goal, seen_families):
                    if premise.key not in seen and premise.depth > 0:
                        seen.add(premise.key)
                        following.append(premise)
            level = following
            distance += 1
        return root if root.depth < UNPROVED else None

    def _goal(self, key: "Key") -> Goal:
        goal = self.goals.get(key)
        if goal is None:
            goal = self.goals[key] = Goal(key)
            self.size += 1
            if self._backward.is_asserted(key) and key != self._forbidden:
                goal.depth = 0
            goal.family = self._family(key) if self._equality else None
            if goal.family is not None:
                goal.family.goals[key] = goal
                goal.family.waiting.append(goal)
                self._unsettled[goal.family] = None
                if goal.depth == 0:
                    self._outdate(goal.family)
        return goal

    def _premises(self, goal: Goal, seen: set[Family]) -> Iterator[Goal]:
        goals = [goal]
        for family in (goal.family, *goal.family.equations) if goal.family else ():
            if family is not None and family not in seen:
                seen.add(family)
                goals += family.goals.values()
        for each in goals:
            for step in each.steps:
                for key in _premises(step):
                    yield self.goals[key]

    def _expand(self, goal: Goal) -> None:
        self._add_steps(goal)
        if goal.family is not None and goal.depth > 1:
            self._expand_family(goal.family)
        self._settle()

    def _add_steps(self, goal: Goal) -> None:
        goal.is_expanded = True
        if goal.key == self._forbidden:
            return
        for step in self._backward.steps(goal.key, with_renaming=False):
            if self._add(goal, step) and goal.depth == 1:
                goal.is_expanded = False  # not all steps were looked at; but no proof is shorter
                return
        if goal.key[1] != self._same_as:
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
            found = self._next_terms(term, p)
            path.edges[term] = [
                each for each in found if each != term and (each == end or self._backward.holds(each, p, end))
            ]
            waiting.extend(path.edges[term])
        self.size += len(path.edges)
        goal.steps.append(path)
        for key in _premises(path):
            self._goal(key).uses.append(path)
        self._improve([path])

    def _next_terms(self, term: int, property_: int) -> dict[int, None]:
        """Return the terms to which a property joins a term in one step, by any of their names."""
        aliases = self._equality.aliases
        ends = [end for one, p in product(aliases(term), aliases(property_)) for end in self._ends(one, p)]
        return dict.fromkeys(name for end in ends for name in aliases(end))

    def _ends(self, term: int, p: int) -> dict[int, None]:
        """Return the terms to which a property joins a term, by these names, without transitivity or renaming."""
        ends = self._ends_of.get((term, p))
        if ends is None:
            ends = self._ends_of[term, p] = dict.fromkeys(self._backward.asserted_objects(term, p))
            for step in self._backward.steps((term, p, None), with_renaming=False):
                if self._add(self._goal(step.conclusion), step):
                    ends[step.conclusion[2]] = None
            for end in ends:
                self._goal((term, p, end))
        return ends

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
                depth = 1 + max((self.goals[key].depth for key in step.premises), default=0)
            goal = self._goal(step.conclusion)
            if found and depth < goal.depth:
                goal.depth, goal.best = depth, found
                waiting.extend(goal.uses)
                if goal.family is not None:
                    self._outdate(goal.family)

    # Families

    def _family(self, key: "Key") -> Family | None:
        name = self._equality.representative
        s, p, o = (name(term) for term in key)
        if not any(self._equality.is_shared(term) for term in key):
            return None
        if key[1] == self._same_as:
            return self._equations(s) if s == o else None
        family = self._families.get((s, p, o))
        if family is None:
            properties = [each for each in self._equality.aliases(p) if each != self._same_as]
            names = Names(self._equality.aliases(s)), Names(properties), Names(self._equality.aliases(o))
            equations = [self._equations(term) if self._equality.is_shared(term) else None for term in (s, p, o)]
            family = self._families[s, p, o] = Family(names, False, (equations[0], equations[1], equations[2]))
            for each in {each for each in equations if each}:
                each.dependents.append(family)
        return family

    def _equations(self, representative: int) -> Family:
        key = representative, self._same_as, representative
        family = self._families.get(key)
        if family is None:
            names = Names(self._equality.aliases(representative))
            family = self._families[key] = Family((names, Names([self._same_as]), names), True)
        return family

    def _expand_family(self, family: Family) -> None:
        """Note the proofs of all members by rules that are not about equality."""
        if family.is_expanded:
            return
        family.is_expanded = True
        for equations in family.equations:
            if equations is not None:
                self._expand_family(equations)
        subjects, properties, objects = (names.names for names in family.names)
        if family.is_equation:
            for name in subjects:
                self._ends(name, self._same_as)
            is_literal = self._backward.engine.dictionary.is_literal
            literals = [name for name in subjects if is_literal(name)]
            members = [(one, self._same_as, other) for one in literals for other in literals if one != other]
        else:
            members = list(product(subjects, properties, objects))
        for key in members:
            goal = self._goal(key)
            if not goal.is_expanded:
                self._add_steps(goal)

    def _outdate(self, family: Family) -> None:
        for each in (family, *family.dependents):
            each.table = None
            each.waiting = list(each.goals.values())
            self._unsettled[each] = None

    def _settle(self) -> None:
        """Give the members of families the proofs that renaming gives them, where these are less deep."""
        while self._unsettled:
            family = next((each for each in self._unsettled if each.is_equation), next(iter(self._unsettled)))
            del self._unsettled[family]
            table = self._table(family)
            improved: list[Step | Path] = []
            waiting, family.waiting = family.waiting, []
            for goal in waiting:
                depth = None if goal.key == self._forbidden else table.depth(goal.key, goal.depth)
                if depth is not None:
                    rule, premises = table.renaming(goal.key, depth)
                    goal.depth, goal.best = depth, Step(rule, premises, goal.key)
                    improved += goal.uses
                    for premise in premises:
                        self._goal(premise)
            self._improve(improved)

    def _table(self, family: Family) -> Equations | Renamings:
        if family.table is None:
            given = {key: goal.depth for key, goal in family.goals.items() if goal.depth < UNPROVED}
            forbidden = self._forbidden if self._forbidden in family.goals else None
            if family.is_equation:
                family.table = Equations(family.names[0], self._same_as, given, forbidden)
            else:
                tables = [self._equation_table(each) for each in family.equations]
                equations = tables[0], tables[1], tables[2]
                family.table = Renamings(family.names, equations, self._same_as, given, forbidden)
        return family.table

    def _equation_table(self, family: Family | None) -> Equations | None:
        table = None if family is None else self._table(family)
        return table if isinstance(table, Equations) else None

    def _way(self, path: Path) -> Way | None:
        """Return the path whose proof is least deep, by the earliest time at which it can arrive."""
        start, p, end = path.conclusion
        floor = max((self.goals[key].depth for key in path.axioms), default=0)
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
                goal = self.goals[term, p, next_]
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
