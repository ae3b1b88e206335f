"""What the parts of the application share: the engine of the moment, the settings, the cache, the metrics."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from flask import current_app

from kg.query.engine import Statistics
from kg.web.cache import AnswerCache
from kg.web.metrics import Metrics
from kg.web.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.typing import ResponseReturnValue

    from kg.query.dataset import Dataset
    from kg.query.engine import Engine
    from kg.web.problems import Problem
    from kg.web.protocol import Query
    from kg.web.settings import Settings

_EXTENSION = "kg"
# So many of the largest answers may lie on disk at the same time, waiting for their clients to read them.
_SPOOLED_ANSWERS = 4


class Service:
    """The state of one application. The engine may be exchanged for one with a newer build at any time.

    Attributes:
        settings: how to serve.
        cache: answers of ``/sparql``.
        spool: where answers that are too large for memory wait for their clients.
        metrics: what is counted.
        editor: makes the page that a browser gets at ``/sparql``, with the query of the request or ``None``.
        problem_page: makes the page that a browser gets for a problem; takes the problem and its problem object.

    """

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.settings = settings
        self.cache = AnswerCache(settings.cache << 20)
        self.spool = Spool(settings.answer_limit * _SPOOLED_ANSWERS << 20)
        self.metrics = Metrics(lambda: self.statistics())
        self.editor: Callable[[Query | None], ResponseReturnValue] | None = None
        self.problem_page: Callable[[Problem, dict[str, object]], str] | None = None
        self._engine = engine
        self._lock = threading.Lock()
        self._retired = Statistics()
        self._retiring: list[Engine] = []
        self.metrics.triples.set(engine.dataset.triples)

    @property
    def engine(self) -> Engine:
        """The engine to ask. Take it once for each request, and use its dataset with it."""
        return self._engine

    @property
    def dataset(self) -> Dataset:
        """The dataset of the engine."""
        return self._engine.dataset

    @property
    def url(self) -> str:
        """The URL under which clients reach the server, without a slash at the end."""
        return self.settings.public_url

    def statistics(self) -> Statistics:
        """Return how the engine is doing; restarts count from the start of the server, over all engines."""
        now = self._engine.statistics()
        past = self._retired.restarts
        causes = now.restarts.keys() | past.keys()
        total = {cause: now.restarts.get(cause, 0) + past.get(cause, 0) for cause in sorted(causes)}
        return Statistics(now.workers, now.idle, now.waiting, total)

    def exchange(self, engine: Engine) -> None:
        """Ask ``engine`` from now on. The old one is closed when no request can hold it any more."""
        with self._lock:
            old = self._engine
            retired = self.statistics()
            self._engine = engine
            self._retired = retired
            self._retiring.append(old)
            self.cache.clear()
            self.metrics.triples.set(engine.dataset.triples)
            self.metrics.reloads.inc()
        timer = threading.Timer(self.settings.timeout + self.settings.queue_timeout + 1, self._retire, (old,))
        timer.daemon = True
        timer.start()

    def close(self) -> None:
        """Stop all engines; requests under way may finish."""
        with self._lock:
            engines, self._retiring = [self._engine, *self._retiring], []
        for engine in engines:
            engine.close()
        self.spool.close()

    def _retire(self, engine: Engine) -> None:
        with self._lock:
            if engine in self._retiring:
                self._retiring.remove(engine)
        engine.close()

    def attach(self, app: Flask) -> None:
        """Make this the service of ``app``, to be had by :func:`service`."""
        app.extensions[_EXTENSION] = self


def service(app: Flask | None = None) -> Service:
    """Return the service of ``app``, or of the application that handles the request."""
    found = (app or current_app).extensions[_EXTENSION]
    assert isinstance(found, Service)  # noqa: S101 - set by attach and nobody else
    return found
