from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.query.formats import Form
from kg.web.compression import choose_coding
from kg.web.negotiate import MEDIA_TYPES, Kind, choose, choose_for_query, offers, parse_accept, prefers_page

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
SPARQLWRAPPER = "application/sparql-results+json,application/json,text/javascript,application/javascript"
RDFLIB = "application/sparql-results+xml, application/rdf+xml"
JENA = (
    "application/sparql-results+json, application/sparql-results+xml;q=0.9, text/tab-separated-values;q=0.7, "
    "text/csv;q=0.5, application/json;q=0.2, application/xml;q=0.2, */*;q=0.1"
)
COMUNICA = "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,text/turtle;q=0.6,*/*;q=0.1"


@pytest.mark.parametrize(
    ("accept", "solutions", "graph"),
    [
        (None, "application/sparql-results+json", "text/turtle"),
        ("", "application/sparql-results+json", "text/turtle"),
        ("*/*", "application/sparql-results+json", "text/turtle"),
        ("text/*", "text/csv", "text/turtle"),
        ("application/*", "application/sparql-results+json", "application/n-triples"),
        ("text/csv", "text/csv", None),
        ("TEXT/CSV", "text/csv", None),
        ("text/csv;q=0.5, text/tab-separated-values", "text/tab-separated-values", None),
        ("text/csv;q=0", None, None),
        ("*/*, text/csv;q=0, application/*;q=0", "text/tab-separated-values", "text/turtle"),
        ("*/*;q=0", None, None),
        ("text/*;q=0.9, text/csv;q=0.1", "text/tab-separated-values", "text/turtle"),
        ("application/json", "application/json", "application/json"),
        ("application/json;q=0.5, */*;q=0.1", "application/json", "application/json"),
        ("application/xml", "application/xml", "application/xml"),
        ("image/png", None, None),
        ("text/csv;header=present", "text/csv", None),
        ('text/csv;note="a, text/turtle;q=1"', "text/csv", None),
        ("text/csv;q=2", None, None),
        ("text/csv;q=abc, text/turtle", None, "text/turtle"),
        ("garbage", None, None),
        (",,, ,", None, None),
        ("text/turtle;charset=utf-8", None, "text/turtle"),
        ("application/n-quads", None, "application/n-quads"),
        (SPARQLWRAPPER, "application/sparql-results+json", "application/json"),
        (RDFLIB, "application/sparql-results+xml", "application/rdf+xml"),
        (JENA, "application/sparql-results+json", "application/xml"),
        (COMUNICA, "application/sparql-results+json", "application/n-quads"),
        (BROWSER, "application/xml", "application/xml"),
    ],
)
def test_the_choice_for_a_header(accept: str | None, solutions: str | None, graph: str | None) -> None:
    choices = choose_for_query(accept)
    assert (choices.solutions and choices.solutions.type) == solutions
    assert (choices.graph and choices.graph.type) == graph


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("text/html;q=0.5, application/sparql-results+json", False),
        ("*/*", False),
        (None, False),
        ("text/csv, text/html", False),
        (JENA, False),
    ],
)
def test_only_who_prefers_html_gets_a_page(accept: str | None, page: bool) -> None:
    assert prefers_page(accept) is page


def test_a_format_by_name_overrides_the_header() -> None:
    choices = choose_for_query("text/turtle", "csv")
    assert choices.solutions is not None
    assert choices.solutions.type == "text/csv"
    assert choices.graph is not None
    assert choices.graph.type == "text/turtle"


def test_every_format_can_be_asked_for_by_its_own_type() -> None:
    for media in MEDIA_TYPES:
        for kind in media.serves:
            choice = choose(media.type, offers(kind))
            assert choice is not None
            assert choice.media is media


@given(st.text(alphabet='abc/*;q=0.1, "\\\t\n', max_size=60) | st.text(max_size=40))
def test_any_header_gives_an_offered_type_or_none(accept: str) -> None:
    for kind in (Kind.SOLUTIONS, Kind.GRAPH):
        choice = choose(accept, offers(kind))
        assert choice is None or choice.media in offers(kind)


QUALITY = st.sampled_from(["", ";q=0", ";q=0.001", ";q=0.5", ";q=1", ";q=1.000"])
ELEMENTS = st.lists(st.tuples(st.sampled_from([m.type for m in MEDIA_TYPES] + ["*/*", "text/*"]), QUALITY), min_size=1)


@given(ELEMENTS)
def test_nothing_with_a_higher_quality_is_passed_over(elements: list[tuple[str, str]]) -> None:
    accept = ", ".join(name + quality for name, quality in elements)
    chosen = choose(accept, offers(Kind.SOLUTIONS))
    named = dict(reversed([(n, float(q[3:]) if q else 1.0) for n, q in elements if "*" not in n]))
    best = max((named[m.type] for m in offers(Kind.SOLUTIONS) if m.type in named), default=0.0)
    if best > 0:
        assert chosen is not None
    if chosen is None:
        assert best == 0


def test_the_header_is_read_in_time_that_grows_with_its_length() -> None:
    assert parse_accept("a" * 1_000_000) == []
    assert parse_accept('"' * 1_000_000) == []
    assert parse_accept("text/csv," * 1_000_000) is not None


def test_choices_follow_the_form_of_the_answer() -> None:
    choices = choose_for_query("text/csv")
    assert choices.of(Form.SOLUTIONS) == choices.solutions
    assert choices.of(Form.GRAPH) is None


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, ""),
        ("", ""),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("*", "zstd"),
        ("zstd;q=0.5, gzip", "gzip"),
        ("zstd;q=0, *", "gzip"),
        ("gzip;q=0.1, identity;q=0.5", ""),
        ("gzip;q=0.1, zstd;q=0.1, *;q=0.5", ""),
        ("*;q=0", ""),
        ("br", ""),
        ("gzip;q=2", ""),
    ],
)
def test_the_coding_is_the_best_of_those_that_the_client_takes(accepted: str | None, coding: str) -> None:
    assert choose_coding(accepted) == coding
