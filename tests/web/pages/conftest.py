from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg.build import build
from kg.project import Project
from kg.query.pool import Pool, PoolLimits
from kg.web.app import create_app
from kg.web.pages import blueprints
from kg.web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from kg.query.engine import Engine

HARBOUR = Path(__file__).resolve().parents[2] / "harbour"
SHIPS = 130

_PREFIXES = """
@prefix diplo: <https://w3id.org/ai-diplomacy/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix fleet: <https://example.org/harbour/source/fleet#> .
@prefix h: <https://example.org/harbour/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix port: <https://example.org/harbour/id/port/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix ship: <https://example.org/harbour/id/ship/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix source: <https://example.org/harbour/source/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


@pytest.fixture(scope="session")
def harbour_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return the harbour project with a busy port, dates, a version, and a ship whose IRI is not ASCII."""
    root = tmp_path_factory.mktemp("pages") / "harbour"
    shutil.copytree(HARBOUR, root)
    (root / "ontology" / "more.ttl").write_text(
        _PREFIXES
        + """
<https://example.org/harbour/ontology> owl:versionIRI <https://example.org/harbour/ontology/1.0.0> ;
    dcterms:title "港"@ja ; dcterms:description "Ships and where they call. <b>"@en .
h:Vessel a owl:Class ; rdfs:label "vessel"@en ; skos:definition "What floats."@en .
h:Ship rdfs:subClassOf h:Vessel .
diplo:dateFrom a owl:DatatypeProperty . diplo:dateTo a owl:DatatypeProperty . diplo:locator a owl:DatatypeProperty .
""",
        encoding="utf-8",
    )
    things = "".join(f'ship:s{n:03} a h:Ship ; rdfs:label "Boat {n:03}"@en .\n' for n in range(SHIPS))
    (root / "data" / "entities" / "fleet.ttl").write_text(
        _PREFIXES
        + things
        + '<https://example.org/harbour/id/ship/鶴> a h:Ship ; rdfs:label "Crane"@en ;'
        + 'skos:altLabel "<i>Tsuru</i>"@ja .',
        encoding="utf-8",
    )
    (root / "data" / "sources" / "fleet.ttl").write_text(
        _PREFIXES
        + """
source:fleet a diplo:Source ; rdfs:label "The Fleet List"@en ; dcterms:title "The Fleet List"@en .
fleet:list a diplo:Passage ; diplo:isPassageOf source:fleet ; diplo:locator "the list"@en .
""",
        encoding="utf-8",
    )
    visits = " , ".join(["port:saltmouth"])
    claims = "".join(f"    ship:s{n:03} h:visits {visits} .\n" for n in range(SHIPS))
    (root / "data" / "claims" / "fleet.trig").write_text(
        _PREFIXES
        + "fleet:list {\n"
        + claims
        + '    ship:s000 diplo:dateFrom "1900-01-01"^^xsd:date ; diplo:dateTo "1910-06-30"^^xsd:date .\n'
        + '    ship:s001 diplo:dateFrom "1905-01-01"^^xsd:date .\n}\n',
        encoding="utf-8",
    )
    return Project(root)


@pytest.fixture(scope="session")
def engine(harbour_project: Project) -> Iterator[Engine]:
    with Pool(build(harbour_project).dataset, PoolLimits(workers=1)) as made:
        yield made


@pytest.fixture(scope="session")
def site(engine: Engine) -> Flask:
    return create_app(engine, Settings(url="http://harbour.test"), blueprints=blueprints())


@pytest.fixture
def client(site: Flask) -> FlaskClient:
    return site.test_client()


@pytest.fixture
def get(client: FlaskClient) -> Callable[..., TestResponse]:
    """Return a function that gets an address as a browser does, or as a client that accepts another type."""

    def ask(address: str, accept: str = "text/html", **headers: str) -> TestResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.get(address, headers={"Accept": accept, **given})

    return ask
