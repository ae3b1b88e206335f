from __future__ import annotations

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.query.tokens import complexity, is_repeatable, tokens, with_bindings

THING = pyoxigraph.NamedNode("http://example.org/a")


def test_a_bound_variable_is_replaced_wherever_it_stands() -> None:
    text = with_bindings("SELECT ?o { ?s ?p ?o . FILTER EXISTS { $s ?q ?s2 } }", {"s": THING})
    assert (
        text.split()
        == "SELECT ?o { <http://example.org/a> ?p ?o . FILTER EXISTS { <http://example.org/a> ?q ?s2 } }".split()
    )


@pytest.mark.parametrize(
    "text", ['SELECT * { ?s ?p "?x" }', "SELECT * { ?s ?p <http://e/?x> } # ?x", "SELECT * { ?xy ?p '''?x''' }"]
)
def test_strings_iris_comments_and_longer_names_are_left_alone(text: str) -> None:
    with pytest.raises(ValueError, match="no variable"):
        with_bindings(text, {"x": THING})


@given(value=st.text(), language=st.sampled_from([None, "en", "ja"]))
def test_no_literal_can_break_out_of_its_quotes(value: str, language: str | None) -> None:
    literal = pyoxigraph.Literal(value, language=language)
    store = pyoxigraph.Store()
    (solution,) = list(store.query(with_bindings("SELECT (?x AS ?y) {}", {"x": literal})))
    assert solution["y"] == literal


def test_a_blank_node_cannot_be_bound() -> None:
    with pytest.raises(ValueError, match="blank node"):
        with_bindings("SELECT * { ?s ?p ?o }", {"s": pyoxigraph.BlankNode("b")})


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p ?o }",
        'SELECT * { ?s ?p "now() and rand()" }',
        "SELECT * { ?s ex:now ?o } # NOW()",
        "DESCRIBE <http://e/UUID>",
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)
def test_a_query_without_volatile_parts_is_repeatable(text: str) -> None:
    assert is_repeatable(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (NOW() AS ?t) {}",
        "select (now # comment\n() as ?t) {}",
        "SELECT * { FILTER(1=1RAND()) }",
        "SELECT (STRUUID() AS ?x) {}",
        "SELECT (BNODE() AS ?x) {}",
        "SELECT (\\u004eOW() AS ?t) {}",
        "CONSTRUCT { [] ?p ?o } WHERE { ?s ?p ?o }",
        "CONSTRUCT { _:b ?p ?o } WHERE { ?s ?p ?o }",
        "ASK {} #" + " " * 70_000,
    ],
)
def test_a_query_that_may_answer_differently_is_not_repeatable(text: str) -> None:
    assert not is_repeatable(text)


def test_complexity_counts_nesting_and_groups_outside_strings() -> None:
    assert complexity('SELECT * { { ?s ?p "{{{{" } OPTIONAL { ?s ?q (1 2) } FILTER(true) }') == (3, 3)


@given(st.text(alphabet="\"'\\<>a.-:?@#{}()\n "))
def test_tokens_come_in_order_and_never_overlap(text: str) -> None:
    position = 0
    for kind, word, start, end in tokens(text):
        assert position <= start < end <= len(text)
        assert kind == "variable" or text[start:end] == word
        position = end
