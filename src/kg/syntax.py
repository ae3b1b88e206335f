"""RDF syntaxes, by the ending of a file name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def syntax_of(file: Path) -> ox.RdfFormat:
    """Return the RDF syntax that the ending of ``file`` names. Raises InputError (exit code 2) if it names none."""
    syntax = ox.RdfFormat.from_extension(file.suffix.lstrip("."))
    if syntax is None:
        raise InputError(
            f"{file.name}: the ending '{file.suffix}' names no RDF syntax.",
            advice="Known endings: .ttl .trig .nt .nq .rdf .jsonld .n3",
            exit_code=2,
        )
    return syntax
