from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Browse = Callable[..., tuple[str, str]]

QUERY = "PREFIX h: <https://example.org/harbour/ontology#> SELECT ?ship ?masts WHERE { ?ship h:mastCount ?masts }"


def test_the_editor_asks_this_server_and_nobody_else(browse: Browse) -> None:
    page, log = browse(f"/sparql?query={quote(QUERY)}")
    assert "CodeMirror" in page
    assert re.search(r"<table[^>]*dataTable", page), "the answer is in the editor's table"
    assert "ship:heron" in page, "terms are shortened by the project's prefixes"
    assert 'id="plain"' in page
    assert 'data-refused="' not in page
    assert "Content Security Policy" not in log
    assert "Uncaught" not in log


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("PREFIX h: <https://example.org/harbour/ontology#> SELECT * { ?ship a Sh", "h:Ship"),
        ("PREFIX h: <https://example.org/harbour/ontology#> SELECT * { ?ship h:mas", "h:mastCount"),
        ("PREFIX h: <https://example.org/harbour/ontology#> SELECT * { ?ship a ship", "h:Ship"),
    ],
)
def test_the_editor_completes_from_the_graph(browse: Browse, typed: str, offered: str) -> None:
    page, _ = browse(f"/sparql?typed={quote(typed)}")
    hints = re.findall(r"<ul[^>]*CodeMirror-hints.*?</ul>", page, re.DOTALL)
    assert hints
    assert offered in hints[0]


def test_a_problem_stays_in_words(browse: Browse) -> None:
    page, _ = browse(f"/sparql?query={quote('SELECT * WHERE {')}")
    assert "CodeMirror" in page
    assert "The query is not valid SPARQL." in page


@pytest.mark.parametrize("address", ["/", "/doc/ship/heron", "/source/ledger", "/ontology"])
def test_a_page_fits_a_telephone(browse: Browse, address: str) -> None:
    page, log = browse(address, width=500)
    width, window = (int(re.findall(rf'data-{name}="(\d+)"', page)[0]) for name in ("width", "window"))
    assert width <= window
    assert 'data-refused="' not in page
    assert "Content Security Policy" not in log
