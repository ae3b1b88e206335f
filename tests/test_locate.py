"""Sentences, offsets and digests of source texts."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.locate import SourceText, sentence_spans


def sentences(paragraph: str) -> list[str]:
    return [paragraph[a:b] for a, b in sentence_spans(paragraph)]


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("The U.S. Department and Mr. Smith met. They left.", ["The U.S. Department and Mr. Smith met.", "They left."]),
        ("Erik M. Jacobs wrote it.", ["Erik M. Jacobs wrote it."]),
        ("He said “yes.” Then he left.", ["He said “yes.”", "Then he left."]),
        ("Sec. 2. Policy and Principles. It is so.", ["Sec. 2. Policy and Principles.", "It is so."]),
        ("4.1. Guidelines. More.", ["4.1. Guidelines.", "More."]),
        ("It cost 1.5 million. version two", ["It cost 1.5 million. version two"]),
        ("", []),
        ("   ", []),
    ],
)
def test_a_paragraph_splits_into_its_sentences(paragraph: str, expected: list[str]) -> None:
    assert sentences(paragraph) == expected


@given(st.text(alphabet="aB.?! \"'”(1", max_size=60))
def test_sentences_cover_every_word_in_order_without_overlap(paragraph: str) -> None:
    spans = sentence_spans(paragraph)
    assert all(a < b for a, b in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert "".join(paragraph[a:b] for a, b in spans).replace(" ", "") == paragraph.replace(" ", "").strip()


def test_a_span_has_offsets_in_code_points_and_the_digest_of_its_bytes() -> None:
    text = SourceText("Tïtle\nFirst “one”. Second one.\n")
    span = text.locate(2, 2)
    assert span is not None
    assert text.text[span.start : span.end] == "Second one."
    assert span.sha256 == hashlib.sha256(b"Second one.").hexdigest()


def test_a_whole_paragraph_can_be_located() -> None:
    text = SourceText("Title\nFirst. Second.")
    span = text.locate(2)
    assert span is not None
    assert text.text[span.start : span.end] == "First. Second."


@pytest.mark.parametrize(("paragraph", "sentence"), [(0, 1), (3, 1), (1, 0), (1, 2), (2, 1)])
def test_a_place_that_the_text_lacks_is_not_located(paragraph: int, sentence: int) -> None:
    assert SourceText("Only one.\n").locate(paragraph, sentence) is None
