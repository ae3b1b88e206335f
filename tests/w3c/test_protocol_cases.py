"""The 34 W3C cases of the SPARQL 1.1 Protocol: 27 pass as they are, 7 are updates and refused with a problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

import protocol_cases
import pytest

from kg.query.dataset import Dataset
from kg.web.app import create_app
from kg.web.service import service
from kg.web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from protocol_cases import Exchange

CASES = protocol_cases.cases()
UPDATES = protocol_cases.updates(CASES)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    path = tmp_path_factory.mktemp("protocol") / "graph.nq"
    protocol_cases.write_dataset(path)
    app = create_app(Dataset.of_quads(path, "http://example.org/"), Settings(workers=2))
    yield app.test_client()
    service(app).close()


def answered(client: FlaskClient, step: Exchange) -> tuple[int, str, bytes]:
    response = client.open(step.path, method=step.method, headers=step.headers, data=step.body)
    return response.status_code, response.content_type, response.data


def test_the_suite_is_whole() -> None:
    if not CASES:
        pytest.skip("the conformance suites are not beside the repository")
    assert len(CASES) == 34
    assert len(UPDATES) == 7


@pytest.mark.parametrize("name", sorted(CASES.keys() - UPDATES))
def test_a_case_gets_the_response_that_the_manifest_expects(client: FlaskClient, name: str) -> None:
    for step in CASES[name]:
        assert protocol_cases.faults(step, *answered(client, step)) == []


@pytest.mark.parametrize("name", sorted(UPDATES))
def test_an_update_is_refused_with_a_problem(client: FlaskClient, name: str) -> None:
    updates = [step for step in CASES[name] if step.is_update]
    assert updates
    for step in updates:
        assert protocol_cases.refusal_faults(*answered(client, step)) == []
