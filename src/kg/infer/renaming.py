"""Equality in proofs: the triples that differ only in the names of things, and how deep a proof each of them needs.

n names of one thing make n times n equations, and n copies of each triple about it; to search their proofs one by one would
take time of the fourth power. Here they are found together, level by level: a level holds what can be proved with
so many rules on top of each other, as rows of bits, and the next one follows from it by ``eq-sym``, ``eq-trans`` and
``eq-rep-s``, ``eq-rep-p``, ``eq-rep-o`` (Table 4).
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kg.infer.dictionary import Key


class Renaming(NamedTuple):
    """A triple's proof by a rule of equality; its two premises are less deep than it."""

    rule: str
    premises: tuple[Key, ...]


class Names:
    """The names of one thing, each at its place."""

    def __init__(self, names: list[int]) -> None:
        self.names = names
        self.place = {name: place for place, name in enumerate(names)}

    def __len__(self) -> int:
        return len(self.names)


def places(bits: int) -> Iterator[int]:
    """Yield the places of the bits that are set, from the lowest."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


class Equations:
    """How deep a proof each equation between two names of one thing needs.

    ``given``: the depth of the equations that have a proof by other rules or none. ``forbidden`` must not be used.
    """

    def __init__(self, names: Names, same_as: int, given: Mapping[Key, int], forbidden: Key | None) -> None:
        self._names = names
        self._same_as = same_as
        self._given = _by_depth(given)
        self._forbidden = forbidden
        size = len(names)
        self._after = [[0] * size]
        """By level and name: the names that it can be proved the same as."""
        self._before = [[0] * size]
        """By level and name: the names that can be proved the same as it."""
        self._add_given(0)
        self._is_whole = False

    def after(self, level: int) -> list[int]:
        """Return, for each name, the names that it is the same as by proofs no deeper than a level."""
        return self._after[self._reached(level)]

    def before(self, level: int) -> list[int]:
        """Return, for each name, the names that are the same as it by proofs no deeper than a level."""
        return self._before[self._reached(level)]

    def is_whole(self, level: int) -> bool:
        """Whether no deeper proof proves another equation."""
        return self._reached(level + 1) <= level

    def depth(self, key: Key, limit: int) -> int | None:
        """Return the depth of the proof of an equation, or None if there is none less deep than a limit."""
        place, bit = self._names.place[key[0]], 1 << self._names.place[key[2]]
        for level in range(limit):
            if self._reached(level) < level:
                return None
            if self._after[level][place] & bit:
                return level
        return None

    def renaming(self, key: Key, depth: int) -> Renaming:
        """Return the rule that proves an equation of this depth."""
        names, p = self._names.names, self._same_as
        x, y = self._names.place[key[0]], self._names.place[key[2]]
        after, before = self.after(depth - 1), self.before(depth - 1)
        if before[x] >> y & 1:
            return Renaming("eq-sym", ((key[2], p, key[0]),))
        middle = next(places(after[x] & before[y]), None)
        if middle is not None:
            return Renaming("eq-trans", ((key[0], p, names[middle]), (names[middle], p, key[2])))
        middle = next(places(before[x] & before[y]))
        return Renaming("eq-rep-s", ((names[middle], p, key[0]), (names[middle], p, key[2])))

    def _reached(self, level: int) -> int:
        while len(self._after) <= level and not self._is_whole:
            self._advance()
        return min(level, len(self._after) - 1)

    def _advance(self) -> None:
        after, before = self._after[-1], self._before[-1]
        everything = (1 << len(after)) - 1
        rows = []
        for x, row in enumerate(after):
            found = row | before[x]
            for middle in places(found):
                if found == everything:
                    break
                found |= after[middle]
            rows.append(found)
        level = len(self._after)
        self._after.append(rows)
        self._forbid(rows)
        self._before.append(_turned(rows))
        self._add_given(level)
        if self._after[-1] == after and level >= max(self._given, default=0):
            self._is_whole = True
            del self._after[-1], self._before[-1]

    def _forbid(self, rows: list[int]) -> None:
        if self._forbidden is not None:
            rows[self._names.place[self._forbidden[0]]] &= ~(1 << self._names.place[self._forbidden[2]])

    def _add_given(self, level: int) -> None:
        place, after, before = self._names.place, self._after[level], self._before[level]
        for x, _, y in self._given.get(level, ()):
            after[place[x]] |= 1 << place[y]
            before[place[y]] |= 1 << place[x]


class Renamings:
    """How deep a proof each triple needs that differs from a given one in names only.

    ``given``: the depth of those that have a proof by other rules or none. ``forbidden`` must not be used.
    """

    def __init__(
        self,
        names: tuple[Names, Names, Names],
        equations: tuple[Equations | None, Equations | None, Equations | None],
        same_as: int,
        given: Mapping[Key, int],
        forbidden: Key | None,
    ) -> None:
        self._subjects, self._properties, self._objects = names
        self._equations = equations
        self._same_as = same_as
        self._given = _by_depth(given)
        self._forbidden = forbidden
        self._levels: list[dict[tuple[int, int], int]] = [{}]
        """By level, and by the places of property and object: the subjects."""
        self._add_given(0)
        self._is_whole = False

    def depth(self, key: Key, limit: int) -> int | None:
        """Return the depth of the proof of a triple, or None if there is none less deep than a limit."""
        s, p, o = self._subjects.place[key[0]], self._properties.place[key[1]], self._objects.place[key[2]]
        for level in range(limit):
            while len(self._levels) <= level:
                if self._is_whole:
                    return None
                self._advance()
            if self._levels[level].get((p, o), 0) >> s & 1:
                return level
        return None

    def renaming(self, key: Key, depth: int) -> Renaming:
        """Return the rule that proves a triple of this depth."""
        s, p, o = self._subjects.place[key[0]], self._properties.place[key[1]], self._objects.place[key[2]]
        level = self._levels[depth - 1]
        subjects, properties, objects = self._equations
        if subjects is not None:
            for other in places(level.get((p, o), 0) & subjects.before(depth - 1)[s]):
                name = self._subjects.names[other]
                return Renaming("eq-rep-s", ((name, self._same_as, key[0]), (name, key[1], key[2])))
        if objects is not None:
            for other in places(objects.before(depth - 1)[o]):
                if level.get((p, other), 0) >> s & 1:
                    name = self._objects.names[other]
                    return Renaming("eq-rep-o", ((name, self._same_as, key[2]), (key[0], key[1], name)))
        assert properties is not None  # noqa: S101 - one of the three rules proved it
        name = next(
            self._properties.names[other]
            for other in places(properties.before(depth - 1)[p])
            if level.get((other, o), 0) >> s & 1
        )
        return Renaming("eq-rep-p", ((name, self._same_as, key[1]), (key[0], name, key[2])))

    def _advance(self) -> None:
        level = len(self._levels) - 1
        before = self._levels[-1]
        found = dict(before)
        subjects, properties, objects = self._equations
        for (p, o), row in before.items():
            if subjects is not None:
                after, everything = subjects.after(level), (1 << len(self._subjects)) - 1
                renamed = row
                for s in places(row):
                    renamed |= after[s]
                    if renamed == everything:
                        break
                found[p, o] = found.get((p, o), 0) | renamed
            if properties is not None:
                for other in places(properties.after(level)[p]):
                    found[other, o] = found.get((other, o), 0) | row
            if objects is not None:
                for other in places(objects.after(level)[o]):
                    found[p, other] = found.get((p, other), 0) | row
        self._levels.append(found)
        if self._forbidden is not None:
            s, p, o = self._forbidden
            place = self._properties.place[p], self._objects.place[o]
            if place in found:
                found[place] &= ~(1 << self._subjects.place[s])
        self._add_given(level + 1)
        is_over = level + 1 >= max(self._given, default=0)
        if is_over and found == before and all(each is None or each.is_whole(level) for each in self._equations):
            self._is_whole = True

    def _add_given(self, level: int) -> None:
        found = self._levels[level]
        for s, p, o in self._given.get(level, ()):
            place = self._properties.place[p], self._objects.place[o]
            found[place] = found.get(place, 0) | 1 << self._subjects.place[s]


def _by_depth(given: Mapping[Key, int]) -> dict[int, list[Key]]:
    found: dict[int, list[Key]] = {}
    for key, depth in given.items():
        found.setdefault(depth, []).append(key)
    return found


def _turned(rows: list[int]) -> list[int]:
    """Return columns of bits as rows."""
    turned = [0] * len(rows)
    for place, row in enumerate(rows):
        bit = 1 << place
        for other in places(row):
            turned[other] |= bit
    return turned
