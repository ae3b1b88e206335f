from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from live_server import BASE, LiveServer, write_artifact

from kg.query.dataset import Dataset
from kg.web.app import create_app
from kg.web.service import service
from kg.web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient


@pytest.fixture(scope="session")
def web_dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    lines = [f'<{BASE}thing/{n}> <{BASE}name> "物 {n}"@ja .' for n in range(500)]
    lines += [f"<{BASE}a> <{BASE}in> <{BASE}g1> <{BASE}g1> ."]
    path = tmp_path_factory.mktemp("web") / "graph.nq"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Dataset.of_quads(path, BASE, {"ex": BASE})


@pytest.fixture(scope="session")
def web_settings() -> Settings:
    return Settings(
        workers=2,
        timeout=1.0,
        memory=256,
        queue=2,
        queue_timeout=0.5,
        request_limit=64,
        answer_limit=8,
        url="http://kg.test",
    )


@pytest.fixture(scope="session")
def app(web_dataset: Dataset, web_settings: Settings) -> Iterator[Flask]:
    made = create_app(web_dataset, web_settings)
    yield made
    service(made).close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory, web_dataset: Dataset) -> Iterator[LiveServer]:
    """A server with short limits, shared by all tests that do it no lasting harm."""
    folder = tmp_path_factory.mktemp("live")
    write_artifact(folder, web_dataset.quads.read_text(encoding="utf-8").splitlines(), "first")
    server = LiveServer(
        folder, workers=2, timeout=0.8, memory=256, request_limit=256, request_timeout=1.0, answer_limit=16
    )
    yield server
    server.stop()
