"""The OWL 2 RL conformance cases beside the repository, and what it takes to meet one.

Two suites: that of M. Schneider and K. Mainzer for the RDF-Based Semantics, and the approved cases of the OWL working
group for the profile RL and that semantics.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.infer.dictionary import Term

SUITES = Path(__file__).resolve().parents[3] / "shared" / "suites"
RDF_BASED = SUITES / "owl2rl" / "rdfbased"
WORKING_GROUP = SUITES / "owl2rl" / "w3c-all.rdf"

TEST = "http://www.w3.org/2007/OWL/testOntology#"
IMPORTS = "http://www.w3.org/2002/07/owl#imports"
# By kind of case, its class in the working group's file and the property that gives the graph to conclude.
KINDS = {
    "positive": ("PositiveEntailmentTest", "rdfXmlConclusionOntology"),
    "negative": ("NegativeEntailmentTest", "rdfXmlNonConclusionOntology"),
    "consistent": ("ConsistencyTest", None),
    "inconsistent": ("InconsistencyTest", None),
}
# The premises that the working group gives in functional-style syntax only, as RDF.
FUNCTIONAL = {
    "functionality-clash": """
        :hasAge a owl:DatatypeProperty , owl:FunctionalProperty .
        :a a owl:NamedIndividual ,
            [ a owl:Restriction ; owl:onProperty :hasAge ; owl:hasValue "18"^^xsd:integer ] ,
            [ a owl:Restriction ; owl:onProperty :hasAge ; owl:hasValue "19"^^xsd:integer ] .
    """,
    "Plus and Minus Zero are Distinct": """
        :numberOfChildren a owl:DatatypeProperty , owl:FunctionalProperty .
        :Meg a owl:NamedIndividual ; :numberOfChildren "+0.0"^^xsd:float , "-0.0"^^xsd:float .
    """,
    "string-integer-clash": """
        :hasAge a owl:DatatypeProperty ; rdfs:range xsd:integer .
        :a a owl:NamedIndividual , [ a owl:Restriction ; owl:onProperty :hasAge ; owl:hasValue "aString"^^xsd:string ] .
    """,
}
PREFIXES = """
    @prefix : <http://example.org/> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


@dataclass(frozen=True)
class Case:
    """A case: whether the premise entails the conclusion, or contradicts itself."""

    kind: str
    name: str
    premise: tuple[Triple, ...] = field(repr=False)
    conclusion: tuple[Triple, ...] = field(repr=False, default=())

    @property
    def id(self) -> str:
        """The name of the case among those of all kinds."""
        return f"{self.kind} {self.name}"

    def is_met(self, closure: Iterable[Triple], *, contradicts_itself: bool) -> bool:
        """Whether this is the right outcome, given the closure of the premise."""
        if self.kind in ("positive", "negative"):
            return entails(closure, self.conclusion) == (self.kind == "positive")
        return contradicts_itself == (self.kind == "inconsistent")


def all_cases() -> list[Case]:
    """Return the cases of both suites, as far as they are there."""
    return [*rdf_based_cases(), *working_group_cases()]


def rdf_based_cases() -> Iterator[Case]:
    """Yield the cases of the RDF-Based Semantics."""
    for folder in sorted(RDF_BASED.iterdir()) if RDF_BASED.is_dir() else ():
        if folder.is_dir():
            start = f"{folder}/{folder.name}"
            properties = ElementTree.parse(f"{start}.metadata.properties")
            entries = {each.get("key"): each.text for each in properties.iter("entry")}
            if entries["testcase.type"] == "INCONSISTENCY":
                yield Case("inconsistent", folder.name, _turtle(Path(f"{start}.graph.ttl")))
            else:
                premise, conclusion = (Path(f"{start}.{part}graph.ttl") for part in ("premise", "conclusion"))
                yield Case("positive", folder.name, _turtle(premise), _turtle(conclusion))


def working_group_cases() -> Iterator[Case]:
    """Yield the approved cases of the working group, a case for each kind that one is of."""
    described: dict[Term, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    if WORKING_GROUP.is_file():
        for s, p, o in _rdf_xml(WORKING_GROUP.read_text(encoding="utf-8")):
            if isinstance(o, NamedNode | Literal):
                described[s][p.value.removeprefix(TEST)].append(o.value.removeprefix(TEST))
    ontologies = {
        iri: each["rdfXmlInputOntology"][0] for each in described.values() for iri in each["importedOntologyIRI"]
    }
    type_ = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    for case in described.values():
        if "RL" in case["profile"] and "Approved" in case["status"] and "RDF-BASED" in case["semantics"]:
            (name,) = case["identifier"]
            if name in FUNCTIONAL:
                premise = _turtle(PREFIXES + FUNCTIONAL[name])
            else:
                premise = _with_imports(_rdf_xml(case["rdfXmlPremiseOntology"][0]), ontologies)
            for kind, (class_, conclusion) in KINDS.items():
                if class_ in case[type_]:
                    yield Case(kind, name, premise, _rdf_xml(case[conclusion][0]) if conclusion else ())


def _with_imports(graph: tuple[Triple, ...], ontologies: dict[str, str]) -> tuple[Triple, ...]:
    """Return a graph with the ontologies that it imports, and those that they import."""
    merged: list[Triple] = []
    waiting = [graph]
    read: set[str] = set()
    while waiting:
        merged += (triples := waiting.pop())
        imported = {t.object.value for t in triples if t.predicate.value == IMPORTS and isinstance(t.object, NamedNode)}
        waiting += (_rdf_xml(ontologies[iri]) for iri in imported - read)
        read |= imported
    return tuple(merged)


def _turtle(source: Path | str) -> tuple[Triple, ...]:
    text = source if isinstance(source, str) else source.read_text(encoding="utf-8")
    return tuple(quad.triple for quad in parse(text, format=RdfFormat.TURTLE, rename_blank_nodes=True))


def _rdf_xml(text: str) -> tuple[Triple, ...]:
    text = re.sub(r"<!ENTITY\s+(\S+)\s+'([^'\"]*)'", r'<!ENTITY \1 "\2"', text)  # the parser wants double quotes
    return tuple(quad.triple for quad in parse(text, format=RdfFormat.RDF_XML, rename_blank_nodes=True))


def entails(graph: Iterable[Triple], conclusion: Iterable[Triple]) -> bool:
    """Whether a graph simply entails another one, whose blank nodes stand for any term."""
    index: dict[tuple[Term | None, Term, Term | None], list[Triple]] = defaultdict(list)
    for triple in set(graph):
        for subject in (triple.subject, None):
            for value in (triple.object, None):
                index[subject, triple.predicate, value].append(triple)

    def fits(triples: list[Triple], names: dict[Term, Term]) -> bool:
        def matches(triple: Triple) -> list[Triple]:
            subject, value = (
                names.get(term) if isinstance(term, BlankNode) else term for term in (triple.subject, triple.object)
            )
            return index.get((subject, triple.predicate, value), [])

        if not triples:
            return True
        hardest = min(triples, key=lambda triple: len(matches(triple)))
        rest = [triple for triple in triples if triple is not hardest]
        for found in matches(hardest):
            pairs = ((hardest.subject, found.subject), (hardest.object, found.object))
            named = names | {term: other for term, other in pairs if isinstance(term, BlankNode)}
            is_one_thing = hardest.subject != hardest.object or found.subject == found.object
            if is_one_thing and fits(rest, named):
                return True
        return False

    return fits(list(conclusion), {})
