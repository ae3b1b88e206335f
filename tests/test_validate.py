"""Checks before inference: each rule has a case that passes (the harbour as it is) and one that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kg import authored, validate
from kg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.project import Project

    Edit = Callable[[str, str, str], None]

CLAIMS, ENTITIES, SOURCES = "data/claims/ledger.trig", "data/entities/things.ttl", "data/sources/ledger.ttl"


def findings(project: Project) -> list[str]:
    return [str(f) for f in validate.before_inference(authored.read(project), project.root / "texts").findings]


def test_a_sound_project_has_no_finding(harbour: Project) -> None:
    assert findings(harbour) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "message"),
    [
        (CLAIMS, "h:visits", "h:vists", f"{CLAIMS}:8", "property h:vists does not exist"),
        (ENTITIES, "a h:Ship", "a h:Shipp", f"{ENTITIES}:9", "class h:Shipp does not exist"),
        (CLAIMS, "port:saltmouth .", "port:saltmuth .", f"{CLAIMS}:8", "port:saltmuth is described nowhere"),
        (CLAIMS, "ledger:p2s2 {", "{", f"{CLAIMS}:12", "a fact without a passage: ship:heron h:mastCount 2"),
        (
            ENTITIES,
            'rdfs:label "Grey Bay"@en',
            'rdfs:label "Grey Bay"@en ;\n    h:liesIn bay:north',
            f"{ENTITIES}:23",
            "a fact without a passage: bay:grey h:liesIn bay:north",
        ),
        (CLAIMS, "ledger:p2s2 {", "ledger:p2s9 {", f"{CLAIMS}:12", "no source lists it as a passage"),
        (CLAIMS, "mastCount 2", 'mastCount "2"', f"{CLAIMS}:12", "A ship has one number of masts, an integer."),
        (SOURCES, "diplo:paragraph 4", "diplo:paragraph 5", "", "the source has no paragraph 5"),
        (SOURCES, "oa:start 0", "oa:start 1", "", "offsets or digest are not those of its sentence"),
        (SOURCES, '"Title."@en', '"Finch saw the brig Heron call at Saltmouth. She"@en', SOURCES, "stand in ledger"),
        (SOURCES, "diplo:outOfScope true", "diplo:outOfScope false", "", "ledger:p1s1 states no fact"),
        (CLAIMS, "ledger:p2s1 {", "ledger:p1s1 {", "", "out of scope and yet states facts"),
    ],
)
def test_a_fault_is_found_with_its_place(
    harbour: Project, edit: Edit, file: str, old: str, new: str, place: str, message: str
) -> None:
    edit(file, old, new)
    assert any(message in f and place in f for f in findings(harbour)), findings(harbour)


def test_a_mistyped_term_comes_with_the_likely_one(harbour: Project, edit: Edit) -> None:
    edit(CLAIMS, "h:visits", "h:vists")
    assert any("Did you mean h:visits?" in f for f in findings(harbour))


def test_names_of_things_are_not_copies(harbour: Project, edit: Edit) -> None:
    edit(SOURCES, '"The Ledger"@en ;\n    dcterms', '"Finch saw the brig Heron call at Saltmouth"@en ;\n    dcterms')
    edit(SOURCES, '"Title."@en', '"Tells that Finch saw the brig Heron call at Saltmouth."@en')
    assert findings(harbour) == []


def test_a_syntax_error_names_file_line_and_column(harbour: Project, edit: Edit) -> None:
    edit(CLAIMS, "h:visits port:saltmouth .", "h:visits .")
    with pytest.raises(InputError, match=rf"{CLAIMS}:8:\d+: ") as error:
        authored.read(harbour)
    assert error.value.exit_code == 1


def test_a_prefix_that_means_two_things_names_both_files(harbour: Project, edit: Edit) -> None:
    edit(CLAIMS, "https://example.org/harbour/id/bay/", "https://example.org/other/")
    with pytest.raises(InputError, match="the prefix 'bay:' means") as error:
        authored.read(harbour)
    assert ENTITIES in str(error.value)
    assert CLAIMS in str(error.value)


def test_rdflib_reads_the_same_triples_as_oxigraph(root: object) -> None:
    from kg.project import Project
    from kg.terms import from_rdflib_term, to_rdflib

    project = Project(root)  # type: ignore[arg-type]
    import rdflib

    for file in authored.read(project).files:
        if file.path.suffix == ".ttl" and file.part != "shapes":
            theirs = rdflib.Graph().parse(file.path)
            ours = to_rdflib(file.graphs.get(None, []))
            if not any(isinstance(s, rdflib.BNode) for s in theirs.subjects()):
                assert {tuple(map(from_rdflib_term, t)) for t in theirs} == {
                    tuple(map(from_rdflib_term, t)) for t in ours
                }
