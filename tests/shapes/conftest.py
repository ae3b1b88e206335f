"""Fixtures of the tests of shapes."""

from __future__ import annotations

import pytest
from examples import AFTER, ROOT, Stage, files, stage
from rdflib import Graph


@pytest.fixture(scope="session")
def stages() -> dict[str, Stage]:
    """Return both stages, validated once."""
    return {name: stage(name) for name in ("before", AFTER)}


@pytest.fixture(scope="session")
def all_shapes() -> Graph:
    """Return the shapes of both stages."""
    graph = Graph()
    for file in files("before") + files(AFTER):
        graph.parse(file)
    return graph


@pytest.fixture(scope="session")
def ontology() -> Graph:
    """Return the classes, properties and axioms of the ontology."""
    return Graph().parse(ROOT / "ontology" / "core.ttl")
