"""Names that people type."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode

from kg.errors import InputError
from kg.prefixes import Prefixes

PREFIXES = Prefixes({"ex": "https://example.org/", "ship": "https://example.org/id/ship/"})
XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize(
    "name", ["ship:heron", "<https://example.org/id/ship/heron>", "https://example.org/id/ship/heron"]
)
def test_a_curie_and_an_iri_mean_the_same(name: str) -> None:
    assert PREFIXES.expand(name) == NamedNode("https://example.org/id/ship/heron")


@pytest.mark.parametrize("name", ["boat:heron", "heron", "<not an iri>", ""])
def test_a_name_that_means_nothing_is_refused(name: str) -> None:
    with pytest.raises(InputError) as error:
        PREFIXES.expand(name)
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ('"Heron"@en', Literal("Heron", language="en")),
        ('"Heron"', Literal("Heron")),
        ("12", Literal("12", datatype=NamedNode(XSD + "integer"))),
        ("2.50", Literal("2.50", datatype=NamedNode(XSD + "decimal"))),
        ("1988-06-20", Literal("1988-06-20", datatype=NamedNode(XSD + "date"))),
        ("true", Literal("true", datatype=NamedNode(XSD + "boolean"))),
        ("ship:heron", NamedNode("https://example.org/id/ship/heron")),
    ],
)
def test_a_term_is_read_as_a_person_writes_it_and_written_back(text: str, term: Literal | NamedNode) -> None:
    assert PREFIXES.term(text) == term
    assert PREFIXES.shorten(term) == text


def test_the_longest_namespace_wins() -> None:
    assert PREFIXES.shorten(NamedNode("https://example.org/id/ship/heron")) == "ship:heron"
    assert PREFIXES.shorten(NamedNode("https://example.org/port")) == "ex:port"


def test_an_iri_that_no_curie_can_write_stays_an_iri() -> None:
    assert PREFIXES.shorten(NamedNode("https://example.org/a/b")) == "<https://example.org/a/b>"


@pytest.mark.parametrize(
    ("name", "advice"), [("agenci:nist", "Did you mean agency:nist?"), ("nist", "Write an IRI in full")]
)
def test_an_unknown_prefix_gets_advice_of_one_line(name: str, advice: str) -> None:
    known = {f"source-{n}": f"https://example.org/source/{n}#" for n in range(400)}
    with pytest.raises(InputError, match="known prefix") as error:
        Prefixes({"agency": "https://example.org/id/agency/", **known}).expand(name)
    assert advice in error.value.advice
    assert len(error.value.advice) < 120
