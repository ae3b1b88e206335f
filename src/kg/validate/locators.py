"""Locators checked against the source texts, where these are at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.locate import SourceText
from kg.validate.report import Finding
from kg.vocab import END, IS_PASSAGE_OF, PARAGRAPH, SENTENCE, SHA256, START

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyoxigraph import NamedNode

    from kg.authored import Authored

CHECK = "locator"
AGAIN = "Run 'kg locate --texts DIR' to write the locators and digests anew, and look at what changed."


def check(authored: Authored, texts: Path) -> Iterator[Finding]:
    """Yield a finding for each source whose text has another digest, and each passage that is not where it says."""
    values: dict[NamedNode, dict[NamedNode, str]] = {}
    for triple in authored.sources:
        values.setdefault(triple.subject, {})[triple.predicate] = getattr(triple.object, "value", "")  # type: ignore[arg-type]
    cache: dict[str, SourceText | None] = {}
    short = authored.prefixes.shorten
    for subject, about in sorted(values.items(), key=lambda item: str(item[0])):
        source = about.get(IS_PASSAGE_OF, subject.value if SHA256 in about else "")
        slug = source.rsplit("/", 1)[-1]
        if slug not in cache:
            file = texts / f"{slug}.txt"
            cache[slug] = SourceText(file.read_text(encoding="utf-8")) if file.is_file() else None
        text = cache[slug]
        if text is None:
            continue
        if IS_PASSAGE_OF not in about:
            if about.get(SHA256) != text.sha256:
                yield Finding(
                    CHECK, f"{short(subject)}: the text has another digest than the one that was read.", "", AGAIN
                )
            continue
        if PARAGRAPH not in about:
            continue
        sentence = about.get(SENTENCE)
        span = text.locate(int(about[PARAGRAPH]), int(sentence) if sentence else None)
        if span is None:
            yield Finding(
                CHECK,
                f"{short(subject)}: the source has no paragraph {about[PARAGRAPH]}, sentence {sentence or '-'}.",
                "",
                "Correct diplo:paragraph and diplo:sentence.",
            )
        elif (str(span.start), str(span.end), span.sha256) != (about.get(START), about.get(END), about.get(SHA256)):
            yield Finding(CHECK, f"{short(subject)}: offsets or digest are not those of its sentence.", "", AGAIN)
