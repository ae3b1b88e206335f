"""Inconsistencies: where a rule concludes false."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kg.infer.datatypes import CHECKED_DATATYPES, is_outside
from kg.infer.dictionary import MASK, SHIFT, Key
from kg.infer.engine import Engine
from kg.infer.joins import extension_of, join, variables
from kg.infer.patterns import Pattern, SpecialRule


class Clash(NamedTuple):
    """A rule that concludes false, and the facts (written with representatives) that make it do so."""

    rule: str
    axioms: tuple[Key, ...]
    facts: tuple[Key, ...]
    literal: int | None = None
    """For an ill-formed literal: the literal, of which there need not be a fact."""


@dataclass(frozen=True)
class ConsistencyCheck:
    """The rules that conclude false, applied to the closure of an engine."""

    engine: Engine

    def clashes(self) -> Iterator[Clash]:
        """Yield every clash once."""
        seen: set[tuple[str, tuple[Key, ...], frozenset[Key]]] = set()
        for clash in (*self._by_rules(), *self._between_literals(), *self._outside_datatypes()):
            key = clash.rule, clash.axioms, frozenset(clash.facts)
            if key not in seen or clash.literal is not None:
                seen.add(key)
                yield clash

    def _by_rules(self) -> Iterator[Clash]:
        for special in self.engine.checks:
            for terms in self._matches(special):
                binding = dict(zip(variables(special.body), terms, strict=True))
                facts = tuple(self._fact(pattern, binding) for pattern in special.body)
                yield Clash(special.rule, special.axioms, facts)

    def _matches(self, special: SpecialRule) -> list[tuple[int, ...]]:
        if not special.body:
            return [()]
        facts = self.engine.facts
        known = [extension_of(pattern, facts).known for pattern in special.body]
        smallest = min(range(len(known)), key=lambda n: len(known[n]))
        if not known[smallest]:
            return []
        return sorted(join(special, smallest, facts, equation=False)(known[smallest]))

    def _fact(self, pattern: Pattern, binding: dict[str, int]) -> Key:
        numbers = [each if isinstance(each, int) else binding[each] for each in pattern[1:]]
        if len(numbers) == 1:
            return numbers[0], self.engine.type, pattern[0]
        return numbers[0], pattern[0], numbers[1]

    def _between_literals(self) -> Iterator[Clash]:
        """Yield literals of different values that are the same: what eq-diff1 finds on triples of dt-diff."""
        engine = self.engine
        for one, other in sorted(engine.equality.conflicts):
            yield Clash("dt-diff", (), ((one, engine.same_as, other), (one, engine.different_from, other)))

    def _outside_datatypes(self) -> Iterator[Clash]:
        engine = self.engine
        texts, name = engine.dictionary.texts, engine.equality.representative
        for literal in engine.literals.ill_formed:
            if self.triples_with(literal):  # its triples may have been removed since it was read
                yield Clash("dt-not-type", (), (), literal)
        for datatype in sorted(CHECKED_DATATYPES):
            number = engine.dictionary.find(datatype)
            extension = engine.facts.classes.get(name(number)) if number is not None else None
            for member in sorted(extension.known if extension and number is not None else ()):
                if texts[member][0] == '"' and member not in engine.literals.ill_formed and \
                        is_outside(texts[member], datatype):  # fmt: skip
                    yield Clash("dt-not-type", (), ((member, engine.type, number or 0),))

    def triples_with(self, literal: int) -> list[Key]:
        """Return asserted triples that have a literal as their object."""
        return [
            (key >> SHIFT, property_, literal)
            for property_, extension in self.engine.facts.properties.items()
            for key in extension.asserted
            if key & MASK == literal
        ]
