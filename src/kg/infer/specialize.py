"""Specialising the rules: each rule of the specification is joined with the axioms of the graph.

The premises of a rule whose predicate (or, for ``rdf:type``, class) stands in the rule are its *axioms* if they say which
property or class another premise or the conclusion speaks about, as ``T(?p, rdfs:domain, ?c)`` does in ``prp-dom``. They
are matched here, once; what remains speaks about known classes and properties only, and is what the engine runs.
Rules in which nothing is left to be found out that way (most of Table 9) are taken as they are.
"""

from collections.abc import Iterator
from functools import cached_property

from kg.infer.dictionary import MASK, SHIFT, Dictionary, Key
from kg.infer.facts import Extension, Facts
from kg.infer.patterns import Member, Pair, Pattern, Position, SpecialRule, positions, substitute
from kg.infer.rules import RULES, Atom, Repeated, Rule, UnrolledRule, iri, is_variable

_TYPE, _SAME_AS = iri("rdf:type"), iri("owl:sameAs")
Binding = dict[str, int]


def is_equality(rule: Rule) -> bool:
    """Whether a rule says what ``owl:sameAs`` means; `kg.infer.equality` applies those by representatives."""
    return rule.table == 4 and not rule.finds_inconsistency


def _is_open(atom: Atom) -> bool:
    return is_variable(atom.predicate) or (atom.predicate == _TYPE and is_variable(atom.object))


def axiom_atoms(rule: Rule) -> tuple[Atom, ...]:
    """Return those premises of a rule that are matched when it is specialised."""
    everything = [each.first if isinstance(each, Repeated) else each for each in (*rule.premises, *rule.conclusions)]
    if not rule.lists and not any(_is_open(atom) for atom in everything):
        return ()
    return tuple(
        each for each in rule.premises if isinstance(each, Atom) and not _is_open(each) and each.predicate != _SAME_AS
    )


class Specializer:
    """The rules as they apply to one graph."""

    def __init__(self, facts: Facts, dictionary: Dictionary) -> None:
        self._facts = facts
        self._dictionary = dictionary
        self._type = dictionary.number(_TYPE)
        self._same_as = dictionary.number(_SAME_AS)
        self._first, self._rest, self._nil = (dictionary.number(iri(f"rdf:{n}")) for n in ("first", "rest", "nil"))
        self._rules = [rule for rule in RULES if not is_equality(rule) and not rule.conditions]
        self._axioms = {rule.name: axiom_atoms(rule) for rule in self._rules}
        self._unrolled: dict[tuple[str, int], list[UnrolledRule]] = {}
        self.literal_of: dict[str, int] = {}
        """For a literal that stands in a rule: the literal of the graph that has its value."""

    @cached_property
    def schema(self) -> set[Extension]:
        """The extensions whose facts are axioms: when one of them grows, the rules must be specialised again."""
        number = self._dictionary.number
        found = {self._facts.pairs(self._first), self._facts.pairs(self._rest)}
        for atom in (atom for atoms in self._axioms.values() for atom in atoms):
            if atom.predicate == _TYPE:
                found.add(self._facts.members(number(atom.object)))
            else:
                found.add(self._facts.pairs(number(atom.predicate)))
        return found

    def unspecialized(self) -> Iterator[SpecialRule]:
        """Yield the rules that need no axiom: those of the schema vocabulary, mostly."""
        for rule in self._rules:
            if not self._axioms[rule.name] and not rule.lists:
                yield from self._written(rule, {}, (), 0)

    def specialized(self) -> Iterator[SpecialRule]:
        """Yield a rule for each axiom that is known."""
        for rule in self._rules:
            atoms = self._axioms[rule.name]
            if atoms:
                for binding, axioms in self._matches(atoms, {}, ()):
                    yield from self._with_lists(rule, binding, axioms)

    def _with_lists(self, rule: Rule, binding: Binding, axioms: tuple[Key, ...]) -> Iterator[SpecialRule]:
        if not rule.lists:
            yield from self._written(rule, binding, axioms, 0)
            return
        (pattern,) = rule.lists
        for members, cells in self.lists(binding[pattern.head]):
            named = {f"{pattern.member}{k}": member for k, member in enumerate(members, 1)}
            yield from self._written(rule, binding | named, axioms + cells, len(members))

    def lists(self, head: int, seen: frozenset[int] = frozenset()) -> Iterator[tuple[tuple[int, ...], tuple[Key, ...]]]:
        """Yield the members, and the triples, of the RDF lists that begin at a term; lists without end are none."""
        firsts, rests = self._facts.pairs(self._first), self._facts.pairs(self._rest)
        if head in seen:
            return
        for first in sorted(firsts.by_subject.get(head, ())):
            for rest in sorted(rests.by_subject.get(head, ())):
                cell = (head, self._first, first), (head, self._rest, rest)
                if rest == self._nil:
                    yield (first,), cell
                else:
                    for members, cells in self.lists(rest, seen | {head}):
                        yield (first, *members), (*cell, *cells)

    def _matches(
        self, atoms: tuple[Atom, ...], binding: Binding, axioms: tuple[Key, ...]
    ) -> Iterator[tuple[Binding, tuple[Key, ...]]]:
        if not atoms:
            yield binding, axioms
            return
        atom = atoms[0]
        subject, object_ = self._position(atom.subject, binding), self._position(atom.object, binding)
        if subject is None or object_ is None:
            return
        p = self._dictionary.number(atom.predicate)
        for s, o in self._triples(p, subject, object_):
            bound = binding
            if isinstance(subject, str):
                bound = bound | {subject: s}
            if isinstance(object_, str):
                if bound.get(object_, o) != o:
                    continue
                bound = bound | {object_: o}
            yield from self._matches(atoms[1:], bound, (*axioms, (s, p, o)))

    def _triples(self, p: int, s: Position, o: Position) -> Iterator[tuple[int, int]]:
        if p == self._type and isinstance(o, int):
            members = self._facts.members(o).known
            if isinstance(s, int):
                yield from [(s, o)] if s in members else []
            else:
                yield from [(member, o) for member in members]
            return
        extension = self._facts.pairs(p)
        if isinstance(s, int) and isinstance(o, int):
            yield from [(s, o)] if s << SHIFT | o in extension.known else []
        elif isinstance(s, int):
            yield from [(s, each) for each in extension.by_subject.get(s, ())]
        elif isinstance(o, int):
            yield from [(each, o) for each in extension.by_object.get(o, ())]
        else:
            yield from [(key >> SHIFT, key & MASK) for key in extension.known]

    def _position(self, term: str, binding: Binding) -> Position | None:
        if is_variable(term):
            return binding.get(term, term)
        return self.literal_of.get(term) if term[0] == '"' else self._dictionary.number(term)

    def _written(self, rule: Rule, binding: Binding, axioms: tuple[Key, ...], length: int) -> Iterator[SpecialRule]:
        key = rule.name, length
        unrolled = self._unrolled.get(key)
        if unrolled is None:
            unrolled = self._unrolled[key] = list(rule.unroll(length))
        matched = self._axioms[rule.name]
        for premises, conclusion in unrolled:
            body: list[Pattern] = [self._pattern(atom, binding) for atom in premises if atom not in matched]
            head = None if conclusion is None else self._pattern(conclusion, binding)
            special = self._without_equalities(rule, axioms, body, head)
            if special is not None and special.head not in special.body:
                yield special

    def _pattern(self, atom: Atom, binding: Binding) -> Pattern:
        s, p, o = (self._position(term, binding) for term in atom)
        assert s is not None and o is not None and isinstance(p, int)  # noqa: S101, PT018 - the axioms bind them
        return Member(o, s) if p == self._type and isinstance(o, int) else Pair(p, s, o)

    def _without_equalities(
        self, rule: Rule, axioms: tuple[Key, ...], body: list[Pattern], head: Pattern | None
    ) -> SpecialRule | None:
        """Replace premises ``T(?x, owl:sameAs, ?y)`` by one variable for both: equal terms have one representative."""
        for equality in [each for each in body if isinstance(each, Pair) and each.property_ == self._same_as]:
            _, x, y = equality
            if isinstance(x, int) and isinstance(y, int):
                if x != y:
                    return None
            else:
                old, new = (x, y) if isinstance(x, str) else (y, x)
                others = [each for each in body if each is not equality]
                if not any(old in positions(each) or new in positions(each) for each in others):
                    continue
                body = [substitute(each, old, new) for each in body]
                head = head and substitute(head, old, new)
                same = substitute(equality, old, new)
                body.remove(same)
                continue
            body.remove(equality)
        return SpecialRule(rule.name, axioms, tuple(body), head)
