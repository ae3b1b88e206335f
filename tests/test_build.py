"""The pipeline: what a build writes, when it builds again, and what a failed build leaves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kg import build as building
from kg.build import BuildError, build, current

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.project import Project

    Edit = Callable[[str, str, str], None]

CLAIMS = "data/claims/ledger.trig"
BASE = "https://example.org/harbour/"


def store(project: Project) -> ox.Store:
    artifact = current(project)
    assert artifact is not None
    loaded = ox.Store()
    loaded.load(path=str(artifact.dataset.quads), format=ox.RdfFormat.N_QUADS)
    return loaded


def ask(project: Project, pattern: str) -> bool:
    prefixes = "".join(
        f"PREFIX {name}: <{BASE}{path}>"
        for name, path in {
            "h": "ontology#",
            "ship": "id/ship/",
            "port": "id/port/",
            "bay": "id/bay/",
            "ledger": "source/ledger#",
            "graph": "graph/",
        }.items()
    )
    return bool(store(project).query(f"{prefixes} ASK {{ {pattern} }}"))


def test_the_default_graph_holds_accepted_and_inferred_facts(harbour: Project) -> None:
    build(harbour)
    assert ask(harbour, "ship:heron h:visits port:saltmouth")
    assert ask(harbour, "port:saltmouth h:isVisitedBy ship:heron")
    assert ask(harbour, "port:saltmouth h:liesIn bay:north")


def test_a_passage_is_a_named_graph(harbour: Project) -> None:
    build(harbour)
    assert ask(harbour, "GRAPH ledger:p2s2 { ship:heron h:mastCount 2 }")


def test_a_rejected_fact_stays_in_its_passage_and_out_of_the_default_graph(harbour: Project) -> None:
    build(harbour)
    assert ask(harbour, "GRAPH ledger:p4s1 { ship:heron h:mastCount 3 }")
    assert not ask(harbour, "ship:heron h:mastCount 3")
    assert not ask(harbour, "GRAPH graph:accepted { ship:heron h:mastCount 3 }")


def test_inferred_facts_are_in_a_graph_of_their_own(harbour: Project) -> None:
    build(harbour)
    assert ask(harbour, "GRAPH graph:inferred { port:saltmouth h:liesIn bay:north }")
    assert not ask(harbour, "GRAPH graph:inferred { port:saltmouth h:liesIn bay:grey }")
    assert not ask(harbour, "GRAPH graph:accepted { port:saltmouth h:liesIn bay:north }")


def test_no_blank_node_is_published_outside_ontology_and_shapes(harbour: Project) -> None:
    build(harbour)
    syntax = {f"{BASE}graph/ontology", f"{BASE}graph/shapes"}
    for quad in store(harbour):
        if getattr(quad.graph_name, "value", "") not in syntax and not isinstance(quad.graph_name, ox.DefaultGraph):
            assert not isinstance(quad.subject, ox.BlankNode)
            assert not isinstance(quad.object, ox.BlankNode)


def test_an_unchanged_project_is_not_built_again(harbour: Project) -> None:
    assert build(harbour).fresh
    assert not build(harbour).fresh


def test_a_changed_project_is_built_again(harbour: Project, edit: Edit) -> None:
    first = build(harbour)
    edit(CLAIMS, "mastCount 2", "mastCount 1")
    second = build(harbour)
    assert second.fresh
    assert second.digest != first.digest
    assert ask(harbour, "ship:heron h:mastCount 1")


def test_the_same_project_gives_the_same_bytes(harbour: Project) -> None:
    first = build(harbour).dataset.quads.read_bytes()
    assert build(harbour, force=True).dataset.quads.read_bytes() == first


def test_the_manifest_counts_what_the_file_holds(harbour: Project) -> None:
    artifact = build(harbour)
    manifest = json.loads((artifact.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["quads"] == len(store(harbour))
    assert manifest["triples"]["default"] == sum(isinstance(q.graph_name, ox.DefaultGraph) for q in store(harbour))
    assert manifest["inferred_by_rule"]["prp-trp"] == 1
    assert manifest["timings"]["total"] > 0


def test_a_shape_violation_stops_the_build_and_leaves_the_last_good_one(harbour: Project, edit: Edit) -> None:
    good = build(harbour)
    edit(CLAIMS, "mastCount 2", 'mastCount "2"')
    with pytest.raises(BuildError) as error:
        build(harbour)
    assert any("A ship has one number of masts" in f.message for f in error.value.report.violations)
    last = current(harbour)
    assert last is not None
    assert last.digest == good.digest
    assert last.dataset.quads.is_file()


def test_an_inconsistency_names_the_rule_the_axiom_the_triples_and_their_passages(harbour: Project, edit: Edit) -> None:
    edit(CLAIMS, "ship:heron h:visits port:saltmouth .", "port:saltmouth h:visits port:saltmouth .")
    with pytest.raises(BuildError) as error:
        build(harbour)
    (finding,) = error.value.report.violations
    text = str(finding)
    assert "cax-dw" in text
    assert "h:Port owl:disjointWith h:Ship" in text
    assert "ledger:p2s1" in text


def test_what_must_hold_after_inference_is_checked(harbour: Project, edit: Edit) -> None:
    edit(CLAIMS, "ship:heron h:visits port:saltmouth .", "ship:heron h:mastCount 2 .")
    with pytest.raises(BuildError, match="after inference") as error:
        build(harbour)
    assert any("at least one ship" in f.message for f in error.value.report.violations)


def test_any_files_become_a_dataset_as_they_are(harbour: Project) -> None:
    folder = harbour.root / "out"
    folder.mkdir()
    dataset = building.of_files([harbour.root / CLAIMS], folder, "http://127.0.0.1/")
    assert dataset.triples == 0
    assert sum(dataset.graphs.values()) == 7
    assert dataset.prefixes["ship"] == f"{BASE}id/ship/"


def test_the_owlrl_engine_gives_the_same_graph(harbour: Project) -> None:
    ours = build(harbour).dataset.quads.read_bytes()
    theirs = build(harbour, force=True, engine="owlrl").dataset.quads.read_bytes()
    assert ours == theirs


def test_builds_at_the_same_time_do_not_disturb_each_other(harbour: Project) -> None:
    build(harbour)
    under_way = harbour.build_folder / ".another.1.new"
    under_way.mkdir()
    build(harbour, force=True)
    assert under_way.is_dir()
    last = current(harbour)
    assert last is not None
    assert last.dataset.quads.is_file()
