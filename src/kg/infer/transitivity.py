"""Transitive closure: by strongly connected components for whole relations, by joins for a few new pairs.

The first is Nuutila's idea (E. Nuutila, "Efficient transitive closure computation in large digraphs", 1995): members of
one component reach the same terms, and components are met in reverse topological order, so that each reachable set is
the union of finished ones.
"""

from collections import defaultdict

from kg.infer.dictionary import MASK, SHIFT
from kg.infer.facts import Extension

FEW = 64
"""New pairs are joined one by one up to this share of the relation (1/64); beyond it, the whole closure is cheaper."""


def extend(fresh: set[int], extension: Extension, rule: str) -> set[int]:
    """Return pairs that transitivity adds to a relation, given its new pairs (which the relation holds already).

    Pairs that the rule itself derived are no news to it.
    """
    derived = extension.derived.get(rule)
    edges = fresh - derived if derived else fresh
    if not edges:
        return set()
    if len(edges) * FEW <= len(extension.known):
        return _joined(edges, extension)
    return closure(extension.known - derived if derived else extension.known)


def _joined(edges: set[int], extension: Extension) -> set[int]:
    """Insert new pairs one by one into a relation that was closed before: all that leads there reaches all beyond."""
    before, after = extension.by_object, extension.by_subject
    more_before: dict[int, set[int]] = defaultdict(set)
    more_after: dict[int, set[int]] = defaultdict(set)
    found: set[int] = set()
    for key in edges:
        x, y = key >> SHIFT, key & MASK
        starts = {x, *before.get(x, ()), *more_before.get(x, ())}
        ends = {y, *after.get(y, ()), *more_after.get(y, ())}
        for start in starts:
            more_after[start] |= ends
            found.update([start << SHIFT | end for end in ends])
        for end in ends:
            more_before[end] |= starts
    return found


def closure(edges: set[int]) -> set[int]:
    """Return all pairs that are joined by a path of one or more edges."""
    following: dict[int, list[int]] = defaultdict(list)
    for key in edges:
        following[key >> SHIFT].append(key & MASK)
    pairs: set[int] = set()
    reach: dict[int, set[int]] = {}  # of a component, by its root: everything that its members reach
    root_of: dict[int, int] = {}
    for component in _components(following):
        root = component[0]
        root_of.update(dict.fromkeys(component, root))
        is_cycle = len(component) > 1 or root in following.get(root, ())
        reached: set[int] = set(component) if is_cycle else set()
        for term in component:
            for next_ in following.get(term, ()):
                if next_ not in reached:
                    reached.add(next_)
                    reached |= reach[root_of[next_]]
        reach[root] = reached
        for term in component:
            start = term << SHIFT
            pairs.update([start | end for end in reached])
    return pairs


def _components(following: dict[int, list[int]]) -> list[list[int]]:
    """Return the strongly connected components, those that others lead to first (R. Tarjan, 1972; without recursion)."""
    order: dict[int, int] = {}
    lowest: dict[int, int] = {}
    finished: set[int] = set()
    stack: list[int] = []
    components: list[list[int]] = []
    for start in list(following):
        if start in order:
            continue
        order[start] = lowest[start] = len(order)
        stack.append(start)
        path = [(start, iter(following[start]))]
        while path:
            term, rest = path[-1]
            for next_ in rest:
                if next_ not in order:
                    order[next_] = lowest[next_] = len(order)
                    stack.append(next_)
                    path.append((next_, iter(following.get(next_, ()))))
                    break
                if next_ not in finished:
                    lowest[term] = min(lowest[term], order[next_])
            else:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[term])
                if lowest[term] == order[term]:
                    component = [stack.pop()]
                    while component[-1] != term:
                        component.append(stack.pop())
                    finished.update(component)
                    components.append(component)
    return components
