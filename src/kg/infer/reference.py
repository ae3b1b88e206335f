"""owlrl, the reference implementation of the same rules, behind the same interface.

owlrl 7.6 differs from the specification in ways that `kg.infer` does not follow:

- prp-key never compares the last property of a key, so that with a key of one property all members become the same;
- eq-diff2, eq-diff3 and prp-adp never look at the last member of a list;
- contradictions are written into the graph as ``err:ErrorMessage``, without the rule's name.

Its noise is taken out here and nowhere else: triples with literal subjects, which are no RDF, and, unless they are asked
for, triples that hold in every graph.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

import owlrl
import rdflib
from pyoxigraph import NamedNode, Triple
from rdflib import OWL, RDF, RDFS, XSD

from kg.infer.closure import Closure
from kg.infer.derivation import Derivation
from kg.infer.dictionary import Statement
from kg.infer.engine import Engine
from kg.infer.inconsistency import Inconsistency
from kg.terms import from_rdflib, to_rdflib

_WHOLE = "owlrl draws whole closures only; use the engine kg to add and remove triples."
_ERROR = rdflib.Namespace("http://www.daml.org/2002/03/agents/agent-ont#")
_REFLEXIVE = frozenset(
    str(term) for term in (OWL.sameAs, RDFS.subClassOf, OWL.equivalentClass, RDFS.subPropertyOf, OWL.equivalentProperty)
)
_BUILT_IN = tuple(str(namespace) for namespace in (OWL, RDF, RDFS, XSD))


class ReferenceClosure(Closure):
    """The closure that owlrl draws. It explains nothing: only asserted triples have a derivation."""

    def __init__(self, triples: Iterable[Triple], *, axiomatic: bool = False) -> None:
        engine = Engine(axiomatic=axiomatic)
        given = list(triples)
        engine.add(engine.dictionary.encode(given))
        super().__init__(engine)
        graph = to_rdflib(given)
        before = set(graph)
        owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
        self._errors = list(_errors(graph))
        new = rdflib.Graph()
        for triple in graph:
            is_error = _ERROR.ErrorMessage in triple or triple[1] == _ERROR.error
            if triple not in before and not is_error and not isinstance(triple[0], rdflib.Literal):
                new.add(triple)
        self._new = [t for t in from_rdflib(new) if axiomatic or not is_noise(t)]

    @property
    def inferred(self) -> Sequence[Triple]:  # type: ignore[override]
        """The triples that follow from the graph and are not in it."""
        return self._new

    @property
    def counts(self) -> dict[str, int]:
        """How many triples were inferred; owlrl does not say by which rule."""
        return {"owlrl": len(self._new)}

    @property
    def inconsistencies(self) -> list[Inconsistency]:
        """Every contradiction that owlrl reports, without rule or premises."""
        return self._errors

    def alternatives(self, triple: Statement) -> list[Derivation]:  # noqa: ARG002
        """Return nothing: owlrl keeps no derivations."""
        return []

    def add(self, triples: object) -> None:  # noqa: ARG002
        """Raise TypeError: owlrl draws whole closures only."""
        raise TypeError(_WHOLE)

    def remove(self, triples: object) -> None:  # noqa: ARG002
        """Raise TypeError: owlrl draws whole closures only."""
        raise TypeError(_WHOLE)


def is_noise(triple: Triple) -> bool:
    """Whether a triple says nothing: it is reflexive, about owl:Thing, or about the built-in vocabularies."""
    subject, predicate, value = (t.value if isinstance(t, NamedNode) else None for t in triple)
    if triple.subject == triple.object and predicate in _REFLEXIVE:
        return True
    if value == str(OWL.Thing) and predicate in {str(RDF.type), str(RDFS.subClassOf)}:
        return True
    return subject is not None and subject.startswith(_BUILT_IN)


def _errors(graph: rdflib.Graph) -> Iterator[Inconsistency]:
    for message in graph.objects(None, _ERROR.error):
        yield Inconsistency("owlrl", re.sub(r"\s+", " ", str(message)), ())
