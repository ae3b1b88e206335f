"""What must be true of the graph that this repository publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from kg import authored, evidence, validate
from kg.audit import audit
from kg.project import Project
from kg.validate import copying, locators
from kg.vocab import LABEL, OUT_OF_SCOPE, TYPE

if TYPE_CHECKING:
    from pathlib import Path

    from kg.authored import Authored
    from kg.query.engine import Engine

BASE = "https://w3id.org/ai-diplomacy/"
ARTICLE = NamedNode(f"{BASE}source/jacobs-2023")


@pytest.fixture(scope="module")
def written(root: Path) -> Authored:
    return authored.read(Project(root))


@pytest.fixture(scope="module")
def quads(graph: Engine) -> list[ox.Quad]:
    return list(ox.parse(path=str(graph.dataset.quads), format=ox.RdfFormat.N_QUADS))


def test_every_sentence_of_the_article_is_accounted_for(graph: Engine) -> None:
    covered = evidence.coverage(graph, ARTICLE)
    assert len(covered) >= 86
    assert [c.passage.value for c in covered if not c.accounted_for] == []


def test_every_sentence_of_the_article_is_a_passage(written: Authored, shared: Path) -> None:
    from kg.locate import SourceText

    text = SourceText((shared / "sources/jacobs-2023.txt").read_text(encoding="utf-8"))
    listed = {p.value.rsplit("#", 1)[1] for p, source in written.source_of.items() if source == ARTICLE}
    assert {f"p{paragraph}s{sentence}" for paragraph, sentence, _ in text.sentences()} <= listed


def test_every_locator_and_digest_matches_its_text(written: Authored, shared: Path) -> None:
    assert list(locators.check(written, shared / "sources")) == []


def test_no_sentence_of_a_source_is_copied(written: Authored, shared: Path) -> None:
    assert list(copying.check(written, shared / "sources")) == []


def test_no_fact_lies_outside_a_passage(written: Authored) -> None:
    from kg.validate import evidence_rules

    assert [f for f in evidence_rules.check(written) if f.severity == validate.Severity.VIOLATION] == []


def test_every_thing_has_a_fact_and_every_passage_a_reason(graph: Engine) -> None:
    found = audit(graph)
    assert [t.value for t in found.orphans] == []
    assert [p.value for p in found.silent_passages] == []


def test_no_blank_node_is_published_outside_the_syntax_of_owl_and_shacl(quads: list[ox.Quad]) -> None:
    syntax = {f"{BASE}graph/ontology", f"{BASE}graph/shapes"}
    for quad in quads:
        if getattr(quad.graph_name, "value", "") in syntax or isinstance(quad.graph_name, ox.DefaultGraph):
            continue
        assert not isinstance(quad.subject, BlankNode), quad
        assert not isinstance(quad.object, BlankNode), quad


def test_every_label_has_a_language(quads: list[ox.Quad]) -> None:
    for quad in quads:
        if quad.predicate == LABEL:
            assert isinstance(quad.object, Literal)
            assert quad.object.language, quad


def test_every_iri_of_ours_is_described(quads: list[ox.Quad]) -> None:
    described = {q.subject for q in quads if q.predicate == TYPE}
    graphs = {q.graph_name for q in quads}
    documents = {NamedNode(f"{BASE}{name}") for name in ("ontology/1.0.0", "sparql", "void")}
    known = described | graphs | documents
    for quad in quads:
        for term in (quad.subject, quad.object):
            if isinstance(term, NamedNode) and term.value.startswith(BASE) and "/download/" not in term.value:
                # A namespace, and a node of the description, are answered by their document.
                document = NamedNode(term.value.split("#")[0])
                by_document = term.value.endswith("#") or term.value.startswith(f"{BASE}void#")
                assert (document if by_document else term) in known, term


def test_nothing_expected_is_stated_without_its_status(written: Authored) -> None:
    status = NamedNode(f"{BASE}ontology#status")
    expected = {t.subject for t in written.stated if t.predicate == status and t.object.value.endswith("/expected")}  # type: ignore[union-attr]
    signed = {NamedNode(f"{BASE}ontology#{name}") for name in ("dateSigned", "dateEnacted")}
    assert [t for t in written.stated if t.subject in expected and t.predicate in signed] == []


def test_a_passage_without_facts_says_why(written: Authored) -> None:
    silent = {t.subject for t in written.sources if t.predicate == OUT_OF_SCOPE}
    explained = {t.subject for t in written.sources if t.predicate.value.endswith("#comment")}
    assert silent <= explained
