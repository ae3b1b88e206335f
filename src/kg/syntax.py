"""RDF syntaxes, by the ending of a file name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
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


class Document:
    """An RDF file of any syntax, read quad by quad with Oxigraph's strict parser.

    Iterating it raises InputError that names file, line and column. ``rename_blank_nodes`` keeps blank nodes apart from
    those that have the same label in other files.
    """

    def __init__(self, path: Path, *, rename_blank_nodes: bool = False) -> None:
        self._path = path
        self._rename_blank_nodes = rename_blank_nodes
        self.prefixes: dict[str, str] = {}
        """The prefixes that the file declares, once it was read."""

    def __iter__(self) -> Iterator[ox.Quad]:
        path = self._path
        try:
            parser = ox.parse(path=str(path), format=syntax_of(path), rename_blank_nodes=self._rename_blank_nodes)
            yield from parser
            self.prefixes = dict(parser.prefixes)
        except FileNotFoundError as error:
            raise InputError(f"There is no file {path}.", exit_code=2) from error
        except SyntaxError as error:
            place = f"{path.name}:{error.lineno}:{error.offset}" if error.lineno else path.name
            detail = str(error.msg).split(": ", 1)[-1]
            raise InputError(
                f"{place}: {detail}", advice="Mend the syntax at this place and run the command again."
            ) from error
        except (OSError, ValueError) as error:
            raise InputError(f"{path.name}: {error}", exit_code=2) from error
