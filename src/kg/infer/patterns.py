"""Triple patterns over the extensions of known classes and properties: what is left of a rule once its axioms are known."""

from dataclasses import dataclass
from typing import NamedTuple, cast

from kg.infer.dictionary import Key

Position = int | str
"""A term's number, or a variable such as ``?x``."""


class Member(NamedTuple):
    """``T(subject, rdf:type, class_)`` for a class that is known."""

    class_: int
    subject: Position


class Pair(NamedTuple):
    """``T(subject, property_, object)`` for a property that is known."""

    property_: int
    subject: Position
    object: Position


Pattern = Member | Pair


@dataclass(frozen=True, slots=True)
class SpecialRule:
    """A rule of the specification for one axiom: from the patterns of the body follows the head (None: false).

    ``prp-dom`` with the axiom ``:owns rdfs:domain :Person``, for example, has the body ``T(?x, :owns, ?y)`` and the
    head ``T(?x, rdf:type, :Person)``.
    """

    rule: str
    axioms: tuple[Key, ...]
    body: tuple[Pattern, ...]
    head: Pattern | None

    @property
    def is_transitivity(self) -> bool:
        """Whether the rule says that one property is transitive (prp-trp, scm-sco, scm-spo)."""
        if len(self.body) != 2 or not all(isinstance(each, Pair) for each in (*self.body, self.head)):
            return False
        (p, x, y), (q, y2, z), (r, x2, z2) = (cast("Pair", each) for each in (*self.body, self.head))
        variables = {x, y, z}
        return p == q == r and (x, y, z) == (x2, y2, z2) and len(variables) == 3 and not _has_term(variables)


def _has_term(positions: set[Position]) -> bool:
    return any(isinstance(position, int) for position in positions)


def positions(pattern: Pattern) -> tuple[Position, ...]:
    """Return the subject, or subject and object, of a pattern."""
    return pattern[1:]


def substitute(pattern: Pattern, old: Position, new: Position) -> Pattern:
    """Replace a variable in a pattern."""
    changed = [new if position == old else position for position in positions(pattern)]
    return Member(pattern[0], *changed) if isinstance(pattern, Member) else Pair(pattern[0], *changed)
