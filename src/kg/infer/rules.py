"""The OWL 2 RL/RDF rules, Tables 4 to 9 of the OWL 2 Profiles specification (section 4.3), as data.

Each rule stands here once, under its name in the specification and in the notation of the specification's tables:

- ``T(s, p, o)`` is a triple; ``?x`` a variable; everything else a term.
- ``LIST[?x, ?c1, ..., ?cn]`` says that ``?x`` is the RDF list of ``?c1`` to ``?cn`` (at least one member).
- ``T(?y, rdf:type, ?c1) ... T(?y, rdf:type, ?cn)`` is one triple for every member of the list.
- ``?ci`` is any one member of the list; ``?ci`` and ``?cj`` are any two members, i < j.
- ``=> false`` marks an inconsistency.

The five datatype rules (Table 8) speak about literals, not about triples of the graph; what the specification says
in words is written as a condition: ``datatype(?dt)``, ``value(?lt, ?dt)``, ``same(?lt1, ?lt2)``,
``different(?lt1, ?lt2)`` and ``no-value(?lt, ?dt)``, whose meaning `kg.infer.datatypes` gives.

Source: https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

PREFIXES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

TABLES = {
    4: """
        eq-ref      T(?s, ?p, ?o)
                    => T(?s, owl:sameAs, ?s) T(?p, owl:sameAs, ?p) T(?o, owl:sameAs, ?o)
        eq-sym      T(?x, owl:sameAs, ?y)
                    => T(?y, owl:sameAs, ?x)
        eq-trans    T(?x, owl:sameAs, ?y) T(?y, owl:sameAs, ?z)
                    => T(?x, owl:sameAs, ?z)
        eq-rep-s    T(?s, owl:sameAs, ?s') T(?s, ?p, ?o)
                    => T(?s', ?p, ?o)
        eq-rep-p    T(?p, owl:sameAs, ?p') T(?s, ?p, ?o)
                    => T(?s, ?p', ?o)
        eq-rep-o    T(?o, owl:sameAs, ?o') T(?s, ?p, ?o)
                    => T(?s, ?p, ?o')
        eq-diff1    T(?x, owl:sameAs, ?y) T(?x, owl:differentFrom, ?y)
                    => false
        eq-diff2    T(?x, rdf:type, owl:AllDifferent) T(?x, owl:members, ?y)
                    LIST[?y, ?z1, ..., ?zn] T(?zi, owl:sameAs, ?zj)
                    => false
        eq-diff3    T(?x, rdf:type, owl:AllDifferent) T(?x, owl:distinctMembers, ?y)
                    LIST[?y, ?z1, ..., ?zn] T(?zi, owl:sameAs, ?zj)
                    => false
    """,
    5: """
        prp-ap      => T(rdfs:label, rdf:type, owl:AnnotationProperty)
                       T(rdfs:comment, rdf:type, owl:AnnotationProperty)
                       T(rdfs:seeAlso, rdf:type, owl:AnnotationProperty)
                       T(rdfs:isDefinedBy, rdf:type, owl:AnnotationProperty)
                       T(owl:deprecated, rdf:type, owl:AnnotationProperty)
                       T(owl:versionInfo, rdf:type, owl:AnnotationProperty)
                       T(owl:priorVersion, rdf:type, owl:AnnotationProperty)
                       T(owl:backwardCompatibleWith, rdf:type, owl:AnnotationProperty)
                       T(owl:incompatibleWith, rdf:type, owl:AnnotationProperty)
        prp-dom     T(?p, rdfs:domain, ?c) T(?x, ?p, ?y)
                    => T(?x, rdf:type, ?c)
        prp-rng     T(?p, rdfs:range, ?c) T(?x, ?p, ?y)
                    => T(?y, rdf:type, ?c)
        prp-fp      T(?p, rdf:type, owl:FunctionalProperty) T(?x, ?p, ?y1) T(?x, ?p, ?y2)
                    => T(?y1, owl:sameAs, ?y2)
        prp-ifp     T(?p, rdf:type, owl:InverseFunctionalProperty) T(?x1, ?p, ?y) T(?x2, ?p, ?y)
                    => T(?x1, owl:sameAs, ?x2)
        prp-irp     T(?p, rdf:type, owl:IrreflexiveProperty) T(?x, ?p, ?x)
                    => false
        prp-symp    T(?p, rdf:type, owl:SymmetricProperty) T(?x, ?p, ?y)
                    => T(?y, ?p, ?x)
        prp-asyp    T(?p, rdf:type, owl:AsymmetricProperty) T(?x, ?p, ?y) T(?y, ?p, ?x)
                    => false
        prp-trp     T(?p, rdf:type, owl:TransitiveProperty) T(?x, ?p, ?y) T(?y, ?p, ?z)
                    => T(?x, ?p, ?z)
        prp-spo1    T(?p1, rdfs:subPropertyOf, ?p2) T(?x, ?p1, ?y)
                    => T(?x, ?p2, ?y)
        prp-spo2    T(?p, owl:propertyChainAxiom, ?x) LIST[?x, ?p1, ..., ?pn]
                    T(?u1, ?p1, ?u2) ... T(?un, ?pn, ?un+1)
                    => T(?u1, ?p, ?un+1)
        prp-eqp1    T(?p1, owl:equivalentProperty, ?p2) T(?x, ?p1, ?y)
                    => T(?x, ?p2, ?y)
        prp-eqp2    T(?p1, owl:equivalentProperty, ?p2) T(?x, ?p2, ?y)
                    => T(?x, ?p1, ?y)
        prp-pdw     T(?p1, owl:propertyDisjointWith, ?p2) T(?x, ?p1, ?y) T(?x, ?p2, ?y)
                    => false
        prp-adp     T(?x, rdf:type, owl:AllDisjointProperties) T(?x, owl:members, ?y)
                    LIST[?y, ?p1, ..., ?pn] T(?u, ?pi, ?v) T(?u, ?pj, ?v)
                    => false
        prp-inv1    T(?p1, owl:inverseOf, ?p2) T(?x, ?p1, ?y)
                    => T(?y, ?p2, ?x)
        prp-inv2    T(?p1, owl:inverseOf, ?p2) T(?x, ?p2, ?y)
                    => T(?y, ?p1, ?x)
        prp-key     T(?c, owl:hasKey, ?u) LIST[?u, ?p1, ..., ?pn]
                    T(?x, rdf:type, ?c) T(?x, ?p1, ?z1) ... T(?x, ?pn, ?zn)
                    T(?y, rdf:type, ?c) T(?y, ?p1, ?z1) ... T(?y, ?pn, ?zn)
                    => T(?x, owl:sameAs, ?y)
        prp-npa1    T(?x, owl:sourceIndividual, ?i1) T(?x, owl:assertionProperty, ?p)
                    T(?x, owl:targetIndividual, ?i2) T(?i1, ?p, ?i2)
                    => false
        prp-npa2    T(?x, owl:sourceIndividual, ?i) T(?x, owl:assertionProperty, ?p)
                    T(?x, owl:targetValue, ?lt) T(?i, ?p, ?lt)
                    => false
    """,
    6: """
        cls-thing     => T(owl:Thing, rdf:type, owl:Class)
        cls-nothing1  => T(owl:Nothing, rdf:type, owl:Class)
        cls-nothing2  T(?x, rdf:type, owl:Nothing)
                      => false
        cls-int1      T(?c, owl:intersectionOf, ?x) LIST[?x, ?c1, ..., ?cn]
                      T(?y, rdf:type, ?c1) ... T(?y, rdf:type, ?cn)
                      => T(?y, rdf:type, ?c)
        cls-int2      T(?c, owl:intersectionOf, ?x) LIST[?x, ?c1, ..., ?cn] T(?y, rdf:type, ?c)
                      => T(?y, rdf:type, ?c1) ... T(?y, rdf:type, ?cn)
        cls-uni       T(?c, owl:unionOf, ?x) LIST[?x, ?c1, ..., ?cn] T(?y, rdf:type, ?ci)
                      => T(?y, rdf:type, ?c)
        cls-com       T(?c1, owl:complementOf, ?c2) T(?x, rdf:type, ?c1) T(?x, rdf:type, ?c2)
                      => false
        cls-svf1      T(?x, owl:someValuesFrom, ?y) T(?x, owl:onProperty, ?p)
                      T(?u, ?p, ?v) T(?v, rdf:type, ?y)
                      => T(?u, rdf:type, ?x)
        cls-svf2      T(?x, owl:someValuesFrom, owl:Thing) T(?x, owl:onProperty, ?p) T(?u, ?p, ?v)
                      => T(?u, rdf:type, ?x)
        cls-avf       T(?x, owl:allValuesFrom, ?y) T(?x, owl:onProperty, ?p)
                      T(?u, rdf:type, ?x) T(?u, ?p, ?v)
                      => T(?v, rdf:type, ?y)
        cls-hv1       T(?x, owl:hasValue, ?y) T(?x, owl:onProperty, ?p) T(?u, rdf:type, ?x)
                      => T(?u, ?p, ?y)
        cls-hv2       T(?x, owl:hasValue, ?y) T(?x, owl:onProperty, ?p) T(?u, ?p, ?y)
                      => T(?u, rdf:type, ?x)
        cls-maxc1     T(?x, owl:maxCardinality, "0"^^xsd:nonNegativeInteger) T(?x, owl:onProperty, ?p)
                      T(?u, rdf:type, ?x) T(?u, ?p, ?y)
                      => false
        cls-maxc2     T(?x, owl:maxCardinality, "1"^^xsd:nonNegativeInteger) T(?x, owl:onProperty, ?p)
                      T(?u, rdf:type, ?x) T(?u, ?p, ?y1) T(?u, ?p, ?y2)
                      => T(?y1, owl:sameAs, ?y2)
        cls-maxqc1    T(?x, owl:maxQualifiedCardinality, "0"^^xsd:nonNegativeInteger) T(?x, owl:onProperty, ?p)
                      T(?x, owl:onClass, ?c) T(?u, rdf:type, ?x) T(?u, ?p, ?y) T(?y, rdf:type, ?c)
                      => false
        cls-maxqc2    T(?x, owl:maxQualifiedCardinality, "0"^^xsd:nonNegativeInteger) T(?x, owl:onProperty, ?p)
                      T(?x, owl:onClass, owl:Thing) T(?u, rdf:type, ?x) T(?u, ?p, ?y)
                      => false
        cls-maxqc3    T(?x, owl:maxQualifiedCardinality, "1"^^xsd:nonNegativeInteger) T(?x, owl:onProperty, ?p)
                      T(?x, owl:onClass, ?c) T(?u, rdf:type, ?x)
                      T(?u, ?p, ?y1) T(?y1, rdf:type, ?c) T(?u, ?p, ?y2) T(?y2, rdf:type, ?c)
                      => T(?y1, owl:sameAs, ?y2)
        cls-maxqc4    T(?x, owl:maxQualifiedCardinality, "1"^^xsd:nonNegativeInteger) T(?x, owl:onProperty, ?p)
                      T(?x, owl:onClass, owl:Thing) T(?u, rdf:type, ?x) T(?u, ?p, ?y1) T(?u, ?p, ?y2)
                      => T(?y1, owl:sameAs, ?y2)
        cls-oo        T(?c, owl:oneOf, ?x) LIST[?x, ?y1, ..., ?yn]
                      => T(?y1, rdf:type, ?c) ... T(?yn, rdf:type, ?c)
    """,
    7: """
        cax-sco     T(?c1, rdfs:subClassOf, ?c2) T(?x, rdf:type, ?c1)
                    => T(?x, rdf:type, ?c2)
        cax-eqc1    T(?c1, owl:equivalentClass, ?c2) T(?x, rdf:type, ?c1)
                    => T(?x, rdf:type, ?c2)
        cax-eqc2    T(?c1, owl:equivalentClass, ?c2) T(?x, rdf:type, ?c2)
                    => T(?x, rdf:type, ?c1)
        cax-dw      T(?c1, owl:disjointWith, ?c2) T(?x, rdf:type, ?c1) T(?x, rdf:type, ?c2)
                    => false
        cax-adc     T(?x, rdf:type, owl:AllDisjointClasses) T(?x, owl:members, ?y)
                    LIST[?y, ?c1, ..., ?cn] T(?z, rdf:type, ?ci) T(?z, rdf:type, ?cj)
                    => false
    """,
    8: """
        dt-type1     datatype(?dt)                             => T(?dt, rdf:type, rdfs:Datatype)
        dt-type2     value(?lt, ?dt)                           => T(?lt, rdf:type, ?dt)
        dt-eq        same(?lt1, ?lt2)                          => T(?lt1, owl:sameAs, ?lt2)
        dt-diff      different(?lt1, ?lt2)                     => T(?lt1, owl:differentFrom, ?lt2)
        dt-not-type  no-value(?lt, ?dt) T(?lt, rdf:type, ?dt)  => false
    """,
    9: """
        scm-cls     T(?c, rdf:type, owl:Class)
                    => T(?c, rdfs:subClassOf, ?c) T(?c, owl:equivalentClass, ?c)
                       T(?c, rdfs:subClassOf, owl:Thing) T(owl:Nothing, rdfs:subClassOf, ?c)
        scm-sco     T(?c1, rdfs:subClassOf, ?c2) T(?c2, rdfs:subClassOf, ?c3)
                    => T(?c1, rdfs:subClassOf, ?c3)
        scm-eqc1    T(?c1, owl:equivalentClass, ?c2)
                    => T(?c1, rdfs:subClassOf, ?c2) T(?c2, rdfs:subClassOf, ?c1)
        scm-eqc2    T(?c1, rdfs:subClassOf, ?c2) T(?c2, rdfs:subClassOf, ?c1)
                    => T(?c1, owl:equivalentClass, ?c2)
        scm-op      T(?p, rdf:type, owl:ObjectProperty)
                    => T(?p, rdfs:subPropertyOf, ?p) T(?p, owl:equivalentProperty, ?p)
        scm-dp      T(?p, rdf:type, owl:DatatypeProperty)
                    => T(?p, rdfs:subPropertyOf, ?p) T(?p, owl:equivalentProperty, ?p)
        scm-spo     T(?p1, rdfs:subPropertyOf, ?p2) T(?p2, rdfs:subPropertyOf, ?p3)
                    => T(?p1, rdfs:subPropertyOf, ?p3)
        scm-eqp1    T(?p1, owl:equivalentProperty, ?p2)
                    => T(?p1, rdfs:subPropertyOf, ?p2) T(?p2, rdfs:subPropertyOf, ?p1)
        scm-eqp2    T(?p1, rdfs:subPropertyOf, ?p2) T(?p2, rdfs:subPropertyOf, ?p1)
                    => T(?p1, owl:equivalentProperty, ?p2)
        scm-dom1    T(?p, rdfs:domain, ?c1) T(?c1, rdfs:subClassOf, ?c2)
                    => T(?p, rdfs:domain, ?c2)
        scm-dom2    T(?p2, rdfs:domain, ?c) T(?p1, rdfs:subPropertyOf, ?p2)
                    => T(?p1, rdfs:domain, ?c)
        scm-rng1    T(?p, rdfs:range, ?c1) T(?c1, rdfs:subClassOf, ?c2)
                    => T(?p, rdfs:range, ?c2)
        scm-rng2    T(?p2, rdfs:range, ?c) T(?p1, rdfs:subPropertyOf, ?p2)
                    => T(?p1, rdfs:range, ?c)
        scm-hv      T(?c1, owl:hasValue, ?i) T(?c1, owl:onProperty, ?p1)
                    T(?c2, owl:hasValue, ?i) T(?c2, owl:onProperty, ?p2) T(?p1, rdfs:subPropertyOf, ?p2)
                    => T(?c1, rdfs:subClassOf, ?c2)
        scm-svf1    T(?c1, owl:someValuesFrom, ?y1) T(?c1, owl:onProperty, ?p)
                    T(?c2, owl:someValuesFrom, ?y2) T(?c2, owl:onProperty, ?p) T(?y1, rdfs:subClassOf, ?y2)
                    => T(?c1, rdfs:subClassOf, ?c2)
        scm-svf2    T(?c1, owl:someValuesFrom, ?y) T(?c1, owl:onProperty, ?p1)
                    T(?c2, owl:someValuesFrom, ?y) T(?c2, owl:onProperty, ?p2) T(?p1, rdfs:subPropertyOf, ?p2)
                    => T(?c1, rdfs:subClassOf, ?c2)
        scm-avf1    T(?c1, owl:allValuesFrom, ?y1) T(?c1, owl:onProperty, ?p)
                    T(?c2, owl:allValuesFrom, ?y2) T(?c2, owl:onProperty, ?p) T(?y1, rdfs:subClassOf, ?y2)
                    => T(?c1, rdfs:subClassOf, ?c2)
        scm-avf2    T(?c1, owl:allValuesFrom, ?y) T(?c1, owl:onProperty, ?p1)
                    T(?c2, owl:allValuesFrom, ?y) T(?c2, owl:onProperty, ?p2) T(?p1, rdfs:subPropertyOf, ?p2)
                    => T(?c2, rdfs:subClassOf, ?c1)
        scm-int     T(?c, owl:intersectionOf, ?x) LIST[?x, ?c1, ..., ?cn]
                    => T(?c, rdfs:subClassOf, ?c1) ... T(?c, rdfs:subClassOf, ?cn)
        scm-uni     T(?c, owl:unionOf, ?x) LIST[?x, ?c1, ..., ?cn]
                    => T(?c1, rdfs:subClassOf, ?c) ... T(?cn, rdfs:subClassOf, ?c)
    """,
}


class Atom(NamedTuple):
    """A triple pattern: each position is a variable (``?x``) or a term in N-Triples form."""

    subject: str
    predicate: str
    object: str


class Repeated(NamedTuple):
    """One triple pattern for each member of the rule's list; written ``T(...1) ... T(...n)``."""

    first: Atom


class ListOf(NamedTuple):
    """An RDF list: the variable of its head and the base name of its members' variables."""

    head: str
    member: str


class Condition(NamedTuple):
    """A statement about literals and datatypes (Table 8)."""

    name: str
    arguments: tuple[str, ...]


class UnrolledRule(NamedTuple):
    """A rule for lists of one length: no list, no repetition, and one or no conclusion (none: false)."""

    premises: tuple[Atom, ...]
    conclusion: Atom | None


@dataclass(frozen=True)
class Rule:
    """A rule of the specification."""

    name: str
    table: int
    premises: tuple[Atom | Repeated, ...]
    lists: tuple[ListOf, ...]
    conditions: tuple[Condition, ...]
    conclusions: tuple[Atom | Repeated, ...]

    @property
    def finds_inconsistency(self) -> bool:
        """Whether the rule concludes false."""
        return not self.conclusions

    @cached_property
    def is_about_list_members(self) -> bool:
        """Whether the premises or conclusions must be written out for the members of a list."""
        return bool(self.lists)

    @cached_property
    def is_transitivity(self) -> bool:
        """Whether the rule says that a property is transitive: its last two premises are joined by its conclusion."""
        if len(self.premises) < 2 or len(self.conclusions) != 1 or self.lists:
            return False
        first, second, conclusion = *self.premises[-2:], self.conclusions[0]
        if not (isinstance(first, Atom) and isinstance(second, Atom) and isinstance(conclusion, Atom)):
            return False
        return (
            first.predicate == second.predicate == conclusion.predicate
            and first.object == second.subject
            and (first.subject, second.object) == (conclusion.subject, conclusion.object)
            and first.subject != first.object
        )

    def unroll(self, length: int) -> Iterator[UnrolledRule]:
        """Write the rule out for a list of the given length: for each choice of members and each conclusion.

        The members' variables are numbered from 1 (``?c1``, ``?c2`` ...). Rules without a list ignore the length.
        """
        for i, j in self._choices(length):
            premises = tuple(atom for each in self.premises for atom in _written_out(each, length, i, j))
            if self.finds_inconsistency:
                yield UnrolledRule(premises, None)
            for each in self.conclusions:
                for conclusion in _written_out(each, length, i, j):
                    yield UnrolledRule(premises, conclusion)

    def _choices(self, length: int) -> Iterator[tuple[int, int]]:
        atoms = [each for each in (*self.premises, *self.conclusions) if isinstance(each, Atom)]
        subscripts = {term[-1] for atom in atoms for term in atom if _is_member_choice(term, self.lists)}
        if "j" in subscripts:
            yield from ((i, j) for i in range(1, length + 1) for j in range(i + 1, length + 1))
        elif "i" in subscripts:
            yield from ((i, 0) for i in range(1, length + 1))
        else:
            yield 0, 0


def _is_member_choice(term: str, lists: tuple[ListOf, ...]) -> bool:
    return any(term in (f"{each.member}i", f"{each.member}j") for each in lists)


def _written_out(each: Atom | Repeated, length: int, i: int, j: int) -> Iterator[Atom]:
    if isinstance(each, Repeated):
        for k in range(length):
            yield Atom(*(_shifted(term, k) for term in each.first))
    else:
        yield Atom(*(_chosen(term, length, i, j) for term in each))


def _shifted(term: str, by: int) -> str:
    """Return the variable that stands in the k-th repetition where ``?u1`` or ``?u2`` stands in the first."""
    match = re.fullmatch(r"(\?[a-z]+)([12])", term)
    return f"{match[1]}{int(match[2]) + by}" if match else term


def _chosen(term: str, length: int, i: int, j: int) -> str:
    if term.startswith("?"):
        if term.endswith("n+1"):
            return f"{term[:-3]}{length + 1}"
        if i and term.endswith("i") and len(term) > 2:
            return f"{term[:-1]}{i}"
        if j and term.endswith("j") and len(term) > 2:
            return f"{term[:-1]}{j}"
    return term


def is_variable(term: str) -> bool:
    """Whether a position of a pattern is a variable."""
    return term.startswith("?")


def iri(name: str) -> str:
    """Write a prefixed name such as ``owl:Thing`` as an N-Triples IRI."""
    prefix, local = name.split(":", 1)
    return f"<{PREFIXES[prefix]}{local}>"


def _term(text: str) -> str:
    if is_variable(text):
        return text
    if text.startswith('"'):
        lexical, datatype = text.split("^^")
        return f"{lexical}^^{iri(datatype)}"
    return iri(text)


_TOKEN = re.compile(r"(?P<atom>T\([^)]*\))|(?P<list>LIST\[[^\]]*\])|(?P<dots>\.\.\.)|(?P<condition>[a-z-]+\([^)]*\))")


def _parse_side(
    text: str,
) -> tuple[tuple[Atom | Repeated, ...], tuple[ListOf, ...], tuple[Condition, ...]]:
    atoms: list[Atom | Repeated] = []
    lists: list[ListOf] = []
    conditions: list[Condition] = []
    repeats = False
    for token in _TOKEN.finditer(text):
        arguments = [part.strip() for part in re.split(r"[(\[]", token[0][:-1], maxsplit=1)[-1].split(",")]
        if token["atom"]:
            if repeats:  # the last of a repetition, whose first stands already: `T(...1) ... T(...n)`
                first = atoms.pop()
                assert isinstance(first, Atom)  # noqa: S101 - the tables above are constant
                atoms.append(Repeated(first))
            else:
                atoms.append(Atom(*map(_term, arguments)))
            repeats = False
        elif token["list"]:
            lists.append(ListOf(arguments[0], arguments[1][:-1]))
        elif token["dots"]:
            repeats = True
        else:
            conditions.append(Condition(token[0].split("(")[0], tuple(arguments)))
    return tuple(atoms), tuple(lists), tuple(conditions)


def _parse(table: int, text: str) -> Iterator[Rule]:
    for name, body in re.findall(r"^ {8}([a-z]+-[a-z0-9-]+)\s(.*?)(?=^ {8}[a-z]|\Z)", text, re.MULTILINE | re.DOTALL):
        left, right = body.split("=>")
        premises, lists, conditions = _parse_side(left)
        conclusions, _, _ = _parse_side(right)
        yield Rule(name, table, premises, lists, conditions, conclusions)


RULES: tuple[Rule, ...] = tuple(rule for table, text in TABLES.items() for rule in _parse(table, text))
RULE: dict[str, Rule] = {rule.name: rule for rule in RULES}
