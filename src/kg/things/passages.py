"""Where passages stand in their sources, for the small links beside facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.things import query
from kg.things.batches import select_for
from kg.things.names import end_of
from kg.vocab import REJECTED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.query.engine import Engine, Term


@dataclass(frozen=True)
class Passage:
    """A passage with its source and its place there.

    Attributes:
        iri: the IRI of the passage, which is that of its named graph too.
        source: the IRI of the source.
        title: the title of the source.
        paragraph: number of the paragraph, or ``None``.
        sentence: number of the sentence, or ``None``.
        locator: the place in words, where there are no numbers.
        rejected: whether its facts are not accepted.
        favoured: the passages that are believed instead.
        comment: why it is not accepted, or why it states nothing.

    """

    iri: NamedNode
    source: NamedNode
    title: str
    paragraph: int | None = None
    sentence: int | None = None
    locator: str = ""
    rejected: bool = False
    favoured: tuple[NamedNode, ...] = ()
    comment: str = ""

    @property
    def place(self) -> str:
        """The place in short: ``¶5 s4``, or the locator in words."""
        if self.paragraph is None:
            return self.locator or end_of(self.iri.value)
        return f"¶{self.paragraph}" + (f" s{self.sentence}" if self.sentence is not None else "")

    @property
    def source_name(self) -> str:
        """A name for the source that is short enough to stand beside a fact: the end of its IRI."""
        return end_of(self.source.value)

    @property
    def order(self) -> tuple[str, int, int, str]:
        """What to sort by, so that passages come in reading order."""
        return self.source.value, self.paragraph or 0, self.sentence or 0, self.iri.value


def passages(engine: Engine, iris: Iterable[Term]) -> dict[NamedNode, Passage]:
    """Return the passages among ``iris``; graphs that are no passages of a source are left out."""
    found: dict[NamedNode, Passage] = {}
    for row in select_for(engine, query("passages"), "passage", iris):
        iri, source = row["passage"], row["source"]
        if not isinstance(iri, NamedNode) or not isinstance(source, NamedNode):
            continue
        earlier = found[iri].favoured if iri in found else ()
        favoured = row.get("favoured")
        texts = {name: term.value for name, term in row.items() if isinstance(term, Literal)}
        found[iri] = Passage(
            iri,
            source,
            texts.get("title") or end_of(source.value),
            int(texts["paragraph"]) if "paragraph" in texts else None,
            int(texts["sentence"]) if "sentence" in texts else None,
            texts.get("locator", ""),
            row.get("standing") == REJECTED,
            tuple(dict.fromkeys((*earlier, favoured))) if isinstance(favoured, NamedNode) else earlier,
            texts.get("comment", ""),
        )
    return found
