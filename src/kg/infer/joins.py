"""Joins: a special rule becomes a Python function from new facts of one premise to conclusions.

The function is written as a set comprehension over the extensions that the rule speaks about, because that is the
fastest loop that Python has; rules of one shape share one compiled text. For ``cls-svf1`` and new pairs of the property::

    lambda fresh: {(k >> 32) for k in fresh if (k & M) in e0}
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from kg.infer.dictionary import MASK, SHIFT
from kg.infer.facts import Extension, Facts
from kg.infer.patterns import Member, Pair, Pattern, Position, SpecialRule, positions, substitute

Join = Callable[[set[int]], set[Any]]
"""From new members or pairs to conclusions: members or pairs of the head; for false, the terms of each clash."""


def extension_of(pattern: Pattern, facts: Facts) -> Extension:
    """Return the extension that a pattern matches."""
    return facts.members(pattern.class_) if isinstance(pattern, Member) else facts.pairs(pattern.property_)


def variables(body: tuple[Pattern, ...]) -> list[str]:
    """Return the variables of a body in order of appearance."""
    return list(dict.fromkeys(each for pattern in body for each in positions(pattern) if isinstance(each, str)))


def entries(special: SpecialRule) -> list[int]:
    """Return the premises from which a rule must be entered with new facts, so that no conclusion is missed.

    Where exchanging the two sides of an equation leaves the body as it is, one of two mirrored premises is enough.
    """
    if not _is_mirrored(special):
        return list(range(len(special.body)))
    return [n for n, each in enumerate(special.body) if special.body.index(_mirror(special, each)) >= n]


def join(special: SpecialRule, entry: int, facts: Facts, *, equation: bool) -> Join:
    """Make the function that takes new facts of one premise to conclusions.

    ``equation``: the head is a triple of ``owl:sameAs``, of which one per group of equal terms suffices.
    """
    writer = _Writer(special, entry)
    source = writer.equations(first_only=_is_mirrored(special)) if equation else writer.comprehension()
    arguments = [special_argument(facts) for special_argument in writer.arguments]
    made: Join = _compiled(source, len(arguments))(*arguments)
    return made


@cache
def _compiled(source: str, count: int) -> Callable[..., Join]:
    names = ", ".join(f"e{n}" for n in range(count))
    namespace: dict[str, Any] = {}
    text = f"def make({names}):\n    M = {MASK}\n    def join(fresh):\n{source}\n    return join\n"
    exec(text, namespace)  # noqa: S102 - the text is made of the fixed words below only, never of data
    made: Callable[..., Join] = namespace["make"]
    return made


def _mirror(special: SpecialRule, pattern: Pattern) -> Pattern:
    assert isinstance(special.head, Pair)  # noqa: S101
    x, y = special.head.subject, special.head.object
    return substitute(substitute(substitute(pattern, x, "?mirrored"), y, x), "?mirrored", y)


def _is_mirrored(special: SpecialRule) -> bool:
    head = special.head
    if not isinstance(head, Pair) or not isinstance(head.subject, str) or not isinstance(head.object, str):
        return False
    return head.subject != head.object and {_mirror(special, each) for each in special.body} == set(special.body)


class _Writer:
    """Writes the loops and conditions of one join."""

    def __init__(self, special: SpecialRule, entry: int) -> None:
        self.special = special
        self.arguments: list[Callable[[Facts], Any]] = []
        self.loops: list[str] = []
        self._expressions: dict[str, str] = {}
        self._whole: dict[Pattern, str] = {}
        self._enter(special.body[entry])
        rest = [each for n, each in enumerate(special.body) if n != entry]
        while rest:
            following = min(rest, key=self._cost)
            rest.remove(following)
            self._follow(following)

    def comprehension(self) -> str:
        special = self.special
        members = {each for each in (*special.body, special.head) if each is not None}
        if all(isinstance(each, Member) for each in members) and len({each[1] for each in members}) == 1 and \
                isinstance(special.body[0][1], str) and len(special.body) > 1 and special.head:  # fmt: skip
            return "        return fresh" + "".join(f" & e{n}" for n in range(len(self.arguments)))
        result = self._result()
        if self.loops == ["for k in fresh"] and result == "k":
            return "        return fresh"
        return f"        return {{{result} {' '.join(self.loops)}}}"

    def equations(self, *, first_only: bool) -> str:
        assert isinstance(self.special.head, Pair)  # noqa: S101
        x, y = self._at(self.special.head.subject), self._at(self.special.head.object)
        lines, depth = ["        found = set()"], 2
        for loop in self.loops:
            lines.append(f"{'    ' * depth}{loop}:")
            depth += 1
        indent = "    " * depth
        lines += [f"{indent}if {x} != {y}:", f"{indent}    found.add({x} << {SHIFT} | {y})"]
        if first_only:
            lines.append(f"{indent}    break")
        return "\n".join([*lines, "        return found"])

    def _result(self) -> str:
        head = self.special.head
        if head is None:
            names = [self._expressions[name] for name in variables(self.special.body)]
            return f"({''.join(name + ', ' for name in names)})"
        if head in self._whole:
            return self._whole[head]
        if isinstance(head, Member):
            return self._at(head.subject)
        for pattern, name in self._whole.items():
            if isinstance(pattern, Pair) and positions(pattern) == positions(head):
                return name
        return f"{self._at(head.subject)} << {SHIFT} | {self._at(head.object)}"

    def _argument(self, get: Callable[[Facts], Any]) -> str:
        self.arguments.append(get)
        return f"e{len(self.arguments) - 1}"

    def _at(self, position: Position) -> str:
        if isinstance(position, str):
            return self._expressions[position]
        return self._argument(lambda _: position)

    def _is_bound(self, position: Position) -> bool:
        return isinstance(position, int) or position in self._expressions

    def _enter(self, pattern: Pattern) -> None:
        self.loops.append("for k in fresh")
        self._bind_whole(pattern, "k")

    def _bind_whole(self, pattern: Pattern, name: str) -> None:
        self._whole[pattern] = name
        if isinstance(pattern, Member):
            self._bind(pattern.subject, name)
        else:
            self._bind(pattern.subject, f"({name} >> {SHIFT})")
            self._bind(pattern.object, f"({name} & M)")

    def _bind(self, position: Position, expression: str) -> None:
        if self._is_bound(position):
            self.loops.append(f"if {expression} == {self._at(position)}")
        else:
            assert isinstance(position, str)  # noqa: S101
            self._expressions[position] = expression

    def _cost(self, pattern: Pattern) -> int:
        """Rank what to match next: what is bound costs a look-up, half bound a short loop, unbound a long one."""
        unbound = sum(not self._is_bound(position) for position in positions(pattern))
        return unbound * 2 - (isinstance(pattern, Pair) and unbound == 1)

    def _follow(self, pattern: Pattern) -> None:
        bound = [self._is_bound(position) for position in positions(pattern)]
        if all(bound):
            whole = " << 32 | ".join(self._at(position) for position in positions(pattern))
            known = self._argument(lambda facts: extension_of(pattern, facts).known)
            self.loops.append(f"if ({whole}) in {known}")
            return
        name = f"v{len(self.loops)}"
        if isinstance(pattern, Pair) and any(bound):
            forward = bound[0]
            index = self._argument(
                lambda facts: facts.pairs(pattern[0]).by_subject if forward else facts.pairs(pattern[0]).by_object
            )
            start, end = (pattern.subject, pattern.object) if forward else (pattern.object, pattern.subject)
            at = self._at(start)
            self.loops.append(f"for {name} in {index}.get({at}, ())")
            self._bind(end, name)
        else:
            known = self._argument(lambda facts: extension_of(pattern, facts).known)
            self.loops.append(f"for {name} in {known}")
            self._bind_whole(pattern, name)
