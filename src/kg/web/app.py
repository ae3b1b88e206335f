"""The application factory: an engine and settings go in, a Flask application comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from kg.query.dataset import Dataset
from kg.query.pool import Pool
from kg.web import responses
from kg.web.operations import operations
from kg.web.service import Service
from kg.web.settings import Settings
from kg.web.sparql import sparql

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Blueprint

    from kg.query.engine import Engine


def create_app(
    source: Engine | Dataset, settings: Settings | None = None, *, blueprints: Iterable[Blueprint] = ()
) -> Flask:
    """Return the application that serves ``source``.

    Args:
        source: the engine to ask, or a dataset, for which a worker pool is started by the limits of the settings. Close
            it by ``kg.web.service.service(app).close()``.
        settings: how to serve; the defaults unless given.
        blueprints: further parts, such as pages; they find the engine by ``kg.web.service.service().engine``.

    Raises:
        Unavailable: the dataset cannot be loaded.

    """
    chosen = settings if settings is not None else Settings()
    engine: Engine = Pool(source, chosen.pool_limits) if isinstance(source, Dataset) else source
    app = Flask("kg.web", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = chosen.request_limit << 10
    app.url_map.merge_slashes = False
    Service(engine, chosen).attach(app)
    responses.install(app)
    for part in (sparql, operations, *blueprints):
        app.register_blueprint(part)
    return app
