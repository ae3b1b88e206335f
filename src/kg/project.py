"""A project folder: where ontology, data and shapes live, and the digest of all of them."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

ONTOLOGY, ENTITIES, SOURCES, CLAIMS, QUESTIONS, SHAPES = (
    "ontology",
    "data/entities",
    "data/sources",
    "data/claims",
    "data/questions",
    "shapes",
)


@dataclass(frozen=True)
class Project:
    """A folder with the layout ``ontology/ data/{entities,sources,claims,questions}/ shapes/``."""

    root: Path

    @classmethod
    def find(cls, folder: Path | None = None) -> Project:
        """Return the project at ``folder``, or the nearest one at or above the current folder.

        Raises InputError (exit code 2) where there is no ``ontology`` folder with Turtle files.
        """
        if folder is not None:
            candidates = [folder]
        else:
            here = Path.cwd()
            candidates = [Path(p) for p in [os.environ.get("KG_PROJECT")] if p] or [here, *here.parents]
        for candidate in candidates:
            project = cls(candidate.resolve())
            if project.files(ONTOLOGY):
                return project
        raise InputError(
            f"There is no project at {candidates[0]}: a project has a folder 'ontology' with at least one .ttl file.",
            advice="Run the command inside the project folder, or name it with --project DIR.",
            exit_code=2,
        )

    def files(self, part: str) -> list[Path]:
        """Return the Turtle and TriG files of one part of the layout, sorted by name."""
        folder = self.root / part
        return sorted(p for p in folder.glob("*") if p.suffix in {".ttl", ".trig"} and p.is_file())

    def all_files(self) -> Iterator[tuple[str, Path]]:
        """Yield ``(part, file)`` for every input file."""
        for part in (ONTOLOGY, ENTITIES, SOURCES, CLAIMS, QUESTIONS, SHAPES):
            for file in self.files(part):
                yield part, file

    def relative(self, file: Path) -> str:
        """Return the path of ``file`` as seen from the project folder, for messages."""
        return file.relative_to(self.root).as_posix() if file.is_relative_to(self.root) else file.name

    @property
    def build_folder(self) -> Path:
        """Where builds are kept."""
        return self.root / "build"

    def texts_folder(self) -> Path | None:
        """Return the folder with the source texts, beside the project, where there is one.

        The texts are not part of a project: they are under the rights of their publishers and serve for checking only.
        """
        folder = self.root.parent / "shared" / "sources"
        return folder if folder.is_dir() else None

    def digest(self) -> str:
        """Return the SHA-256 digest of every input file and of the code that turns them into a build."""
        sha = hashlib.sha256()
        package = Path(__file__).parent
        inputs = [(self.relative(file), file) for _, file in self.all_files()]
        code = [
            (file.relative_to(package).as_posix(), file)
            for file in sorted(package.rglob("*"))
            if file.suffix in {".py", ".rq"} and "web" not in file.relative_to(package).parts
        ]
        for name, file in inputs + code:
            sha.update(name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
        return sha.hexdigest()
