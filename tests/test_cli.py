"""The commands as a user runs them: what they print, and how they end."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from kg.build import current
from kg.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kg.project import Project

    Edit = Callable[[str, str, str], None]

CLAIMS = "data/claims/ledger.trig"


def run(*words: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, list(words), input=text)


def kg(project: Project, command: str, *words: str, text: str | None = None) -> Result:
    return run(command, *words, "--project", str(project.root), text=text)


def test_the_help_lists_every_command_with_a_sentence() -> None:
    result = run("--help")
    assert result.exit_code == 0
    for name, command in main.commands.items():
        assert name in result.output
        assert command.help, name


def test_a_build_says_what_it_built_and_that_nothing_changed(harbour: Project) -> None:
    assert "Built" in kg(harbour, "build").output
    assert "Nothing changed" in kg(harbour, "build").output


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (CLAIMS, "h:visits port:saltmouth .", "h:visits .", [f"{CLAIMS}:8:"]),
        (CLAIMS, "h:visits", "h:vists", [f"{CLAIMS}:8", "h:vists does not exist", "Did you mean h:visits?"]),
        (CLAIMS, "ledger:p2s2 {", "{", [f"{CLAIMS}:12", "a fact without a passage"]),
        (
            CLAIMS,
            "mastCount 2",
            'mastCount "2"',
            [f"{CLAIMS}:12", "A ship has one number of masts", "s:Ship-mastCount"],
        ),
        (CLAIMS, "ship:heron h:visits", "port:saltmouth h:visits", ["cax-dw", "ledger:p2s1"]),
    ],
    ids=["syntax error", "unknown term", "fact without a passage", "shape violation", "inconsistency"],
)
@pytest.mark.parametrize("command", ["build", "validate"])
def test_wrong_content_gets_one_clear_message_and_exit_code_1(
    harbour: Project, edit: Edit, command: str, file: str, old: str, new: str, words: list[str]
) -> None:
    kg(harbour, "build")
    good = current(harbour)
    edit(file, old, new)
    result = kg(harbour, command)
    assert result.exit_code == 1
    assert all(word in result.output for word in words), result.output
    assert "Traceback" not in result.output
    last = current(harbour)
    assert good is not None
    assert last is not None
    assert last.digest == good.digest


@pytest.mark.parametrize(
    "words",
    [
        ["query", "no-such-file.rq"],
        ["describe", "boat:heron"],
        ["evidence", "ship:heron", "h:mastCount", "boat:x"],
        ["coverage", "no-such-source"],
        ["ask", "no-such-question"],
        ["export", "--format", "word", "-o", "out"],
        ["query", "-", "--format", "word"],
    ],
)
def test_a_wrong_call_gets_one_clear_message_and_exit_code_2(harbour: Project, words: list[str]) -> None:
    result = kg(harbour, words[0], *words[1:])
    assert result.exit_code == 2
    assert "Error: " in result.output
    assert "Traceback" not in result.output


def test_a_folder_without_a_project_is_refused(tmp_path: Path) -> None:
    result = run("build", "--project", str(tmp_path))
    assert result.exit_code == 2
    assert "There is no project" in result.output


def test_a_port_in_use_is_said_with_a_way_out(harbour: Project) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = kg(harbour, "serve", "--port", str(taken.getsockname()[1]))
    assert result.exit_code == 1
    assert "in use" in result.output
    assert "--port" in result.output


def test_a_setting_that_does_not_fit_is_refused(harbour: Project) -> None:
    result = kg(harbour, "serve", "--timeout", "-1")
    assert result.exit_code == 2
    assert "timeout" in result.output


def test_a_query_is_answered_as_a_table_and_as_csv(harbour: Project) -> None:
    question = "PREFIX h: <https://example.org/harbour/ontology#> SELECT ?ship ?port { ?ship h:visits ?port }"
    assert "ship:heron\tport:saltmouth" in kg(harbour, "query", "-", text=question).output
    result = kg(harbour, "query", "-", "--format", "csv", text=question)
    assert result.output.splitlines()[0] == "ship,port"


def test_a_syntax_error_in_a_query_names_line_and_column(harbour: Project) -> None:
    result = kg(harbour, "query", "-", text="SELECT * {\n ?s ?p }")
    assert result.exit_code == 1
    assert "line 2, column" in result.output


def test_a_fact_leads_to_its_passage_and_an_inferred_one_to_why(harbour: Project) -> None:
    stated = kg(harbour, "evidence", "ship:heron", "h:mastCount", "2")
    assert "ledger:p2s2" in stated.output
    inferred = kg(harbour, "evidence", "port:saltmouth", "h:liesIn", "bay:north")
    assert "kg why" in inferred.output
    unknown = kg(harbour, "evidence", "ship:heron", "h:mastCount", "9")
    assert unknown.exit_code == 1


def test_why_prints_a_proof_down_to_passages(harbour: Project) -> None:
    result = kg(harbour, "why", "port:saltmouth", "h:liesIn", "bay:north")
    assert result.exit_code == 0
    assert "prp-trp" in result.output
    assert "ledger:p3s1" in result.output
    as_json = kg(harbour, "why", "port:saltmouth", "h:liesIn", "bay:north", "--format", "json")
    assert json.loads(as_json.output)["triples"][0]["rule"] == "prp-trp"


def test_describe_shows_facts_with_passages_and_what_points_at_the_thing(harbour: Project) -> None:
    result = kg(harbour, "describe", "port:saltmouth")
    assert "bay:grey\tledger:p3s1" in result.output
    assert "ship:heron\th:visits\tledger:p2s1" in result.output


def test_every_export_holds_the_same_claims(harbour: Project, tmp_path: Path) -> None:
    formats = ["ttl", "nt", "nq", "trig", "jsonld", "rdfxml", "trig-claims", "rdf12"]
    words = [word for name in formats for word in ("--format", name)]
    assert kg(harbour, "export", *words, "-o", str(tmp_path / "out")).exit_code == 0
    graphs = {f.name: list(ox.parse(path=str(f))) for f in (tmp_path / "out").iterdir() if f.name.count(".") == 1}
    assert len({frozenset(map(str, graphs[name])) for name in ("graph.nq", "graph.trig")}) == 1
    assert len(graphs["graph.nt"]) == len(graphs["graph.ttl"]) == len(graphs["graph.rdf"])


def test_claims_as_nodes_and_as_reifiers_are_the_claims_of_the_passages(harbour: Project, tmp_path: Path) -> None:
    import rdflib

    kg(harbour, "export", "--format", "nq", "--format", "trig-claims", "--format", "rdf12", "-o", str(tmp_path))
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    diplo = "https://w3id.org/ai-diplomacy/ontology#"
    quads = list(ox.parse(path=str(tmp_path / "graph.nq")))
    stated = {
        (str(q.subject), str(q.predicate), str(q.object), str(q.graph_name)) for q in quads if "#p" in str(q.graph_name)
    }
    by_oxigraph = list(ox.parse(path=str(tmp_path / "graph.rdf12.trig"), format=ox.RdfFormat.TRIG))
    passage = {q.subject: q.object for q in by_oxigraph if q.predicate.value == diplo + "statedIn"}
    reified = {
        (str(q.object.subject), str(q.object.predicate), str(q.object.object), str(passage[q.subject]))
        for q in by_oxigraph
        if q.predicate.value == rdf + "reifies" and isinstance(q.object, ox.Triple)
    }
    assert reified == stated
    by_rdflib = rdflib.Dataset(default_union=True)
    by_rdflib.parse(tmp_path / "graph.claims.trig", format="trig")
    nodes = {
        tuple(
            by_rdflib.value(claim, rdflib.URIRef(p)).n3()
            for p in (rdf + "subject", rdf + "predicate", rdf + "object", diplo + "statedIn")
        )
        for claim in by_rdflib.subjects(rdflib.RDF.type, rdflib.RDF.Statement)
    }
    assert {n[3] for n in nodes} == {s[3] for s in stated}
    assert len(nodes) == len(stated)


def test_exports_are_the_same_bytes_every_time(harbour: Project, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        kg(harbour, "export", "--format", "trig", "--format", "jsonld", "-o", str(tmp_path / folder))
    for name in ("graph.trig", "graph.jsonld"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_any_files_are_closed_under_owl_2_rl(harbour: Project, tmp_path: Path) -> None:
    data = tmp_path / "data.ttl"
    data.write_text(
        "@prefix h: <https://example.org/harbour/ontology#> .\n"
        "<http://x/a> h:liesIn <http://x/b> .\n<http://x/b> h:liesIn <http://x/c> ."
    )
    out = tmp_path / "out.nt"
    result = run("infer", str(harbour.root / "ontology/core.ttl"), str(data), "-o", str(out), "--profile")
    assert result.exit_code == 0, result.output
    assert "prp-trp" in result.output
    assert any("x/a" in str(q) and "x/c" in str(q) for q in ox.parse(path=str(out)))


@pytest.mark.parametrize("ending", ["nt", "ttl"])
def test_blank_nodes_of_two_files_are_two(tmp_path: Path, ending: str) -> None:
    one, other, out = tmp_path / "one.nt", tmp_path / "other.ttl", tmp_path / f"out.{ending}"
    one.write_text('_:b <http://x/p> "one" .\n')
    other.write_text('_:b <http://x/p> "other" .')
    result = run("infer", str(one), str(other), "-o", str(out))
    assert result.exit_code == 0, result.output
    assert "2 triples read, 0 inferred, 2 written" in result.output
    assert len({quad.subject for quad in ox.parse(path=str(out))}) == 2


@pytest.mark.parametrize("ending", ["nt", "ttl"])
def test_a_malformed_file_leaves_the_last_closure_as_it_was(tmp_path: Path, ending: str) -> None:
    bad, out = tmp_path / "bad.nt", tmp_path / f"out.{ending}"
    bad.write_text("<http://x/a> <http://x/p> <http://x/b> .\n<http://x/a> <http://x/p> .\n")
    out.write_text("what was there")
    result = run("infer", str(bad), "-o", str(out))
    assert result.exit_code == 1
    assert "bad.nt:2:" in result.output
    assert out.read_text() == "what was there"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.nt", out.name]


def test_only_what_was_inferred_is_written_if_asked_for(tmp_path: Path) -> None:
    data, out = tmp_path / "data.nt", tmp_path / "out.nt"
    data.write_text(
        "<http://x/a> <http://x/p> <http://x/b> .\n"
        "<http://x/p> <http://www.w3.org/2002/07/owl#inverseOf> <http://x/q> .\n"
    )
    result = run("infer", str(data), "-o", str(out), "--inferred-only")
    assert "2 triples read, 1 inferred, 1 written" in result.output
    assert out.read_text() == "<http://x/b> <http://x/q> <http://x/a> .\n"


def test_an_output_whose_ending_names_no_syntax_is_refused(harbour: Project, tmp_path: Path) -> None:
    result = run("infer", str(harbour.root / "ontology/core.ttl"), "-o", str(tmp_path / "out.doc"))
    assert result.exit_code == 2
    assert "names no RDF syntax" in result.output


def test_coverage_of_a_whole_source_is_complete(harbour: Project) -> None:
    result = kg(harbour, "coverage", "ledger")
    assert result.exit_code == 0
    assert "100 % of 5 passages" in result.output


@pytest.mark.parametrize("command", ["stats", "disagreements", "audit", "ask"])
def test_reports_are_printed(harbour: Project, command: str) -> None:
    result = kg(harbour, command)
    assert result.exit_code == 0, result.output
    assert result.output.strip()


def test_locate_writes_locators(harbour: Project) -> None:
    result = kg(harbour, "locate", "--texts", str(harbour.root / "texts"))
    assert result.exit_code == 0
    assert "data/sources/ledger.ttl\t5\t0\tno" in result.output
