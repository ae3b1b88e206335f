"""The closure as triples: representatives written out under all their names, asserted told from inferred."""

from array import array
from collections.abc import Iterator

from kg.infer.backward import Backward
from kg.infer.dictionary import MASK, SHIFT, Key
from kg.infer.engine import Engine
from kg.infer.equality import REWRITING
from kg.infer.rules import RULES, iri

AXIOMATIC = frozenset(rule.name for rule in RULES if not rule.premises and not rule.lists) - {"dt-type2", "dt-diff"}
"""The rules without premises: what they conclude holds in every graph (cls-thing, prp-ap, dt-type1 ...)."""


class View:
    """What an engine knows, as triples of the dictionary's numbers."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        number = engine.dictionary.number
        self._sub_class_of = number(iri("rdfs:subClassOf"))
        self._nothing = number(iri("owl:Nothing"))
        self._reflexive = {
            number(iri(name))
            for name in ("owl:sameAs", "rdfs:subClassOf", "owl:equivalentClass", "rdfs:subPropertyOf",
                         "owl:equivalentProperty")
        }  # fmt: skip

    def is_noise(self, s: int, p: int, o: int) -> bool:
        """Whether a triple says nothing: reflexive, every thing an owl:Thing, every class below it, owl:Nothing below."""
        thing = self.engine.thing
        if p == self.engine.type:
            return o == thing
        if s == o:
            return p in self._reflexive
        return p == self._sub_class_of and (o == thing or s == self._nothing)

    def inferred(self) -> dict[str, "array[int]"]:
        """Return the inferred triples that RDF can write, by the rule that first gave them; three numbers for each."""
        found: dict[str, array[int]] = {}
        for rule, key in self._inferred():
            if rule not in found:
                found[rule] = array("I")
            found[rule].extend(key)
        return found

    def is_inferred(self, key: Key) -> bool:
        """Whether a triple is among the inferred ones."""
        engine = self.engine
        s, p, o = key
        if engine.facts.is_asserted(s, p, o) or not engine.dictionary.is_writable(s, p):
            return False
        if not Backward(engine).holds(s, p, o):
            return False
        if engine.axiomatic:
            return p != engine.same_as or s != o or engine.facts.is_known(s, p, o)
        return not self.is_noise(s, p, o) and not self._is_axiomatic(s, p, o)

    def _is_axiomatic(self, s: int, p: int, o: int) -> bool:
        derived = self.engine.facts.members(o).derived if p == self.engine.type else {}
        return any(s in derived.get(rule, ()) for rule in AXIOMATIC)

    def _inferred(self) -> Iterator[tuple[str, Key]]:
        engine = self.engine
        everything = engine.axiomatic
        can_write = engine.dictionary.is_writable
        for rule, s, p, o in self.generalized():
            if can_write(s, p) and (everything or not (rule in AXIOMATIC or self.is_noise(s, p, o))):
                yield rule, (s, p, o)

    def lines(self) -> Iterator[list[str]]:
        """Yield the inferred triples as batches of N-Triples lines."""
        engine, facts, texts = self.engine, self.engine.facts, self.engine.dictionary.texts
        if engine.equality or engine.axiomatic:
            yield [engine.dictionary.line(key) for _, key in self._inferred()]
            return
        for class_, extension in facts.classes.items():
            end = f" {texts[facts.type]} {texts[class_]} .\n"
            for rule, members in extension.derived.items():
                if rule not in AXIOMATIC and class_ != engine.thing:
                    yield [line for member in members if (line := texts[member] + end)[0] != '"']
        for property_, extension in facts.properties.items():
            middle = f" {texts[property_]} "
            may_be_noise = property_ in self._reflexive
            for rule, keys in extension.derived.items():
                if not engine.dictionary.is_iri(property_) or rule in AXIOMATIC:
                    continue
                if may_be_noise:
                    keys = {key for key in keys if not self.is_noise(key >> SHIFT, property_, key & MASK)}
                yield [
                    line for key in keys if (line := f"{texts[key >> SHIFT]}{middle}{texts[key & MASK]} .\n")[0] != '"'
                ]

    def generalized(self) -> Iterator[tuple[str, int, int, int]]:
        """Yield every inferred triple, also those that RDF cannot write, with the rule that first gave it."""
        facts, type_ = self.engine.facts, self.engine.type
        if self.engine.equality:
            yield from self._under_all_names()
            yield from self._equations()
            return
        for class_, extension in facts.classes.items():
            for rule, members in extension.derived.items():
                for member in members:
                    yield rule, member, type_, class_
        for property_, extension in facts.properties.items():
            for rule, keys in extension.derived.items():
                for key in keys:
                    yield rule, key >> SHIFT, property_, key & MASK

    def _under_all_names(self) -> Iterator[tuple[str, int, int, int]]:
        engine = self.engine
        facts, aliases = engine.facts, engine.equality.aliases

        for (s, p, o), rule in self._known_with_rules():
            for s2 in aliases(s):
                for p2 in aliases(p):
                    for o2 in aliases(o):
                        if facts.is_asserted(s2, p2, o2):
                            continue
                        if (s2, p2, o2) == (s, p, o) and rule != REWRITING:
                            yield rule or "eq-rep-s", s2, p2, o2
                        elif o2 != o:
                            yield "eq-rep-o", s2, p2, o2
                        else:
                            yield "eq-rep-p" if p2 != p else "eq-rep-s", s2, p2, o2

    def _known_with_rules(self) -> Iterator[tuple[Key, str]]:
        """Yield the facts with the rule that gave them, or an empty text for facts that were asserted."""
        facts, same_as = self.engine.facts, self.engine.same_as
        for class_, extension in facts.classes.items():
            rule_of = {member: rule for rule, members in extension.derived.items() for member in members}
            for member in extension.known:
                yield (member, facts.type, class_), rule_of.get(member, "")
        for property_, extension in facts.properties.items():
            if property_ != same_as:
                rule_of = {key: rule for rule, keys in extension.derived.items() for key in keys}
                for key in extension.known:
                    yield (key >> SHIFT, property_, key & MASK), rule_of.get(key, "")

    def _equations(self) -> Iterator[tuple[str, int, int, int]]:
        engine = self.engine
        facts, same_as = engine.facts, engine.same_as
        rule_of = {key: rule for rule, keys in engine.equality.found.items() for key in keys}
        names = facts.pairs(same_as).known
        for representative, aliases in engine.equality.classes().items():
            for one in aliases:
                for other in aliases:
                    if one == other:
                        if representative << SHIFT | representative in names:
                            yield "eq-ref", one, same_as, one
                    elif not facts.is_asserted(one, same_as, other):
                        mirrored = other << SHIFT | one
                        rule = rule_of.get(one << SHIFT | other)
                        if rule is None:
                            known = mirrored in rule_of or facts.is_asserted(other, same_as, one)
                            rule = "eq-sym" if known else "eq-trans"
                        yield rule, one, same_as, other
        for key in names:
            if not engine.equality.is_shared(key & MASK):
                yield "eq-ref", key >> SHIFT, same_as, key & MASK
