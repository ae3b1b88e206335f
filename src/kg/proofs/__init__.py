"""Proofs of what the graph says, from the served dataset alone.

The closure is drawn anew from the asserted graphs, once for each :class:`Prover`; it remembers its steps, so any triple
of it can be proved down to asserted triples, and these lead to the passages that state them.
"""

from __future__ import annotations

from functools import cache, cached_property, partial
from importlib import resources
from typing import TYPE_CHECKING, Literal

from pyoxigraph import BlankNode, NamedNode

from kg.infer import closure, render

if TYPE_CHECKING:
    from pyoxigraph import Triple

    from kg.infer import Closure
    from kg.infer.derivation import Derivation
    from kg.infer.dictionary import Statement
    from kg.prefixes import Prefixes
    from kg.query.engine import Engine

Format = Literal["text", "json", "ttl", "dot", "svg"]
_ORIGINS_SHOWN = 3
_ASSERTED = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?graph { ?s ?p ?o } }"


@cache
def _query(name: str) -> str:
    return resources.files(__name__).joinpath(f"{name}.rq").read_text(encoding="utf-8")


class Prover:
    """Proves triples of one dataset. Keep it as long as the dataset is served: it draws the closure once."""

    def __init__(self, engine: Engine, prefixes: Prefixes) -> None:
        self._engine = engine
        self._prefixes = prefixes

    @cached_property
    def _closure(self) -> Closure:
        asserted: set[Triple] = set()
        for name in ("ontology", "accepted", "sources"):
            asserted.update(self._engine.construct(_ASSERTED, graph=self._graph(name)))
        return closure(asserted)

    def explain(self, triple: Triple, *, format_: Format = "text", every: bool = False) -> str | None:
        """Return a proof of ``triple`` in a format, or ``None`` if the graph does not say it.

        With ``every``, text shows a derivation for each way in which one step gives it, the least deep first.
        """
        derivation = self._closure.why(triple)
        if derivation is None:
            return None
        shorten = self._prefixes.shorten
        if format_ == "json":
            return render.json(derivation, shorten, partial(self.origins, in_full=True))
        if format_ == "ttl":
            return render.turtle(
                derivation, partial(self.origins, in_full=True), base=f"{self._engine.dataset.base}proof"
            )
        if format_ == "dot":
            return render.dot(derivation, shorten, self._first_origins)
        if format_ == "svg":
            return render.svg(derivation, shorten, self._first_origins)
        if not every:
            return self._text(derivation)
        ways = self._closure.alternatives(triple) or [derivation]
        return "\n".join([f"{len(ways)} ways to derive it in one step\n", *map(self._text, ways)])

    def origins(self, triple: Statement, *, in_full: bool = False) -> list[str]:
        """Return the accepted passages that state an asserted triple, or the graph that holds it, by short names."""
        if not isinstance(triple.subject, NamedNode) or isinstance(triple.object, BlankNode):
            return []
        names = {name: self._graph(name) for name in ("ontology", "entities", "sources")}
        found = self._engine.select(
            _query("origins"), subject=triple.subject, predicate=triple.predicate, object=triple.object, **names
        )
        graphs = [row["graph"] for row in found]
        passages = [g for g in graphs if g not in names.values()] or graphs[:1]
        return [g.value if in_full and isinstance(g, NamedNode) else self._prefixes.shorten(g) for g in passages]

    def _text(self, derivation: Derivation) -> str:
        return render.text(derivation, self._prefixes.shorten, self._first_origins)

    def _first_origins(self, triple: Statement) -> list[str]:
        """Return the first few origins and the number of the others, for people."""
        found = self.origins(triple)
        more = len(found) - _ORIGINS_SHOWN
        return [*found[:_ORIGINS_SHOWN], f"and {more} more"] if more > 1 else found

    def _graph(self, name: str) -> NamedNode:
        return NamedNode(f"{self._engine.dataset.base}graph/{name}")


def explain(
    engine: Engine, prefixes: Prefixes, triple: Triple, *, format_: Format = "text", every: bool = False
) -> str | None:
    """Prove one triple of a dataset; see :meth:`Prover.explain`."""
    return Prover(engine, prefixes).explain(triple, format_=format_, every=every)
