"""The closure of a graph, as the rest of the world sees it."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import overload

import rdflib
from pyoxigraph import DefaultGraph, Quad, Store, Triple

from kg.infer import files
from kg.infer.consistency import ConsistencyCheck
from kg.infer.derivation import Derivation
from kg.infer.dictionary import Statement
from kg.infer.engine import Engine
from kg.infer.explain import Explainer
from kg.infer.inconsistency import Inconsistency, Reporter
from kg.infer.incremental import remove
from kg.infer.memory import uncollected
from kg.infer.view import View
from kg.terms import from_rdflib, to_rdflib

Source = Iterable[Triple] | rdflib.Graph | Store
"""A graph: triples, an rdflib graph, or the default graph of a store."""


def triples_of(source: Source) -> Iterable[Triple]:
    """Return the triples of a graph of any supported kind."""
    if isinstance(source, rdflib.Graph):
        return from_rdflib(source)
    if isinstance(source, Store):
        return (quad.triple for quad in source.quads_for_pattern(None, None, None, DefaultGraph()))
    return source


class Inferred(Sequence[Triple]):
    """The inferred triples: a sequence that makes its triples as they are read."""

    def __init__(self, engine: Engine, numbers: "array[int]") -> None:
        self._view = View(engine)
        self._dictionary = engine.dictionary
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers) // 3

    def __iter__(self) -> Iterator[Triple]:
        term = self._dictionary.term
        numbers = iter(self._numbers)
        for s, p, o in zip(numbers, numbers, numbers, strict=True):
            yield Triple(term(s), term(p), term(o))  # type: ignore[arg-type]

    def __contains__(self, triple: object) -> bool:
        key = self._dictionary.look_up(triple) if isinstance(triple, Triple) else None
        return key is not None and self._view.is_inferred(key)

    @overload
    def __getitem__(self, index: int) -> Triple: ...
    @overload
    def __getitem__(self, index: slice) -> list[Triple]: ...
    def __getitem__(self, index: int | slice) -> Triple | list[Triple]:
        if isinstance(index, slice):
            return [self[n] for n in range(*index.indices(len(self)))]
        place = 3 * range(len(self))[index]
        s, p, o = self._numbers[place : place + 3]
        return self._dictionary.statement((s, p, o))  # type: ignore[return-value]


class Closure:
    """The OWL 2 RL closure of a graph: what follows from it, why, and whether it contradicts itself.

    Made by `kg.infer.closure`. Triples may be added and removed; all properties then speak of the new graph.
    """

    def __init__(self, engine: Engine, prefixes: Mapping[str, str] | None = None) -> None:
        self._engine = engine
        self.prefixes = dict(prefixes or {})
        """The prefixes that the files declared, if the graph came from files."""

    def add(self, triples: Source) -> None:
        """Add triples to the graph and draw what follows from them."""
        self._engine.add(self._engine.dictionary.encode(triples_of(triples)))
        self._engine.run()
        self._forget()

    def remove(self, triples: Source) -> None:
        """Remove triples from the graph, and what followed from them only; those that are not in it are ignored."""
        keys = (self._engine.dictionary.look_up(triple) for triple in triples_of(triples))
        self._engine = remove(self._engine, [key for key in keys if key is not None])
        self._forget()

    def _forget(self) -> None:
        for name in ("_by_rule", "inferred", "inconsistencies", "_explainer"):
            self.__dict__.pop(name, None)

    @cached_property
    def _by_rule(self) -> "dict[str, array[int]]":
        with uncollected():
            return View(self._engine).inferred()

    @cached_property
    def inferred(self) -> Inferred:
        """The triples that follow from the graph and are not in it."""
        numbers = array("I")
        for some in self._by_rule.values():
            numbers.extend(some)
        return Inferred(self._engine, numbers)

    @property
    def counts(self) -> dict[str, int]:
        """How many inferred triples each rule was the first to give, by the rule's name."""
        return {rule: len(numbers) // 3 for rule, numbers in sorted(self._by_rule.items())}

    @cached_property
    def inconsistencies(self) -> list[Inconsistency]:
        """Every contradiction in the closure; empty if there is none."""
        check = ConsistencyCheck(self._engine)
        reporter = Reporter(self._engine, check)
        return [reporter.report(clash) for clash in check.clashes()]

    def why(self, triple: Statement) -> Derivation | None:
        """Return a proof of least depth, down to asserted triples; None if the triple is not in the closure."""
        key = self._engine.dictionary.look_up(triple)
        return None if key is None else self._explainer.why(key)

    def alternatives(self, triple: Statement) -> list[Derivation]:
        """Return a derivation for every way in which one application of a rule gives the triple; the least deep first.

        Circular ones, whose premises need the triple itself, are left out.
        """
        key = self._engine.dictionary.look_up(triple)
        return [] if key is None else self._explainer.alternatives(key)

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self._engine)

    @property
    def rounds(self) -> int:
        """How often new facts were handed to the rules."""
        return self._engine.rounds

    @property
    def seconds(self) -> dict[str, float]:
        """The time that each rule took, in seconds, by the rule's name."""
        return dict(self._engine.seconds)

    def __len__(self) -> int:
        return len(self.inferred) + sum(1 for _ in self._engine.facts.asserted())

    def __iter__(self) -> Iterator[Triple]:
        yield from self.asserted
        yield from self.inferred

    def __contains__(self, triple: object) -> bool:
        if not isinstance(triple, Triple):
            return False
        key = self._engine.dictionary.look_up(triple)
        return key is not None and (self._engine.facts.is_asserted(*key) or triple in self.inferred)

    def dump(self, path: Path, *, inferred_only: bool = False) -> int:
        """Write the closure, or what of it was inferred, to a file of N-Triples; return the number of triples."""
        return files.dump(self._engine, path, inferred_only=inferred_only)

    @property
    def asserted(self) -> Iterator[Triple]:
        """The triples that the graph was given."""
        statement = self._engine.dictionary.statement
        for key in self._engine.facts.asserted():
            yield statement(key)  # type: ignore[misc]

    def to_rdflib(self) -> rdflib.Graph:
        """Return the whole closure, asserted and inferred, as an rdflib graph."""
        return to_rdflib(self, self.prefixes)

    def to_store(self) -> Store:
        """Return the whole closure, asserted and inferred, as the default graph of a new store."""
        store = Store()
        store.bulk_extend(Quad(*triple) for triple in self)
        return store
