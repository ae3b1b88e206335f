"""The engine: rules and facts to the closure, set at a time and semi-naively.

Each special rule (see `kg.infer.specialize`) is run once on all facts when it is added, and from then on only on facts
that are new. When an axiom is new, the rules are specialised again; when an equation is new, the facts are rewritten.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import groupby
from time import perf_counter

from kg.infer import transitivity
from kg.infer.datatypes import CHECKED_DATATYPES, DATATYPES, are_different, has_value_in
from kg.infer.dictionary import MASK, SHIFT, Dictionary, Key
from kg.infer.equality import Equality
from kg.infer.facts import Extension, Facts
from kg.infer.joins import Join, entries, extension_of, join
from kg.infer.literals import Literals
from kg.infer.memory import uncollected
from kg.infer.patterns import Member, Pair, Pattern, SpecialRule, positions
from kg.infer.rules import iri
from kg.infer.specialize import Specializer


class Engine:
    """The facts of one graph and the rules that close them.

    With ``axiomatic``, what is true of everything (``x rdf:type owl:Thing``) is drawn as well, even if nothing follows.
    """

    def __init__(self, *, axiomatic: bool = False) -> None:
        self.axiomatic = axiomatic
        self.dictionary = Dictionary()
        number = self.dictionary.number
        self.type = number(iri("rdf:type"))
        self.same_as = number(iri("owl:sameAs"))
        self.different_from = number(iri("owl:differentFrom"))
        self.thing = number(iri("owl:Thing"))
        self.facts = Facts(self.type)
        self.literals = Literals(self.dictionary)
        self.specializer = Specializer(self.facts, self.dictionary)
        self._schema = self.specializer.schema
        self._vocabulary = len(self.dictionary)
        self.equality = Equality(self.dictionary, lambda term: term < self._vocabulary)
        self.checks: list[SpecialRule] = []
        """The special rules that conclude false."""
        self.producers: dict[tuple[bool, int], set[str]] = {}
        """For a class (True) or property (False), the names of the rules that can conclude something about it."""
        self.rounds = 0
        """How often new facts were handed to the rules."""
        self.seconds: dict[str, float] = defaultdict(float)
        """The time that each rule took."""
        self._rules: dict[tuple[object, ...], SpecialRule] = {}
        self._readers: dict[Extension, list[tuple[SpecialRule, Join]]] = defaultdict(list)
        self._grown: dict[Extension, None] = {}
        self._schema_grew = True
        self._read: set[int] = set()

    @property
    def special_rules(self) -> Iterable[SpecialRule]:
        """The special rules that are in force and conclude triples."""
        return self._rules.values()

    @property
    def reads_identity(self) -> bool:
        """Whether a rule reads what all terms are the same as or different from."""
        return self.same_as in self._read or self.different_from in self._read

    def axioms(self) -> set[Extension]:
        """Return the extensions whose facts are axioms of rules."""
        return self._schema

    def readers(self, extension: Extension) -> list[tuple[SpecialRule, Join]]:
        """Return the special rules that new facts of an extension are handed to."""
        return self._readers.get(extension, [])

    def add(self, keys: Iterable[Key]) -> None:
        """Add triples to the input; `run` then closes it."""
        groups: dict[int, list[int]] = defaultdict(list)
        for s, p, o in keys:
            groups[p].append(s << SHIFT | o)
        self.add_grouped(groups)

    def add_grouped(self, pairs_of: Mapping[int, Collection[int]]) -> None:
        """Add the pairs of properties to the input; `run` then closes it."""
        classes, properties = self.facts.assert_(pairs_of)
        grown = {self.facts.members(each) for each in classes} | {self.facts.pairs(each) for each in properties}
        asserted = self.facts.pairs(self.same_as)
        self.equality.equate(asserted.asserted & asserted.known)
        asserted.discard(asserted.known)
        if not self._rules:
            for extension in grown:
                extension.fresh.clear()
            return
        if self.equality:
            rewritten, renamed = self.equality.rewrite_new(self.facts, classes, properties)
            grown |= rewritten
            self._schema_grew |= renamed
        if self.facts.types is not None:
            grown.add(self.facts.types)
        for extension in grown:
            self._note(extension)

    def run(self) -> None:
        """Draw all conclusions."""
        with uncollected():
            self._run()

    def _run(self) -> None:
        self.equality.equate(self.literals.read(), "dt-eq")
        self._merge()
        if not self._rules:
            self._adopt(self.specializer.unspecialized())
            self.learn_members(self.dictionary.number(iri("rdfs:Datatype")), self._datatypes(), "dt-type1")
            self._run_rules()
        while self._grown or self._schema_grew or self.equality.is_waiting:
            self._run_rules()
            if self._schema_grew:
                self._specialize()
            elif self.equality.is_waiting:
                self._merge()
            self._draw_from_literals()

    # Rules

    def _specialize(self) -> None:
        self._schema_grew = False
        for text in ('"0"^^', '"1"^^'):
            literal = text + iri("xsd:nonNegativeInteger")
            same = self.literals.same_as(literal)
            if same is not None:
                self.specializer.literal_of[literal] = self.equality.representative(same)
        special = [*self.specializer.unspecialized(), *self.specializer.specialized()]
        self.producers = defaultdict(set)
        for each in special:
            if each.head is not None:
                self.producers[isinstance(each.head, Member), each.head[0]].add(each.rule)
        self.checks = [each for each in special if each.head is None]
        read = {pattern[0] for each in special if each.head is not None or each.axioms for pattern in each.body}
        self._adopt(each for each in special if each.head is not None and self._matters(each.head, read))
        self._read = read

    def _matters(self, head: Pattern, read: set[int]) -> bool:
        """Whether a conclusion must be drawn: that everything is an ``owl:Thing`` only if some rule reads it."""
        is_noise = isinstance(head, Member) and head.class_ == self.thing
        return self.axiomatic or not is_noise or self.thing in read or self.type in read

    def _adopt(self, special_rules: Iterable[SpecialRule]) -> None:
        """Put these rules in force, instead of those before; run the new ones on all facts."""
        wanted: dict[tuple[object, ...], SpecialRule] = {}
        for each in special_rules:
            if each.head is not None:
                wanted.setdefault((each.body, each.head), each)
        before, self._rules = self._rules, wanted
        self._readers = defaultdict(list)
        new = []
        for key, special in wanted.items():
            joins = self._joins(special)
            for pattern, run in joins:
                self._readers[extension_of(pattern, self.facts)].append((special, run))
            if key not in before:
                new.append((special, joins))
        for special, joins in new:
            if joins:
                pattern, run = min(joins, key=lambda each: len(extension_of(each[0], self.facts).known))
                self._fire(special, run, extension_of(pattern, self.facts).known)
            else:
                self._conclude(special, {self._constant(special.head)})

    def _joins(self, special: SpecialRule) -> list[tuple[Pattern, Join]]:
        if special.is_transitivity:
            extension = extension_of(special.body[0], self.facts)
            return [(special.body[0], lambda fresh: transitivity.extend(fresh, extension, special.rule))]
        assert special.head is not None  # noqa: S101
        equation = special.head[0] == self.same_as and isinstance(special.head, Pair)
        return [(special.body[n], join(special, n, self.facts, equation=equation)) for n in entries(special)]

    @staticmethod
    def _constant(head: Pattern | None) -> int:
        assert head is not None  # noqa: S101
        numbers = [each for each in positions(head) if isinstance(each, int)]
        return numbers[0] if len(numbers) == 1 else numbers[0] << SHIFT | numbers[1]

    # Facts

    def _run_rules(self) -> None:
        while self._grown:
            self.rounds += 1
            grown, self._grown = self._grown, {}
            for extension in grown:
                fresh = extension.take_fresh()
                if fresh:
                    for special, run in self._readers.get(extension, ()):
                        self._fire(special, run, fresh)

    def _fire(self, special: SpecialRule, run: Join, fresh: set[int]) -> None:
        start = perf_counter()
        found = run(fresh)
        if found:
            self._conclude(special, found)
        self.seconds[special.rule] += perf_counter() - start

    def _conclude(self, special: SpecialRule, found: set[int]) -> None:
        head = special.head
        if isinstance(head, Member):
            self.learn_members(head.class_, found, special.rule)
        elif head is not None:
            self.learn_pairs(head.property_, found, special.rule)

    def learn_members(self, class_: int, found: set[int], rule: str) -> None:
        """Take members of a class for known."""
        extension = self.facts.members(class_)
        if extension.add(found, rule):
            self._note(extension)
            types = self.facts.note_types(class_, found, rule)
            if types is not None:
                self._note(types)

    def learn_pairs(self, property_: int, found: set[int], rule: str) -> None:
        """Take pairs of a property for known."""
        if property_ == self.same_as:
            self.equality.equate(found, rule)
        elif property_ == self.type:
            by_class = sorted(found, key=lambda key: key & MASK)
            for class_, keys in groupby(by_class, key=lambda key: key & MASK):
                self.learn_members(class_, {key >> SHIFT for key in keys}, rule)
        elif (extension := self.facts.pairs(property_)).add(found, rule):
            self._note(extension)

    def _note(self, extension: Extension) -> None:
        self._grown[extension] = None
        if extension in self._schema:
            self._schema_grew = True

    # Equality and literals

    def _merge(self) -> None:
        grown, renamed = self.equality.merge(self.facts)
        for extension in grown:
            self._note(extension)
        self._schema_grew |= renamed

    def _draw_from_literals(self) -> None:
        """Draw what follows from literals' values, as far as a rule reads it or an IRI is the same as a literal."""
        name, texts = self.equality.representative, self.dictionary.texts
        named = [literal for literal in self.equality.classes() if self._is_named_literal(literal)]
        for datatype in CHECKED_DATATYPES:
            class_ = self.dictionary.find(datatype)
            if class_ is not None and name(class_) in self._read:
                self.learn_members(name(class_), {name(n) for n in self.literals.in_datatype(datatype)}, "dt-type2")
        for literal in named:
            for datatype in DATATYPES:
                if has_value_in(texts[literal], datatype):
                    self.learn_members(name(self.dictionary.number(datatype)), {literal}, "dt-type2")
        told_apart = {name(n) for n in self.literals.all()} if self.different_from in self._read else named
        for literal in told_apart:
            others = {name(n) for n in self.literals.all() if are_different(texts[literal], texts[n])}
            self.learn_pairs(self.different_from, {literal << SHIFT | other for other in others}, "dt-diff")
            self.learn_pairs(self.different_from, {other << SHIFT | literal for other in others}, "dt-diff")
        if self.axiomatic or self.same_as in self._read:  # with representatives, owl:sameAs is identity
            everything = {name(term) for key in self.facts.known() for term in key}
            extension = self.facts.pairs(self.same_as)
            if extension.add({term << SHIFT | term for term in everything}, "eq-ref"):
                self._note(extension)

    def _is_named_literal(self, term: int) -> bool:
        is_literal = self.dictionary.is_literal
        return is_literal(term) and not all(is_literal(alias) for alias in self.equality.aliases(term))

    def _datatypes(self) -> set[int]:
        return {self.dictionary.number(datatype) for datatype in DATATYPES}
