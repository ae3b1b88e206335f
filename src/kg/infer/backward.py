"""The rules read backwards: from a triple to the premises from which one rule concludes it.

This reads the rules as they stand in `kg.infer.rules` and the closure as it is, under all names that things have.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kg.infer.datatypes import are_different, has_value_in
from kg.infer.dictionary import MASK, SHIFT, Key
from kg.infer.engine import Engine
from kg.infer.rules import RULE, RULES, Atom, Repeated, Rule, UnrolledRule, iri, is_variable
from kg.infer.specialize import axiom_atoms, is_equality

Binding = dict[str, int]
Open = tuple[int | None, int | None, int | None]
"""A triple of which some positions are unknown."""


class Step(NamedTuple):
    """One application of a rule."""

    rule: str
    premises: tuple[Key, ...]
    conclusion: Key


class Backward:
    """One-step derivations in the closure of an engine.

    ``indexed``: make the indexes that many questions to a changing closure need.
    """

    def __init__(self, engine: Engine, *, indexed: bool = False) -> None:
        self.engine = engine
        self._is_indexed = indexed
        self._facts = engine.facts
        self._equality = engine.equality
        self._type, self.same_as = engine.type, engine.same_as
        number = engine.dictionary.number
        self._first, self._rest, self._nil = (number(iri(f"rdf:{name}")) for name in ("first", "rest", "nil"))
        self._datatype = number(iri("rdfs:Datatype"))
        self._constants: dict[str, int] = {}
        self._asserted_objects: dict[int, dict[int, list[int]]] = {}
        self._unrolled: dict[tuple[str, int], list[UnrolledRule]] = {}
        self._equality_rules = [rule for rule in RULES if is_equality(rule) and rule.name != "eq-ref"]

    # What holds

    def is_asserted(self, key: Key) -> bool:
        """Whether a triple belongs to the input."""
        return self._facts.is_asserted(*key)

    def holds(self, s: int, p: int, o: int) -> bool:
        """Whether a triple is asserted or inferred."""
        name = self._equality.representative
        s, p, o = name(s), name(p), name(o)
        if p == self._type:
            members = self._facts.classes.get(o)
            return members is not None and s in members.known
        if p == self.same_as and s == o:
            return True
        pairs = self._facts.properties.get(p)
        return pairs is not None and s << SHIFT | o in pairs.known

    def objects(self, s: int, p: int) -> Iterator[int]:
        """Yield every term to which a property joins a subject."""
        name, aliases = self._equality.representative, self._equality.aliases
        if name(p) == self.same_as:
            yield from aliases(s)
        elif name(p) == self._type:
            subject = name(s)
            for class_, members in list(self._facts.classes.items()):
                if subject in members.known:
                    yield from aliases(class_)
        else:
            pairs = self._facts.pairs(name(p))
            for o in list(pairs.by_subject.get(name(s), ()) if self._is_indexed else pairs.objects(name(s))):
                yield from aliases(o)

    def subjects(self, p: int, o: int) -> Iterator[int]:
        """Yield every term that a property joins to an object."""
        name, aliases = self._equality.representative, self._equality.aliases
        if name(p) == self.same_as:
            yield from aliases(o)
        else:
            found: Iterable[int]
            if name(p) == self._type:
                found = self._facts.members(name(o)).known
            else:
                pairs = self._facts.pairs(name(p))
                found = pairs.by_object.get(name(o), ()) if self._is_indexed else pairs.subjects(name(o))
            for s in list(found):
                yield from aliases(s)

    def asserted_objects(self, s: int, p: int) -> list[int]:
        """Return the objects of a subject as far as they are asserted."""
        index = self._asserted_objects.get(p)
        if index is None:
            index = self._asserted_objects[p] = defaultdict(list)
            for key in self._facts.pairs(p).asserted:
                index[key >> SHIFT].append(key & MASK)
        return index.get(s, [])

    def _matches(self, s: int | None, p: int, o: int | None) -> Iterator[tuple[int, int]]:
        if s is not None and o is not None:
            if self.holds(s, p, o):
                yield s, o
        elif s is not None:
            for each in self.objects(s, p):
                yield s, each
        elif o is not None:
            for each in self.subjects(p, o):
                yield each, o
        else:
            aliases = self._equality.aliases
            for key in list(self._facts.pairs(self._equality.representative(p)).known):
                for one in aliases(key >> SHIFT):
                    for other in aliases(key & MASK):
                        yield one, other

    # Steps

    def steps(self, target: Open, *, with_transitivity: bool = False, with_renaming: bool = True) -> Iterator[Step]:
        """Yield every application of a rule that concludes a triple, which may have an unknown subject or object.

        Transitivity is left out unless asked for: its applications are the paths between two terms. Without renaming, so
        are the rules of equality, but where they give ``owl:sameAs`` itself another name.
        """
        s, p, o = target
        if s is not None and o is not None:
            yield from self._from_literals(s, p or 0, o)
        for rule in self._rules_for(target, with_renaming=with_renaming):
            if with_transitivity or not rule.is_transitivity:
                for step in self._by(rule, target):
                    if step.conclusion not in step.premises:
                        yield step

    def transitivity_of(self, p: int) -> list[Rule]:
        """Return the rules by which a property is transitive."""
        name = self._equality.representative(p)
        if name == self.same_as:
            return [RULE["eq-trans"]] if self._equality else []
        return [
            RULE[each] for each in sorted(self.engine.producers.get((False, name), ())) if RULE[each].is_transitivity
        ]

    def axioms_of_transitivity(self, rule: Rule, p: int) -> tuple[Key, ...]:
        """Return the axiom that makes a property transitive, if the rule needs one."""
        return tuple(self._written(atom, {"?p": p}) for atom in rule.premises[:-2] if isinstance(atom, Atom))

    def _rules_for(self, target: Open, *, with_renaming: bool) -> list[Rule]:
        name = self._equality.representative
        _, p, o = target
        assert p is not None  # noqa: S101
        producers = self.engine.producers
        names = set(producers.get((False, name(p)), ()))
        if name(p) == self._type:
            for class_ in [name(o)] if o is not None else list(self._facts.classes):
                names |= producers.get((True, class_), set())
        rules = [RULE[each] for each in sorted(names, key=_CHEAPEST_FIRST.__getitem__)]
        if not self._equality:
            return rules
        if with_renaming:
            return rules + self._equality_rules
        if self._equality.is_shared(self.same_as) and name(p) == name(self.same_as):
            rules.append(RULE["eq-rep-p"])
        return rules

    def _from_literals(self, s: int, p: int, o: int) -> Iterator[Step]:
        texts = self.engine.dictionary.texts
        key = s, p, o
        if p == self._type and o == self._datatype and s in self._facts.members(o).derived.get("dt-type1", ()):
            yield Step("dt-type1", (), key)
        if texts[s][0] != '"':
            if p == self.same_as and s == o:
                yield from self._reflexive(s, key)
            return
        if p == self._type and texts[o][0] == "<" and has_value_in(texts[s], texts[o]):
            yield Step("dt-type2", (), key)
        elif texts[o][0] == '"':
            if p == self.engine.different_from and are_different(texts[s], texts[o]):
                yield Step("dt-diff", (), key)
            elif p == self.same_as and s << SHIFT | o in self._equal_literals():
                yield Step("dt-eq", (), key)

    def _equal_literals(self) -> set[int]:
        found = self._equality.found.get("dt-eq", set())
        return found | {(key & MASK) << SHIFT | key >> SHIFT for key in found}

    def _reflexive(self, term: int, key: Key) -> Iterator[Step]:
        for source in (self._facts.asserted(), self._facts.known()):
            for premise in source:
                if term in premise and premise != key and (premise[1] != self.same_as or term == self.same_as):
                    yield Step("eq-ref", (premise,), key)
                    return

    def _by(self, rule: Rule, target: Open) -> Iterator[Step]:
        if rule.lists:
            yield from self._by_list(rule, target)
            return
        atoms = tuple(each for each in rule.premises if isinstance(each, Atom))
        for conclusion in rule.conclusions:
            assert isinstance(conclusion, Atom)  # noqa: S101
            binding = self._unify(conclusion, target, {})
            if binding is not None:
                for solution in self._solve(atoms, binding):
                    premises = tuple(self._written(atom, solution) for atom in atoms)
                    yield Step(rule.name, premises, self._written(conclusion, solution))

    def _by_list(self, rule: Rule, target: Open) -> Iterator[Step]:
        (pattern,) = rule.lists
        axioms = axiom_atoms(rule)
        for conclusion in rule.conclusions:
            atom = conclusion.first if isinstance(conclusion, Repeated) else conclusion
            members = [
                each for each in atom if each.startswith(pattern.member) and each[len(pattern.member) :] in ("1", "n")
            ]
            fixed = Atom(*("?" if each in members or each.startswith("?u") else each for each in atom))
            binding = self._unify(fixed, target, {})
            if binding is None:
                continue
            binding.pop("?", None)
            heads: list[int] | None = None
            if not set(binding) & {each for axiom in axioms for each in axiom} and members:
                member = target[atom.index(members[0])]
                heads = None if member is None else sorted(set(self._lists_with(member)))
            for start in [{**binding, pattern.head: head} for head in heads] if heads is not None else [binding]:
                for solution in self._solve(axioms, start):
                    premises = tuple(self._written(axiom, solution) for axiom in axioms)
                    for terms, cells in self._lists(solution[pattern.head], frozenset()):
                        named = {f"{pattern.member}{k}": term for k, term in enumerate(terms, 1)}
                        yield from self._by_members(rule, target, {**solution, **named}, len(terms), premises + cells)

    def _by_members(
        self, rule: Rule, target: Open, binding: Binding, length: int, axioms: tuple[Key, ...]
    ) -> Iterator[Step]:
        unrolled = self._unrolled.get((rule.name, length))
        if unrolled is None:
            unrolled = self._unrolled[rule.name, length] = list(rule.unroll(length))
        matched = axiom_atoms(rule)
        for premises, conclusion in unrolled:
            assert conclusion is not None  # noqa: S101
            bound = self._unify(conclusion, target, binding)
            if bound is not None:
                body = tuple(atom for atom in premises if atom not in matched)
                for solution in self._solve(body, bound):
                    facts = tuple(self._written(atom, solution) for atom in body)
                    yield Step(rule.name, axioms + facts, self._written(conclusion, solution))

    def _lists(self, head: int, seen: frozenset[int]) -> Iterator[tuple[tuple[int, ...], tuple[Key, ...]]]:
        if head in seen:
            return
        for first in self._as_given(head, self._first):
            for rest in self._as_given(head, self._rest):
                cell = (head, self._first, first), (head, self._rest, rest)
                if rest == self._nil:
                    yield (first,), cell
                else:
                    for members, cells in self._lists(rest, seen | {head}):
                        yield (first, *members), (*cell, *cells)

    def _as_given(self, s: int, p: int) -> list[int]:
        return self.asserted_objects(s, p) or list(self.objects(s, p))

    def _lists_with(self, member: int) -> Iterator[int]:
        """Yield the cells from which a list leads to a member."""
        seen: set[int] = set()
        waiting = list(self.subjects(self._first, member))
        while waiting:
            cell = waiting.pop()
            if cell not in seen:
                seen.add(cell)
                yield cell
                waiting.extend(self.subjects(self._rest, cell))

    # Matching

    def _unify(self, atom: Atom, target: Open, binding: Binding) -> Binding | None:
        bound = dict(binding)
        for term, value in zip(atom, target, strict=True):
            if value is None:
                continue
            if is_variable(term):
                if term != "?" and bound.setdefault(term, value) != value:
                    return None
            elif self._constant(term) != value:
                return None
        return bound

    def _constant(self, term: str) -> int:
        number = self._constants.get(term)
        if number is None:
            known = self.engine.specializer.literal_of.get(term)
            number = self._constants[term] = self.engine.dictionary.number(term) if known is None else known
        return number

    def _at(self, term: str, binding: Binding) -> int | None:
        return binding.get(term) if is_variable(term) else self._constant(term)

    def _written(self, atom: Atom, binding: Binding) -> Key:
        s, p, o = (self._at(term, binding) for term in atom)
        assert s is not None and p is not None and o is not None  # noqa: S101, PT018
        return s, p, o

    def _solve(self, atoms: tuple[Atom, ...], binding: Binding) -> Iterator[Binding]:
        """Yield the bindings under which all atoms hold, by matching next what is bound most."""
        if not atoms:
            yield binding
            return
        atom = min(atoms, key=lambda each: self._unbound(each, binding))
        rest = tuple(each for each in atoms if each is not atom)
        s, p, o = (self._at(term, binding) for term in atom)
        if p is None:
            return
        for one, other in self._matches(s, p, o):
            bound = binding
            if s is None:
                bound = {**bound, atom.subject: one}
            if o is None:
                if bound.get(atom.object, other) != other:
                    continue
                bound = {**bound, atom.object: other}
            yield from self._solve(rest, bound)

    def _unbound(self, atom: Atom, binding: Binding) -> int:
        s, p, o = (self._at(term, binding) is None for term in atom)
        return s + o + 4 * p


def _searched_variables(rule: Rule) -> int:
    """Count the variables for which facts must be searched, because neither conclusion nor axioms say what they are."""
    axioms = {term for atom in axiom_atoms(rule) for term in atom}
    atoms = [each.first if isinstance(each, Repeated) else each for each in (*rule.premises, *rule.conclusions)]
    facts = {term for atom in atoms[: len(rule.premises)] for term in atom if is_variable(term)}
    concluded = {term for atom in atoms[len(rule.premises) :] for term in atom}
    return len(facts - axioms - concluded)


_CHEAPEST_FIRST = {
    rule.name: n for n, rule in enumerate(sorted(RULES, key=lambda each: (_searched_variables(each), each.table)))
}
