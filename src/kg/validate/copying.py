"""No sentence of a source is copied: literals of the project share no run of words with a source text.

Titles and official names are what they are, so the predicates that carry names and titles are exempt.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyoxigraph import Literal

from kg import project as layout
from kg.validate.report import Finding
from kg.vocab import ALT_LABEL, DCTERMS, LABEL, PREF_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kg.authored import Authored

CHECK = "copying"
LONGEST_RUN = 8
"""As many consecutive words as this, shared with a source text, count as copied."""
_NAMES = frozenset({LABEL.value, PREF_LABEL.value, ALT_LABEL.value, DCTERMS + "title"})
_WORD = re.compile(r"[0-9a-z]+(?:['’][a-z]+)?")


def words(text: str) -> list[str]:
    """Return the words of ``text`` in lower case, without punctuation."""
    return _WORD.findall(text.lower())


def runs(text: str, length: int = LONGEST_RUN) -> set[str]:
    """Return every run of ``length`` consecutive words of ``text``."""
    found = words(text)
    return {" ".join(found[i : i + length]) for i in range(len(found) - length + 1)}


def without_names(text: str, names: list[str]) -> str:
    """Return the words of ``text`` with each of ``names`` (words, longest first) put together into one word."""
    joined = " ".join(words(text))
    for name in names:
        if name in joined:
            joined = joined.replace(name, name.replace(" ", ""))
    return joined


def check(authored: Authored, texts: Path) -> Iterator[Finding]:
    """Yield a finding for each literal that repeats a run of words of a source text."""
    names = sorted(
        {
            " ".join(words(triple.object.value))
            for file in authored.files
            for triples in file.graphs.values()
            for triple in triples
            if triple.predicate.value in _NAMES and isinstance(triple.object, Literal)
        },
        key=len,
        reverse=True,
    )
    names = [name for name in names if name.count(" ") > 1]
    known: dict[str, str] = {}
    for file in sorted(texts.glob("*.txt")):
        for run in runs(file.read_text(encoding="utf-8")):
            known.setdefault(run, file.stem)
    for source in authored.files:
        if source.part not in {layout.ENTITIES, layout.SOURCES, layout.CLAIMS, layout.ONTOLOGY}:
            continue
        for triples in source.graphs.values():
            for triple in triples:
                if not isinstance(triple.object, Literal) or triple.predicate.value in _NAMES:
                    continue
                shared = runs(triple.object.value) & known.keys()
                if shared:
                    shared &= runs(without_names(triple.object.value, names))
                if shared:
                    run = min(shared)
                    line = source.line_of(triple, authored.prefixes)
                    yield Finding(
                        CHECK,
                        f"the words '{run}' stand in {known[run]}.",
                        f"{source.name}:{line}" if line else source.name,
                        "Say it in words of your own.",
                    )
