from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kg.query.dataset import Dataset
from kg.query.pool import Pool, PoolLimits
from kg.query.worker import WorkerLimits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BASE = "http://example.org/"


def quads() -> str:
    """A default graph of 1,000 things in a row, and two named graphs; some names are Japanese."""
    lines = [f'<{BASE}thing/{n}> <{BASE}name> "物 {n}"@ja .' for n in range(1_000)]
    lines += [f"<{BASE}thing/{n}> <{BASE}next> <{BASE}thing/{n + 1}> ." for n in range(1_000)]
    lines += [f"<{BASE}a> <{BASE}in> <{BASE}g1> <{BASE}g1> .", f"_:node <{BASE}in> <{BASE}g2> <{BASE}g2> ."]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    path: Path = tmp_path_factory.mktemp("dataset") / "graph.nq"
    path.write_text(quads(), encoding="utf-8")
    return Dataset.of_quads(path, BASE, {"ex": BASE})


LIMITS = PoolLimits(
    workers=2, waiting=2, seconds_to_wait=0.4, seconds=1.0, answer=8 << 20, worker=WorkerLimits(memory=256 << 20)
)


@pytest.fixture(scope="session")
def pool(dataset: Dataset) -> Iterator[Pool]:
    with Pool(dataset, LIMITS) as shared:
        yield shared
