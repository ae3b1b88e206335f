"""What a server process serves: the last good build of a project, any RDF files, or a store elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kg.build import current
from kg.errors import InputError
from kg.project import Project
from kg.query.dataset import Dataset
from kg.query.remote import RemoteStore

if TYPE_CHECKING:
    from flask import Blueprint

    from kg.web.settings import Settings


def current_dataset(root: str) -> Dataset:
    """Return the dataset of the last good build of the project at ``root``. Raises InputError if there is none."""
    artifact = current(Project(Path(root)))
    if artifact is None:
        raise InputError(f"{root} has not been built.", advice="Run 'kg build'.")
    return artifact.dataset


def dataset_of(quads: str, base: str, prefixes: dict[str, str]) -> Dataset:
    """Return the dataset of an N-Quads file, read anew."""
    return Dataset.of_quads(Path(quads), base, prefixes)


def remote_engine(url: str, folder: str, settings: Settings) -> RemoteStore:
    """Return an engine that asks the store at ``url``, which holds the build in ``folder``."""
    return RemoteStore(
        url,
        Dataset.open(Path(folder)),
        seconds=settings.timeout,
        connections=settings.workers,
        seconds_to_wait=settings.queue_timeout,
        answer=settings.answer_limit << 20,
    )


def pages() -> list[Blueprint]:
    """Return the pages for people and linked-data clients, which stand beside the endpoint."""
    from kg.web import pages

    return list(pages.blueprints())
