"""Every class and property that is used must exist: in the project's ontology or in a known vocabulary.

RDF has no closed world, so a mistyped predicate is a valid triple that no query ever finds. The term lists of known
vocabularies are those that rdflib carries.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING

import rdflib.namespace
from pyoxigraph import NamedNode
from rdflib.namespace import DefinedNamespace

from kg import project as layout
from kg.validate.report import Finding
from kg.vocab import OWL, RDFS, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Triple

    from kg.authored import Authored
    from kg.prefixes import Term

CHECK = "vocabulary"
_TERM_VALUED = frozenset(RDFS + name for name in ("subClassOf", "subPropertyOf", "domain", "range")) | frozenset(
    OWL + name for name in ("inverseOf", "onProperty", "disjointWith", "equivalentClass")
)


@cache
def known_vocabularies() -> dict[str, frozenset[str]]:
    """Return the namespaces that rdflib carries term lists for, each with the IRIs of its terms."""
    known: dict[str, frozenset[str]] = {}
    for name in dir(rdflib.namespace):
        namespace = getattr(rdflib.namespace, name)
        if (
            isinstance(namespace, type)
            and issubclass(namespace, DefinedNamespace)
            and namespace is not DefinedNamespace
        ):
            # Terms that Python reserves, such as sh:class, are listed apart.
            terms = {*namespace.__annotations__, *namespace._extras}
            known[str(namespace)] = frozenset(f"{namespace}{term}" for term in terms)
    return known


def check(authored: Authored) -> Iterator[Finding]:
    """Yield a finding for each predicate and class in use that does not exist, and each thing that is named nowhere."""
    declared = {t.subject.value for t in authored.ontology if t.predicate == TYPE and isinstance(t.subject, NamedNode)}
    described = declared | {
        t.subject.value
        for t in authored.entities | authored.sources | authored.part(layout.QUESTIONS) | authored.part(layout.SHAPES)
        if t.predicate == TYPE and isinstance(t.subject, NamedNode)
    }
    namespaces = known_vocabularies()
    reported: set[tuple[str, str]] = set()

    def exists(iri: str) -> bool:
        if iri in declared:
            return True
        return any(iri in terms for namespace, terms in namespaces.items() if iri.startswith(namespace))

    for file in authored.files:
        for graph, triples in file.graphs.items():
            for triple in triples:
                terms: list[tuple[str, Term]] = [("property", triple.predicate)]
                if triple.predicate == TYPE:
                    terms.append(("class", triple.object))
                elif file.part == layout.ONTOLOGY and triple.predicate.value in _TERM_VALUED:
                    terms.append(("term", triple.object))
                for kind, term in terms:
                    if not isinstance(term, NamedNode) or exists(term.value) or (file.name, term.value) in reported:
                        continue
                    if kind == "class" and term.value in described:
                        continue
                    reported.add((file.name, term.value))
                    yield Finding(
                        CHECK,
                        f"the {kind} {authored.prefixes.shorten(term)} does not exist.",
                        _place(authored, file.name, triple),
                        _advice(term.value, declared | {t for terms in namespaces.values() for t in terms}, authored),
                    )
                if file.part in {layout.ENTITIES, layout.SOURCES, layout.CLAIMS}:
                    for thing in (triple.subject, triple.object):
                        if (
                            isinstance(thing, NamedNode)
                            and thing.value.startswith(authored.base)
                            and thing.value not in described
                            and thing != graph
                            and (file.name, thing.value) not in reported
                        ):
                            reported.add((file.name, thing.value))
                            yield Finding(
                                CHECK,
                                f"{authored.prefixes.shorten(thing)} is described nowhere.",
                                _place(authored, file.name, triple),
                                _advice(thing.value, described, authored)
                                or "Say what it is in data/entities/, or correct the name.",
                            )


def _place(authored: Authored, name: str, triple: Triple) -> str:
    file = next(f for f in authored.files if f.name == name)
    line = file.line_of(triple, authored.prefixes)
    return f"{name}:{line}" if line else name


def _advice(iri: str, candidates: set[str], authored: Authored) -> str:
    namespace = max(iri.rfind("#"), iri.rfind("/")) + 1
    near = [c for c in candidates if c[: max(c.rfind("#"), c.rfind("/")) + 1] == iri[:namespace]]
    close = get_close_matches(iri, near, n=1, cutoff=0.8)
    return f"Did you mean {authored.prefixes.shorten(NamedNode(close[0]))}?" if close else ""
