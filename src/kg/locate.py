"""Where a passage stands in the text of its source: sentences, offsets and digests.

A source text is plain UTF-8 with one paragraph a line; paragraph *n* is line *n*, headings included. A sentence is
numbered within its paragraph, from one. Offsets count Unicode code points from the start of the file, the end
exclusive, as the Web Annotation Data Model defines ``oa:start`` and ``oa:end`` (section 4.2.4, Text Position Selector).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# A full stop after one of these does not end a sentence, whatever follows it.
_ABBREVIATIONS = frozenset(
    """
    U.S. U.K. U.N. D.C. E.U. Mr. Mrs. Ms. Dr. Prof. Gov. Sen. Rep. St. Jr. Sr. Adm. Gen. Lt. Maj. Hon.
    No. Nos. Sec. Secs. Art. Arts. subsec. ch. para. paras. pt. Pub. Stat. Fed. Reg. Doc. Inc. Ltd. Co. Corp.
    Jan. Feb. Mar. Apr. Aug. Sept. Oct. Nov. Dec. a.m. p.m. approx. vs. v. e.g. i.e. cf. al. seq.
    """.split()
)
_BOUNDARY = re.compile(r"""[.!?]["'”’)\]]*\s+(?=["'“‘(\[]*[A-Z0-9À-Þ])""")
_INITIAL = re.compile(r"\b[A-Z]\.$")
# The number that opens a section or list item ("Sec. 2.", "4.1.", "a.") belongs to the sentence that follows it.
_ENUMERATOR = re.compile(r"^\W*(?:(?:Sec\.|Section) )?(?:\d{1,3}(?:\.\d{1,2})*|[A-Za-z]|[ivx]+)\.$")


@dataclass(frozen=True)
class Span:
    """A stretch of text: offsets in code points, the end exclusive, and the SHA-256 of its UTF-8 bytes."""

    start: int
    end: int
    sha256: str


def digest(text: str) -> str:
    """Return the SHA-256 digest of the UTF-8 bytes of ``text`` in lower-case hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def sentence_spans(paragraph: str) -> list[tuple[int, int]]:
    """Return the ``(start, end)`` offsets of the sentences of ``paragraph``, in order.

    A sentence ends with ``.``, ``!`` or ``?`` (and closing quotation marks or brackets) before white space and a
    capital letter or digit, except after an abbreviation, an initial ("Erik M.") or the number of a list item ("1.").
    """
    spans: list[tuple[int, int]] = []
    start = len(paragraph) - len(paragraph.lstrip())
    for match in _BOUNDARY.finditer(paragraph):
        end = match.start() + len(match.group().rstrip())
        words = paragraph[start : match.start() + 1].split()
        last = words[-1].lstrip("\"'“‘([") if words else ""
        if last in _ABBREVIATIONS or _INITIAL.search(last) or _ENUMERATOR.match(" ".join(words)):
            continue
        spans.append((start, end))
        start = match.end()
    end = len(paragraph.rstrip())
    if end > start:
        spans.append((start, end))
    return spans


@dataclass(frozen=True)
class SourceText:
    """The text of a source, addressed by paragraph and sentence."""

    text: str

    @property
    def sha256(self) -> str:
        """The digest of the whole text."""
        return digest(self.text)

    def paragraphs(self) -> Iterator[tuple[int, int, str]]:
        """Yield ``(number, offset, text)`` for each paragraph, numbered from one."""
        offset = 0
        for number, line in enumerate(self.text.split("\n"), start=1):
            yield number, offset, line
            offset += len(line) + 1

    def sentences(self) -> Iterator[tuple[int, int, str]]:
        """Yield ``(paragraph, sentence, text)`` for each sentence in reading order."""
        for number, _, line in self.paragraphs():
            for index, (start, end) in enumerate(sentence_spans(line), start=1):
                yield number, index, line[start:end]

    def locate(self, paragraph: int, sentence: int | None = None) -> Span | None:
        """Return the span of a paragraph, or of a sentence in it; ``None`` where the text has no such place."""
        for number, offset, line in self.paragraphs():
            if number != paragraph:
                continue
            spans = [(0, len(line))] if sentence is None else sentence_spans(line)
            index = 1 if sentence is None else sentence
            if not 1 <= index <= len(spans) or not line.strip():
                return None
            start, end = spans[index - 1]
            return Span(offset + start, offset + end, digest(line[start:end]))
        return None
