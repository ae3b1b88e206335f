from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kg.query.dataset import Dataset
from kg.query.pool import Pool, PoolLimits
from kg.web.app import create_app
from kg.web.pages import blueprints
from kg.web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

BASE = "http://files.test/"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Yield a client of a server of plain triples, without ontology, sources or descriptions."""
    path: Path = tmp_path_factory.mktemp("files") / "graph.nq"
    path.write_text(
        f"<{BASE}cat> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://e/Animal> .\n"
        f'<{BASE}cat> <http://www.w3.org/2000/01/rdf-schema#label> "Cat" .\n'
        f"<{BASE}cat> <http://e/likes> <http://e/milk> .\n"
        f"<{BASE}cat> <http://e/homepage> <javascript:alert(1)> .\n",
        encoding="utf-8",
    )
    with Pool(Dataset.of_quads(path, BASE), PoolLimits(workers=1)) as engine:
        yield create_app(engine, Settings(), blueprints=blueprints()).test_client()


@pytest.mark.parametrize(
    "address",
    ["/", "/about", "/classes", "/classes/Animal", "/search?q=cat", "/questions", "/sources", "/disagreements",
     "/timeline", "/download", "/sparql", "/cat", "/describe?iri=http://e/milk", "/completions.json"],
)  # fmt: skip
def test_every_page_works_without_a_project(files: FlaskClient, address: str) -> None:
    assert files.get(address, headers={"Accept": "text/html"}).status_code == 200


def test_no_page_leads_to_a_document_that_is_not_there(files: FlaskClient) -> None:
    for address in ("/", "/about", "/download"):
        page = files.get(address, headers={"Accept": "text/html"})
        for missing in ("/ontology", "/void", "/shapes"):
            assert f'href="{missing}' not in page.text
            assert f"<{missing}" not in page.headers.get("Link", "")


def test_an_iri_that_is_no_web_address_is_no_link_to_itself(files: FlaskClient) -> None:
    page = files.get("/cat", headers={"Accept": "text/html"}).text
    assert 'href="javascript:' not in page
    assert "/describe?iri=javascript%3Aalert%281%29" in page
