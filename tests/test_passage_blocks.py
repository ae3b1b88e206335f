"""Locators and digests written into source files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kg import authored, validate
from kg.errors import InputError
from kg.passage_blocks import locate_sources

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.project import Project

SOURCE = "data/sources/ledger.ttl"


def test_locating_again_changes_nothing(harbour: Project) -> None:
    texts = harbour.root / "texts"
    before = (harbour.root / SOURCE).read_bytes()
    (done,) = locate_sources(authored.read(harbour), texts)
    assert not done.changed
    assert (harbour.root / SOURCE).read_bytes() == before


def test_a_stale_digest_is_found_and_then_written_anew(harbour: Project, edit: Callable[[str, str, str], None]) -> None:
    texts = harbour.root / "texts"
    edit("texts/ledger.txt", "two masts", "2 masts")
    stale = [f for f in validate.before_inference(authored.read(harbour), texts).findings if f.check == "locator"]
    assert any("ledger:p2s2" in f.message for f in stale)
    locate_sources(authored.read(harbour), texts)
    assert not [f for f in validate.before_inference(authored.read(harbour), texts).findings if f.check == "locator"]


def test_comments_and_layout_survive(harbour: Project, edit: Callable[[str, str, str], None]) -> None:
    edit("texts/ledger.txt", "two masts", "2 masts")
    locate_sources(authored.read(harbour), harbour.root / "texts")
    text = (harbour.root / SOURCE).read_text(encoding="utf-8")
    assert "# The mast count of the owner.\nledger:p2s2\n    a diplo:Passage ;\n" in text


def test_every_sentence_of_a_whole_source_is_listed(harbour: Project) -> None:
    (done,) = locate_sources(authored.read(harbour), harbour.root / "texts", whole=["ledger"])
    assert done.added == 1
    assert "ledger:p2s3\n" in (harbour.root / SOURCE).read_text(encoding="utf-8")


def test_a_passage_that_a_graph_names_is_listed(harbour: Project, edit: Callable[[str, str, str], None]) -> None:
    edit(
        "data/claims/ledger.trig", "ledger:p4s1 {", "ledger:p2s3 {\n    ship:heron h:mastCount 2 .\n}\n\nledger:p4s1 {"
    )
    locate_sources(authored.read(harbour), harbour.root / "texts")
    assert "ledger:p2s3\n" in (harbour.root / SOURCE).read_text(encoding="utf-8")


def test_a_place_outside_the_text_is_refused_and_the_file_stays(
    harbour: Project, edit: Callable[[str, str, str], None]
) -> None:
    edit(SOURCE, "diplo:paragraph 4", "diplo:paragraph 40")
    before = (harbour.root / SOURCE).read_bytes()
    with pytest.raises(InputError, match="no paragraph 40"):
        locate_sources(authored.read(harbour), harbour.root / "texts")
    assert (harbour.root / SOURCE).read_bytes() == before


def test_a_file_out_of_house_style_is_refused_and_stays(harbour: Project) -> None:
    path = harbour.root / SOURCE
    text = path.read_text(encoding="utf-8")
    start = text.index("ledger:p3s1")
    block = "ledger:p3s1 a diplo:Passage ; diplo:isPassageOf source:ledger ; diplo:paragraph 3 ; diplo:sentence 1 ."
    path.write_text(text[:start] + block + text[text.index("\n\n", start) :], encoding="utf-8")
    before = (harbour.root / SOURCE).read_bytes()
    with pytest.raises(InputError, match="one predicate a line"):
        locate_sources(authored.read(harbour), harbour.root / "texts")
    assert (harbour.root / SOURCE).read_bytes() == before
