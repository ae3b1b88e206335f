"""Equality: terms that ``owl:sameAs`` joins are written as one of them, their representative (Table 4, eq-*).

Reasoning with representatives gives what eq-sym, eq-trans, eq-rep-s, eq-rep-p and eq-rep-o give, without the copies: n
names for one thing cost n entries here, not n times n triples. The copies are made when triples are read from the
closure. (B. Motik et al., "Handling owl:sameAs via rewriting", AAAI 2015.)
"""

from collections.abc import Callable, Iterable

from kg.infer.datatypes import are_different
from kg.infer.dictionary import MASK, SHIFT, Dictionary
from kg.infer.facts import Extension, Facts

REWRITING = "eq-rep"
"""Under this name an extension keeps facts that were rewritten to representatives."""


class Equality:
    """Which terms are the same."""

    def __init__(self, dictionary: Dictionary, is_preferred: Callable[[int], bool]) -> None:
        self._dictionary = dictionary
        self._is_preferred = is_preferred
        self._parents: dict[int, int] = {}
        self._classes: dict[int, list[int]] = {}
        self._waiting: list[int] = []
        self.found: dict[str, set[int]] = {}
        """The equations that each rule found, by the rule's name."""
        self.conflicts: set[tuple[int, int]] = set()
        """Pairs of literals with different values that would have to be the same."""

    def __bool__(self) -> bool:
        return bool(self._classes)

    @property
    def is_waiting(self) -> bool:
        """Whether equations were found that the facts do not reflect yet."""
        return bool(self._waiting)

    def representative(self, term: int) -> int:
        """Return the term that stands for all that are the same as this one."""
        parents = self._parents
        while (parent := parents.get(term)) is not None:
            term = parent
        return term

    def aliases(self, term: int) -> list[int]:
        """Return all terms that are the same as this one, itself included."""
        return self._classes.get(self.representative(term)) or [term]

    def is_shared(self, term: int) -> bool:
        """Whether a term is the same as another one."""
        return term in self._parents or term in self._classes

    def classes(self) -> dict[int, list[int]]:
        """Return the terms of each representative that stands for more than itself."""
        return self._classes

    def equate(self, pairs: Iterable[int], rule: str | None = None) -> None:
        """Note that the terms of each pair are the same, by a rule or (None) by assertion."""
        self._waiting += pairs
        if rule is not None:
            self.found.setdefault(rule, set()).update(pairs)

    def merge(self, facts: Facts) -> tuple[set[Extension], bool]:
        """Apply the equations that were noted: rewrite the facts.

        Returns the extensions that grew, and whether a class or property itself got another name.
        """
        waiting, self._waiting = self._waiting, []
        replaced = {term for pair in waiting if (term := self._unite(pair >> SHIFT, pair & MASK)) is not None}
        if not replaced:
            return set(), False
        return self._rewrite(facts, list(facts.classes), list(facts.properties), replaced)

    def rewrite_new(self, facts: Facts, classes: list[int], properties: list[int]) -> tuple[set[Extension], bool]:
        """Rewrite facts of these classes and properties that were just asserted under any of their names."""
        return self._rewrite(facts, classes, properties, set(self._parents))

    def _unite(self, one: int, other: int) -> int | None:
        one, other = self.representative(one), self.representative(other)
        if one == other:
            return None
        if self._rank(other) < self._rank(one):
            one, other = other, one
        texts, is_literal = self._dictionary.texts, self._dictionary.is_literal
        if is_literal(one) and is_literal(other) and are_different(texts[one], texts[other]):
            self.conflicts.add((one, other))
            return None
        self._parents[other] = one
        self._classes[one] = [*self._classes.get(one, [one]), *self._classes.pop(other, [other])]
        return other

    def _rank(self, term: int) -> tuple[bool, bool, int]:
        """Prefer literals, whose value is known, then the terms of the rules, then the oldest."""
        return not self._dictionary.is_literal(term), not self._is_preferred(term), term

    def _rewrite(
        self, facts: Facts, classes: list[int], properties: list[int], replaced: set[int]
    ) -> tuple[set[Extension], bool]:
        name = self.representative
        grown: set[Extension] = set()
        renamed = False
        for property_ in properties:
            extension = facts.pairs(property_)
            old = {key for key in extension.known if key >> SHIFT in replaced or key & MASK in replaced}
            if property_ in replaced:
                old, renamed = set(extension.known), True
            if old:
                extension.discard(old)
                target = facts.pairs(name(property_))
                if target.add({name(key >> SHIFT) << SHIFT | name(key & MASK) for key in old}, REWRITING):
                    grown.add(target)
        for class_ in classes:
            extension = facts.members(class_)
            old = extension.known & replaced
            if class_ in replaced:
                old, renamed = set(extension.known), True
            if old:
                extension.discard(old)
                facts.forget_types(class_, old)
                new = {name(member) for member in old}
                target = facts.members(name(class_))
                if target.add(new, REWRITING):
                    grown.add(target)
                    types = facts.note_types(name(class_), new, REWRITING)
                    if types is not None:
                        grown.add(types)
        return grown, renamed
