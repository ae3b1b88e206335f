"""What the server counts, in a Prometheus registry of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client.registry import Collector  # noqa: F401 - names the protocol that _Engine follows

    from kg.query.engine import Statistics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The counters, histograms and gauges of one server; ``statistics`` tells how its engine is doing."""

    def __init__(self, statistics: Callable[[], Statistics]) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "kg_requests", "Requests by method and status.", ["method", "status"], registry=self._registry
        )
        self.queries = Counter(
            "kg_queries",
            "Queries by outcome: ok, cached, not-modified, or the problem.",
            ["outcome"],
            registry=self._registry,
        )
        self.seconds = Histogram(
            "kg_query_seconds",
            "Seconds from a query's arrival to its answer.",
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self.bytes = Counter("kg_response_bytes", "Bytes of content sent.", registry=self._registry)
        self.reloads = Counter("kg_reloads", "Builds taken up while serving.", registry=self._registry)
        self.triples = Gauge("kg_default_graph_triples", "Triples in the default graph.", registry=self._registry)
        self.cache_bytes = Gauge("kg_cache_bytes", "Bytes of cached answers.", registry=self._registry)
        self._registry.register(_EngineCollector(statistics))

    def exposition(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        return generate_latest(self._registry)


class _EngineCollector:
    def __init__(self, statistics: Callable[[], Statistics]) -> None:
        self._statistics = statistics

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        now = self._statistics()
        yield GaugeMetricFamily("kg_workers", "Queries that can run at the same time.", value=now.workers)
        yield GaugeMetricFamily("kg_workers_idle", "Workers that are free.", value=now.idle)
        yield GaugeMetricFamily("kg_queue", "Queries that wait for a worker.", value=now.waiting)
        restarts = CounterMetricFamily("kg_worker_restarts", "Workers replaced, by cause.", labels=["cause"])
        for cause, count in now.restarts.items():
            restarts.add_metric([cause], count)
        yield restarts
