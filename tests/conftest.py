"""Fixtures that many tests share."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg.query.engine import Engine

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder with source texts and conformance suites, or skip."""
    if not SHARED.is_dir():
        pytest.skip("the source texts and conformance suites are not beside the repository")
    return SHARED


@pytest.fixture
def harbour(tmp_path: Path) -> Project:
    """Return a fresh copy of a tiny project about ships, which has nothing to do with policy."""
    shutil.copytree(ROOT / "tests" / "harbour", tmp_path / "harbour")
    return Project(tmp_path / "harbour")


@pytest.fixture
def edit(harbour: Project) -> Callable[[str, str, str], None]:
    """Return a function that replaces text in a file of the harbour project."""

    def replace(file: str, old: str, new: str) -> None:
        path = harbour.root / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


@pytest.fixture(scope="session")
def harbour_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Yield an engine over the built harbour project."""
    from kg.build import build
    from kg.query.pool import Pool, PoolLimits

    folder = tmp_path_factory.mktemp("built") / "harbour"
    shutil.copytree(ROOT / "tests" / "harbour", folder)
    with Pool(build(Project(folder)).dataset, PoolLimits(workers=1)) as engine:
        yield engine


@pytest.fixture(scope="session")
def graph() -> Iterator[Engine]:
    """Yield an engine over the graph of this repository, built if need be."""
    from kg.build import build
    from kg.query.pool import Pool, PoolLimits

    with Pool(build(Project(ROOT)).dataset, PoolLimits(workers=1)) as engine:
        yield engine
