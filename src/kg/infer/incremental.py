"""Removing triples: delete what rested on them, then find again what still follows (DRed).

(A. Gupta, I. S. Mumick, V. S. Subrahmanian: "Maintaining views incrementally", SIGMOD 1993.) The cost follows what
rested on the removed triples, not the graph. Where an axiom, an equation or a name of a thing that has several is
touched, the closure is drawn anew.
"""

from collections import defaultdict
from collections.abc import Iterable

from kg.infer import transitivity
from kg.infer.backward import Backward
from kg.infer.dictionary import MASK, SHIFT, Key
from kg.infer.engine import Engine
from kg.infer.facts import Extension
from kg.infer.joins import extension_of
from kg.infer.patterns import Pair, SpecialRule

Relation = tuple[bool, int]
"""A class (True) or a property (False), by its number."""


class _TouchesAxiomsError(Exception):
    """The change reaches an axiom or an equation."""


def remove(engine: Engine, keys: Iterable[Key]) -> Engine:
    """Remove triples from the input of an engine; return the engine of the new graph, the same one if it could adapt."""
    removed = {key for key in keys if engine.facts.is_asserted(*key)}
    for s, p, o in removed:
        if p == engine.type:
            engine.facts.members(o).asserted.discard(s)
        else:
            engine.facts.pairs(p).asserted.discard(s << SHIFT | o)
    if not removed:
        return engine
    try:
        _Removal(engine).run(removed)
    except _TouchesAxiomsError:
        return anew(engine)
    return engine


def anew(engine: Engine) -> Engine:
    """Return a new engine that has closed the input of another."""
    other = Engine(axiomatic=engine.axiomatic)
    texts, number = engine.dictionary.texts, other.dictionary.number
    other.add((number(texts[s]), number(texts[p]), number(texts[o])) for s, p, o in engine.facts.asserted())
    other.run()
    return other


class _Removal:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._facts = engine.facts
        self._backward = Backward(engine, indexed=True)
        self._deleted: dict[Relation, set[int]] = defaultdict(set)
        self._fragile = engine.axioms() | {
            extension_of(pattern, engine.facts)
            for special in engine.special_rules
            if isinstance(special.head, Pair) and special.head.property_ == engine.same_as
            for pattern in special.body
        }
        if engine.axiomatic or engine.facts.types is not None or engine.reads_identity:
            raise _TouchesAxiomsError

    def run(self, removed: set[Key]) -> None:
        waiting: list[tuple[Relation, set[int], SpecialRule | None]] = []
        for s, p, o in removed:
            relation, key = ((True, o), s) if p == self._engine.type else ((False, p), s << SHIFT | o)
            waiting.append((relation, self._delete(relation, {key}), None))
        while waiting:
            relation, keys, origin = waiting.pop()
            for special, join in self._engine.readers(self._extension(relation)):
                if special is origin or special.head is None or not keys:
                    continue  # what transitivity concludes is closed under it already
                found = self._around(special, keys) if special.is_transitivity else join(keys)
                for target, gone in self._split(special, found):
                    origin_of_gone = special if special.is_transitivity else None
                    waiting.append((target, self._delete(target, gone), origin_of_gone))
        for relation, keys in self._deleted.items():
            self._extension(relation).discard(keys)
        self._find_again()
        self._engine.run()

    def _extension(self, relation: Relation) -> Extension:
        is_class, number = relation
        return self._facts.members(number) if is_class else self._facts.pairs(number)

    def _delete(self, relation: Relation, keys: set[int]) -> set[int]:
        """Mark facts as deleted; return those that were not yet."""
        extension = self._extension(relation)
        if keys and self._have_several_names(relation, keys):
            raise _TouchesAxiomsError
        gone = (keys & extension.known) - extension.asserted - self._deleted[relation]
        if gone and extension in self._fragile:
            raise _TouchesAxiomsError
        self._deleted[relation] |= gone
        return gone

    def _have_several_names(self, relation: Relation, keys: set[int]) -> bool:
        equality = self._engine.equality
        if not equality:
            return False
        is_class, number = relation
        terms = {number}
        for key in keys:
            terms |= {key} if is_class else {key >> SHIFT, key & MASK}
        return any(equality.is_shared(term) for term in terms)

    def _split(self, special: SpecialRule, found: set[int]) -> Iterable[tuple[Relation, set[int]]]:
        head = special.head
        if isinstance(head, Pair) and head.property_ == self._engine.type:
            for key in found:
                yield (True, key & MASK), {key >> SHIFT}
        elif head is not None:
            yield (not isinstance(head, Pair), head[0]), found

    def _around(self, special: SpecialRule, keys: set[int]) -> set[int]:
        """Return the pairs that a path through one of these pairs may have given."""
        extension = extension_of(special.body[0], self._facts)
        before, after = extension.by_object, extension.by_subject
        found: set[int] = set()
        for key in keys:
            x, y = key >> SHIFT, key & MASK
            ends = {y, *after.get(y, ())}
            for start in {x, *before.get(x, ())}:
                found.update([start << SHIFT | end for end in ends])
        return found

    def _find_again(self) -> None:
        candidates = {relation: keys for relation, keys in self._deleted.items() if keys}
        for relation, keys in candidates.items():
            self._close_again(relation, keys)
        is_finding = True
        while is_finding:
            is_finding = False
            for relation, keys in candidates.items():
                for key in sorted(keys):
                    rule = self._rule_for(relation, key)
                    if rule is not None:
                        keys.discard(key)
                        self._learn(relation, {key}, rule)
                        is_finding = True

    def _close_again(self, relation: Relation, keys: set[int]) -> None:
        """Close a transitive property anew if much of it was deleted."""
        is_class, number = relation
        extension = self._extension(relation)
        if is_class or len(keys) * transitivity.FEW <= len(extension.known):
            return
        for rule in self._backward.transitivity_of(number):
            base = extension.known - extension.derived.get(rule.name, set())
            again = transitivity.closure(base) & keys
            keys -= again
            self._learn(relation, again, rule.name)

    def _rule_for(self, relation: Relation, key: int) -> str | None:
        is_class, number = relation
        target = (key, self._engine.type, number) if is_class else (key >> SHIFT, number, key & MASK)
        step = next(self._backward.steps(target, with_transitivity=True), None)
        return step.rule if step else None

    def _learn(self, relation: Relation, keys: set[int], rule: str) -> None:
        is_class, number = relation
        if not keys:
            return
        if is_class:
            self._engine.learn_members(number, keys, rule)
        else:
            self._engine.learn_pairs(number, keys, rule)
