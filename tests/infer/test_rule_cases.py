"""Every rule of Tables 4 to 9 of OWL 2 Profiles: what it gives, what it must not give, what contradicts."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.infer import Closure, closure
from kg.infer.rules import RULES

CASES = Path(__file__).resolve().parents[3] / "shared/suites/owl2rl/rules"
NAMES = sorted(folder.name for folder in CASES.iterdir()) if CASES.is_dir() else []
MISSING = pytest.mark.skipif(not NAMES, reason="the rule cases are not beside the repository")


def triples(name: str, part: str) -> list[ox.Triple]:
    file = CASES / name / f"{part}.ttl"
    if not file.is_file():
        return []
    return [quad.triple for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE)]


@cache
def about(name: str) -> dict[str, str]:
    meta: dict[str, str] = json.loads((CASES / name / "meta.json").read_text(encoding="utf-8"))
    return meta


def closed(name: str, part: str) -> Closure:
    return closure(triples(name, part), axiomatic=True)


@MISSING
@pytest.mark.parametrize("name", [n for n in NAMES if about(n)["kind"] == "entailment"])
def test_the_conclusion_follows_from_the_premise(name: str) -> None:
    result = closed(name, "premise")
    missing = [str(t) for t in triples(name, "conclusion") if t not in result]
    assert missing == []
    assert result.inconsistencies == []


@MISSING
@pytest.mark.parametrize("name", [n for n in NAMES if about(n)["kind"] == "entailment" and triples(n, "control")])
def test_the_conclusion_does_not_follow_from_the_control(name: str) -> None:
    result = closed(name, "control")
    assert not all(t in result for t in triples(name, "conclusion"))


@MISSING
@pytest.mark.parametrize("name", [n for n in NAMES if about(n)["kind"] == "inconsistency"])
def test_a_contradiction_is_found_and_named_by_its_rule(name: str) -> None:
    found = {i.rule for i in closed(name, "premise").inconsistencies}
    assert about(name)["rule"] in found


@MISSING
@pytest.mark.parametrize("name", [n for n in NAMES if about(n)["kind"] == "inconsistency" and triples(n, "control")])
def test_the_control_does_not_contradict_itself(name: str) -> None:
    assert closed(name, "control").inconsistencies == []


@MISSING
def test_every_rule_of_the_specification_has_a_case() -> None:
    assert {about(name)["rule"] for name in NAMES} == {rule.name for rule in RULES}


@MISSING
@pytest.mark.parametrize("name", NAMES)
def test_whatever_follows_is_proved_and_the_rule_is_used(name: str) -> None:
    result = closed(name, "premise")
    proofs = [result.why(triple) for triple in result.inferred]
    assert all(proofs)
    if about(name)["kind"] == "entailment":
        assert about(name)["rule"] in {step.rule for proof in proofs if proof for step in proof.walk()}
