"""Every rule case of the shared suite: what follows, what must not, and which rule finds a contradiction."""

import json
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from kg.infer import closure
from kg.infer.rules import RULE

SUITE = Path(__file__).parents[3] / "shared" / "suites" / "owl2rl" / "rules"
CASES = sorted(path.name for path in SUITE.iterdir()) if SUITE.is_dir() else []


def triples(case: str, part: str) -> list[Triple]:
    return [quad.triple for quad in parse(path=str(SUITE / case / f"{part}.ttl"), format=RdfFormat.TURTLE)]


@pytest.fixture(autouse=True, scope="module")
def suite() -> None:
    if not CASES:
        pytest.skip(f"The rule cases are not at {SUITE}.")


@pytest.mark.parametrize("case", CASES or ["(absent)"])
def test_a_rule_concludes_what_the_specification_says(case: str) -> None:
    about = json.loads((SUITE / case / "meta.json").read_text())
    closed = closure(triples(case, "premise"), axiomatic=True)
    if about["kind"] == "inconsistency":
        assert about["rule"] in {each.rule for each in closed.inconsistencies}
    else:
        assert closed.inconsistencies == []
        assert all(triple in closed for triple in triples(case, "conclusion"))


@pytest.mark.parametrize("case", [case for case in CASES if (SUITE / case / "control.ttl").is_file()] or ["(absent)"])
def test_a_rule_concludes_no_more(case: str) -> None:
    about = json.loads((SUITE / case / "meta.json").read_text())
    closed = closure(triples(case, "control"), axiomatic=True)
    assert closed.inconsistencies == []
    if about["kind"] == "entailment":
        assert not all(triple in closed for triple in triples(case, "conclusion"))


@pytest.mark.parametrize("case", CASES or ["(absent)"])
def test_whatever_follows_is_proved(case: str) -> None:
    about = json.loads((SUITE / case / "meta.json").read_text())
    closed = closure(triples(case, "premise"), axiomatic=True)
    proofs = [closed.why(triple) for triple in closed.inferred]
    assert all(proofs)
    if about["kind"] == "entailment":
        assert about["rule"] in {step.rule for proof in proofs if proof for step in proof.walk()}


def test_every_rule_of_the_specification_has_a_case() -> None:
    assert {json.loads((SUITE / case / "meta.json").read_text())["rule"] for case in CASES} == set(RULE)
