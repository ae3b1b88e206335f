"""How far the graph can be trusted: facts that hang by one thread, passages and things that say nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from kg.evidence import query

if TYPE_CHECKING:
    from kg.query.engine import Engine


@dataclass(frozen=True)
class Audit:
    """What an audit found among the accepted facts that passages state."""

    facts: int
    one_source: tuple[Triple, ...]
    one_publisher: tuple[Triple, ...]
    no_primary_source: tuple[Triple, ...]
    silent_passages: tuple[NamedNode, ...]
    orphans: tuple[NamedNode, ...]


def audit(engine: Engine) -> Audit:
    """Return the audit of a dataset."""
    base = engine.dataset.base
    graphs = {name: NamedNode(f"{base}graph/{name}") for name in ("entities", "sources", "ontology")}
    facts, one_source, one_publisher, secondary = 0, [], [], []
    for row in engine.select(query("support")):
        triple = Triple(row["subject"], row["predicate"], row["object"])  # type: ignore[arg-type]
        counts = {name: int(t.value) for name, t in row.items() if isinstance(t, Literal) and name in _COUNTS}
        facts += 1
        if counts["sources"] == 1:
            one_source.append(triple)
        if counts["publishers"] <= 1 or counts["sources"] == 1:
            one_publisher.append(triple)
        if counts["primary"] == 0:
            secondary.append(triple)
    silent = [row["passage"] for row in engine.select(query("silent"))]
    orphans = [row["thing"] for row in engine.select(query("orphans"), **graphs)]
    return Audit(
        facts,
        tuple(one_source),
        tuple(one_publisher),
        tuple(secondary),
        tuple(t for t in silent if isinstance(t, NamedNode)),
        tuple(t for t in orphans if isinstance(t, NamedNode)),
    )


_COUNTS = frozenset({"sources", "publishers", "primary"})
