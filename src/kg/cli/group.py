"""The group of commands, and what several of them need."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from kg.console import Printer
from kg.errors import InputError
from kg.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from kg.build import Artifact
    from kg.prefixes import Prefixes
    from kg.query.engine import Engine

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Commands(click.Group):
    """The group of commands; errors that a person can mend end in one message and an honest exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; print an InputError without a traceback and exit with its code."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            printer = Printer()
            report = getattr(error, "report", None)
            if report is not None:
                printer.findings(report.findings)
            printer.error.print(f"Error: {error.message}", style="bold red", markup=False)
            if error.advice:
                printer.error.print(f"  {error.advice}", markup=False)
            sys.exit(error.exit_code)


def project_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--project DIR`` to a command."""
    return click.option(
        "--project", "folder", type=FOLDER, envvar="KG_PROJECT", help="Project folder; by default the one around you."
    )(command)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ai-diplomacy", prog_name="kg")
def main() -> None:
    """Build, check, ask and serve a knowledge graph in which every fact leads to the sentence that says it.

    A NAME is a CURIE such as agency:nist, or an IRI. Exit codes: 0 done, 1 the content is wrong, 2 the call is wrong.
    """


def built(folder: Path | None, *, force: bool = False, engine: Literal["kg", "owlrl"] = "kg") -> Artifact:
    """Return the artifact of the project, built anew if need be, with the findings of the build printed."""
    from kg.build import build as run

    printer = Printer()
    with printer.working("Building") as status:
        artifact = run(
            Project.find(folder), force=force, engine=engine, progress=lambda step: status.update(f"Building: {step}")
        )
    printer.findings(artifact.warnings)
    return artifact


def engine_of(folder: Path | None) -> AbstractContextManager[Engine]:
    """Return an engine over the built graph: the same workers that answer on the web, only one of them."""
    from contextlib import closing

    from kg.query.pool import Pool, PoolLimits

    return closing(Pool(built(folder).dataset, PoolLimits(workers=1)))


def prefixes_of(engine: Engine) -> Prefixes:
    """Return the prefixes of the graph."""
    from kg.prefixes import Prefixes

    return Prefixes(engine.dataset.prefixes)
