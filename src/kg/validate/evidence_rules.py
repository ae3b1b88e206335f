"""Every fact lies in a passage, every passage in a source, and what needs no source needs none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from kg import project as layout
from kg.validate.report import Finding, Severity
from kg.vocab import ALT_LABEL, LABEL, OUT_OF_SCOPE, PASSAGE, PREF_LABEL, REJECTED_IN_FAVOUR_OF, SOURCE, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Triple

    from kg.authored import Authored

CHECK = "evidence"
NEEDS_NO_SOURCE = frozenset({TYPE, LABEL, PREF_LABEL, ALT_LABEL})
"""What the files of entities may say: what a thing is and what it is called."""


def check(authored: Authored) -> Iterator[Finding]:
    """Yield a finding for each fact outside a passage, each passage outside a source, and each that states nothing."""
    passages = {t.subject for t in authored.sources if t.predicate == TYPE and t.object == PASSAGE}
    sources = {t.subject for t in authored.sources if t.predicate == TYPE and t.object == SOURCE}
    short = authored.prefixes.shorten
    for file in authored.files:
        if file.part == layout.CLAIMS:
            for triple in file.graphs.get(None, []):
                yield _without_passage(authored, file.name, triple)
        elif file.part == layout.ENTITIES:
            for triple in file.graphs.get(None, []):
                if triple.predicate not in NEEDS_NO_SOURCE:
                    yield _without_passage(authored, file.name, triple)
        if file.part != layout.CLAIMS:
            for graph in file.graphs:
                if graph is not None:
                    yield Finding(
                        CHECK,
                        f"{short(graph)} is a named graph outside data/claims/.",
                        file.name,
                        "Move it to data/claims/.",
                    )
    for passage, facts in authored.passages.items():
        if passage not in passages:
            first = next(iter(facts))
            yield Finding(
                CHECK,
                f"the graph {short(passage)} states facts, but no source lists it as a passage.",
                authored.where(first),
                "List it in the file of its source under data/sources/, with its locator.",
            )
    silent = {
        t.subject for t in authored.sources if t.predicate == OUT_OF_SCOPE and getattr(t.object, "value", "") == "true"
    }
    favoured = {t.object for t in authored.sources if t.predicate == REJECTED_IN_FAVOUR_OF}
    for passage in sorted((p for p in passages if isinstance(p, NamedNode)), key=str):
        source = authored.source_of.get(passage)
        if source not in sources:
            yield Finding(
                CHECK,
                f"the passage {short(passage)} belongs to no source that is described.",
                "",
                "Give it diplo:isPassageOf.",
            )
        stated = passage in authored.passages
        if passage in silent and stated:
            yield Finding(
                CHECK, f"the passage {short(passage)} is out of scope and yet states facts.", "", "Drop one of the two."
            )
        if passage not in silent and not stated and passage not in favoured:
            yield Finding(
                CHECK,
                f"the passage {short(passage)} states no fact.",
                "",
                "State its facts in data/claims/, or say diplo:outOfScope true with a reason in rdfs:comment.",
                Severity.WARNING,
            )


def _without_passage(authored: Authored, name: str, triple: Triple) -> Finding:
    file = next(f for f in authored.files if f.name == name)
    line = file.line_of(triple, authored.prefixes)
    return Finding(
        CHECK,
        f"a fact without a passage: {authored.prefixes.shorten_triple(triple)}",
        f"{name}:{line}" if line else name,
        "Move it into the graph of the passage that states it, in data/claims/.",
    )
