"""What is reported of a clash: the rule, a sentence, and the triples that clash under the names that were given."""

from dataclasses import dataclass
from itertools import combinations, product

from kg.infer.consistency import Clash, ConsistencyCheck
from kg.infer.dictionary import Key, Statement
from kg.infer.engine import Engine
from kg.infer.rules import PREFIXES, iri

MEANINGS = {
    "eq-diff1": "What is different cannot be the same",
    "eq-diff2": "No two members of an owl:AllDifferent are the same",
    "eq-diff3": "No two members of an owl:AllDifferent are the same",
    "prp-irp": "An irreflexive property joins nothing to itself",
    "prp-asyp": "An asymmetric property does not hold in both directions",
    "prp-pdw": "Disjoint properties share no pair",
    "prp-adp": "No two properties of an owl:AllDisjointProperties share a pair",
    "prp-npa1": "A negative assertion rules the triple out",
    "prp-npa2": "A negative assertion rules the triple out",
    "cls-nothing2": "owl:Nothing has no member",
    "cls-com": "No member of a class is a member of its complement",
    "cls-maxc1": "A maximum cardinality of 0 allows no value",
    "cls-maxqc1": "A maximum cardinality of 0 allows no value of the class",
    "cls-maxqc2": "A maximum cardinality of 0 allows no value",
    "cax-dw": "Disjoint classes share no member",
    "cax-adc": "No two classes of an owl:AllDisjointClasses share a member",
    "dt-diff": "Literals of different values cannot be the same",
    "dt-not-type": "A literal must have a value of its datatype, and of each datatype that it is said to belong to",
}
"""Each rule that concludes false, in a sentence."""


@dataclass(frozen=True)
class Inconsistency:
    """A contradiction: the premises match a rule that concludes false."""

    rule: str
    """The rule's name in the specification."""
    message: str
    """The contradiction in English, naming the axiom and the terms."""
    premises: tuple[Statement, ...]
    """The triples that clash, axioms first; each is asserted or derived (see `kg.infer.Closure.why`)."""


class Reporter:
    """Makes inconsistencies of clashes."""

    def __init__(self, engine: Engine, check: ConsistencyCheck) -> None:
        self._engine = engine
        self._check = check
        self._cells = {engine.dictionary.number(iri(f"rdf:{name}")) for name in ("first", "rest")}

    def report(self, clash: Clash) -> Inconsistency:
        """Return the inconsistency that a clash is."""
        axioms = [self._as_given(key) for key in clash.axioms]
        facts = [self._as_given(key) for key in clash.facts]
        if clash.literal is not None:
            facts = self._check.triples_with(clash.literal)
        links = self._links([*axioms, *facts]) if self._engine.equality else []
        axioms = [key for key in axioms if key[1] not in self._cells]
        axiom_texts = [self._text(key) for key in axioms]
        fact_texts = [self._text(key) for key in (*facts, *links)]
        stated = f": {', '.join(axiom_texts)}; but " if axiom_texts else ": "
        message = f"{MEANINGS[clash.rule]}{stated}{' and '.join(fact_texts)}."
        statement = self._engine.dictionary.statement
        return Inconsistency(clash.rule, message, tuple(statement(key) for key in (*axioms, *facts, *links)))

    def _as_given(self, key: Key) -> Key:
        """Return a fact under the names by which it was asserted, if it was."""
        if not self._engine.equality:
            return key
        for names in product(*(self._engine.equality.aliases(term) for term in key)):
            if self._engine.facts.is_asserted(*names):
                return names  # type: ignore[return-value]
        return key

    def _links(self, keys: list[Key]) -> list[Key]:
        """Return what says that names in these triples are names of one thing."""
        same_as, name = self._engine.same_as, self._engine.equality.representative
        terms = sorted({term for s, _, o in keys for term in (s, o) if self._engine.equality.is_shared(term)})
        return [(one, same_as, other) for one, other in combinations(terms, 2) if name(one) == name(other)]

    def _text(self, key: Key) -> str:
        return " ".join(self._shortened(self._engine.dictionary.texts[term]) for term in key)

    @staticmethod
    def _shortened(text: str) -> str:
        for prefix, namespace in PREFIXES.items():
            if text.startswith(f"<{namespace}"):
                return f"{prefix}:{text[len(namespace) + 1 : -1]}"
        return text
