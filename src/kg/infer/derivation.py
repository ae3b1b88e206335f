"""Derivations: proofs as trees."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from kg.infer.dictionary import Statement


@dataclass(frozen=True, eq=False)
class Derivation:
    """Why a triple holds: it was asserted, or a rule concludes it from premises that hold.

    Derivations are well-founded: no triple is used in its own proof.
    """

    conclusion: Statement
    """The triple that is proved."""
    rule: str | None
    """The name in the specification of the rule that concludes it; None if the triple was asserted."""
    premises: tuple["Derivation", ...]
    """The proofs of what the rule needs: the axiom first, then the facts, in the order of the rule's premises."""
    depth: int
    """How many rules follow each other at most: 0 for an asserted triple."""

    @property
    def is_asserted(self) -> bool:
        """Whether the triple stands in the graph itself."""
        return self.rule is None

    @cached_property
    def leaves(self) -> tuple[Statement, ...]:
        """The asserted triples that the proof rests on, each once, in order of appearance."""
        return tuple(dict.fromkeys(each.conclusion for each in self.walk() if each.is_asserted))

    def walk(self) -> Iterator["Derivation"]:
        """Yield the derivation and those of its premises, each occurrence, parents first."""
        waiting = [self]
        while waiting:
            each = waiting.pop()
            yield each
            waiting.extend(reversed(each.premises))
