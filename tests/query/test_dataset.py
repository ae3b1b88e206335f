from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kg.query.dataset import Dataset

if TYPE_CHECKING:
    from pathlib import Path


def test_an_artifact_is_opened_from_its_manifest(tmp_path: Path) -> None:
    (tmp_path / "graph.nq").write_text("", encoding="utf-8")
    manifest = {
        "digest": "abc",
        "base": "http://e/",
        "prefixes": {"e": "http://e/"},
        "triples": {"default": 7, "http://e/g": 2},
        "built": "2024-01-01T00:00:00Z",
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    opened = Dataset.open(tmp_path)
    assert (opened.digest, opened.base, opened.triples, dict(opened.graphs)) == (
        "abc",
        "http://e/",
        7,
        {"http://e/g": 2},
    )


@pytest.mark.parametrize("manifest", ['{"base": "http://e/"}', "{", ""])
def test_a_broken_manifest_is_a_value_error(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "graph.nq").write_text("", encoding="utf-8")
    (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(ValueError, match=r".+"):
        Dataset.open(tmp_path)


def test_an_artifact_without_quads_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(FileNotFoundError, match=r"graph\.nq"):
        Dataset.open(tmp_path)


def test_any_quads_are_counted_by_graph(dataset: Dataset) -> None:
    assert dataset.triples == 2_000
    assert dict(dataset.graphs) == {"http://example.org/g1": 1, "http://example.org/g2": 1}


def test_the_digest_follows_the_content(tmp_path: Path) -> None:
    path = tmp_path / "graph.nq"
    path.write_text("<http://e/a> <http://e/b> <http://e/c> .\n", encoding="utf-8")
    first = Dataset.of_quads(path, "http://e/").digest
    path.write_text("<http://e/a> <http://e/b> <http://e/d> .\n", encoding="utf-8")
    assert Dataset.of_quads(path, "http://e/").digest != first
