"""Pages while nobody answers queries: a browser is told what is wrong, in whatever look can be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kg.query.remote import RemoteStore
from kg.web.app import create_app
from kg.web.pages import blueprints
from kg.web.settings import Settings

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from kg.query.dataset import Dataset


@pytest.fixture(scope="module")
def lonely(web_dataset: Dataset) -> FlaskClient:
    store = RemoteStore("http://127.0.0.1:1/", web_dataset)
    return create_app(store, Settings(url="http://kg.test"), blueprints=blueprints()).test_client()


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize(
    "path", ["/", "/describe?iri=http://e/", "/id/thing", "/search?q=x:y", "/proof?s=x:a&p=x:b&o=x:c"]
)
def test_a_page_is_a_bad_gateway(lonely: FlaskClient, path: str, accept: str) -> None:
    response = lonely.get(path, headers={"Accept": accept})
    assert response.status_code == 502
    assert response.content_type.startswith("text/html" if accept == "text/html" else "application/problem+json")
    assert "The store does not answer" in response.text
    assert "problems/bad-gateway" in response.text


def test_other_problems_are_told_too(lonely: FlaskClient) -> None:
    response = lonely.put("/sparql", headers={"Accept": "text/html"})
    assert (response.status_code, response.content_type) == (405, "text/html; charset=utf-8")
    assert "problems/method-not-allowed" in response.text


def test_what_needs_no_engine_is_answered(lonely: FlaskClient) -> None:
    for path in ("/static/site.css", "/robots.txt", "/problems/busy", "/health/live", "/metrics"):
        assert lonely.get(path).status_code == 200
