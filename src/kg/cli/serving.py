"""Commands that bring the graph to others: serve, publish."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.group import FILE, built, main, project_option
from kg.console import Printer
from kg.errors import InputError
from kg.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable


def setting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for every setting of the server, with the help and the environment variable that it has there."""
    import dataclasses

    from kg.web.settings import Settings

    for field in reversed(dataclasses.fields(Settings)):
        name = "--" + field.name.replace("_", "-")
        variable = field.metadata["environment"]
        default = "" if field.default in (None, False) else f" Default: {field.default}."
        text = f"{field.metadata['help']}{default} [{variable}]"
        if isinstance(field.default, bool):
            command = click.option(name, field.name, is_flag=True, default=None, help=text)(command)
        else:
            kind = type(field.default) if field.default is not None else str
            command = click.option(name, field.name, type=kind, default=None, help=text)(command)
    return command


@main.command()
@project_option
@click.option("--data", "files", multiple=True, type=FILE, help="Serve this RDF file as it is; may be repeated.")
@click.option("--store", metavar="URL", help="Serve the SPARQL 1.1 store at this address instead.")
@setting_options
def serve(folder: Path | None, files: tuple[Path, ...], store: str | None, **given: Any) -> None:
    """Serve the graph on the web, built before if need be: pages, linked data and a SPARQL endpoint.

    Each option can also be set by the environment variable in brackets.
    """
    import os
    import tempfile
    from functools import partial

    from kg import serving
    from kg.build import of_files
    from kg.web.server import AddressInUseError
    from kg.web.server import serve as run
    from kg.web.settings import Settings

    try:
        settings = Settings.from_environment(os.environ, **given)
    except ValueError as error:
        raise InputError(str(error), exit_code=2) from error
    with tempfile.TemporaryDirectory(prefix="kg-") as scratch:
        source: Callable[[], Any]
        if store is not None:
            source = partial(serving.remote_engine, store, str(built(folder).folder), settings)
        elif files:
            dataset = of_files(files, Path(scratch), f"{settings.public_url}/")
            source = partial(serving.dataset_of, str(dataset.quads), dataset.base, dict(dataset.prefixes))
        else:
            built(folder)
            source = partial(serving.current_dataset, str(Project.find(folder).root))
        Printer().note(f"Serving at {settings.public_url} (press Ctrl+C to stop)", "bold")
        try:
            run(source, settings, parts=serving.pages)
        except AddressInUseError as error:
            raise InputError(str(error), advice="For example: --port 8001") from error


@main.command()
@click.argument("url")
@project_option
def publish(url: str, folder: Path | None) -> None:
    """Load the build into the store whose Graph Store Protocol is at URL, for 'kg serve --store'.

    Graphs of the same names are replaced; others in the store stay.
    """
    from kg.publish import publish as run

    printer = Printer()
    dataset = built(folder).dataset
    with printer.working("Publishing"):
        sizes = [size for _, size in run(dataset, url)]
    printer.line(f"{sum(sizes)} triples in {len(sizes)} graphs are in the store at {url}.")
