"""Commands that read and write files: check, build, close, export, locate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click

from kg.cli.group import FILE, FOLDER, built, main, project_option
from kg.console import Printer
from kg.project import Project


@main.command()
@project_option
@click.option("--force", is_flag=True, help="Build even if nothing changed.")
@click.option("--engine", type=click.Choice(["kg", "owlrl"]), default="kg", show_default=True, help="Reasoner.")
def build(folder: Path | None, force: bool, engine: Literal["kg", "owlrl"]) -> None:
    """Check the files, draw all conclusions, and write the artifact that is served."""
    artifact = built(folder, force=force, engine=engine)
    printer = Printer()
    counts = artifact.manifest["triples"]
    timings = artifact.manifest["timings"]
    base = artifact.manifest["base"]
    state = "Built" if artifact.fresh else "Nothing changed since the last build,"
    printer.line(f"{state} {artifact.folder}")
    printer.table(
        ["what", "count"],
        [
            ["facts stated in passages", artifact.manifest["facts_with_passage"]],
            ["accepted triples", counts.get(f"{base}graph/accepted", 0)],
            ["inferred triples", counts.get(f"{base}graph/inferred", 0)],
            ["default graph", counts.get("default", 0)],
            ["quads in all", artifact.manifest["quads"]],
            ["peak memory, MiB", artifact.manifest["peak_memory_mib"]],
            *([f"seconds to {step}" if step != "total" else "seconds in all", s] for step, s in timings.items()),
        ],
        numbers=[1],
    )


@main.command()
@project_option
@click.option("--texts", type=FOLDER, help="Folder with the source texts, to check locators and copying.")
def validate(folder: Path | None, texts: Path | None) -> None:
    """Check the files: syntax, terms, evidence, shapes, consistency; with the source texts at hand also locators."""
    from kg import authored, validate
    from kg import build as building

    printer = Printer()
    project = Project.find(folder)
    with printer.working("Checking"):
        read = authored.read(project)
        report = validate.before_inference(read, texts or project.texts_folder())
        if report.conforms:
            closed = building.infer(read)
            report += validate.Report(tuple(building.inconsistency_findings(read, closed)))
            facts = read.accepted | read.sources | set(building.published(closed.inferred))
            report += validate.after_inference(read, facts)
    printer.findings(report.findings)
    printer.line(f"{len(report.violations)} violations, {len(report.warnings)} warnings in {len(read.files)} files.")
    if texts is None and project.texts_folder() is None:
        printer.note("The source texts are not at hand: locators and copying were not checked.")
    sys.exit(0 if report.conforms else 1)


@main.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where to write.")
@click.option("--engine", type=click.Choice(["kg", "owlrl"]), default="kg", show_default=True, help="Reasoner.")
@click.option("--axiomatic", is_flag=True, help="Also the triples that hold of everything (x sameAs x ...).")
@click.option("--inferred-only", is_flag=True, help="Leave the input out of the output.")
@click.option("--profile", is_flag=True, help="Print how many triples each rule gave.")
def infer(
    files: tuple[Path, ...],
    output: Path,
    engine: Literal["kg", "owlrl"],
    axiomatic: bool,
    inferred_only: bool,
    profile: bool,
) -> None:
    """Write the OWL 2 RL closure of any RDF FILES to OUTPUT, in the syntax that its ending names.

    N-Triples (.nt) are read and written fastest, in no particular order; other syntaxes are written sorted.
    """
    from kg import serialize
    from kg.infer import closure, closure_of_files
    from kg.syntax import Document, syntax_of

    syntax = syntax_of(output)
    printer = Printer()
    with printer.working("Drawing conclusions"):
        if engine == "kg":
            closed = closure_of_files(files, axiomatic=axiomatic)
        else:
            documents = [Document(file, rename_blank_nodes=number > 0) for number, file in enumerate(files)]
            triples = dict.fromkeys(quad.triple for document in documents for quad in document)
            closed = closure(triples, engine=engine, axiomatic=axiomatic)
            closed.prefixes = {name: iri for each in documents for name, iri in each.prefixes.items()}
        if engine == "kg" and syntax.file_extension == "nt":
            written = closed.dump(output, inferred_only=inferred_only)
        else:
            chosen = set(closed.inferred if inferred_only else closed)
            output.write_bytes(serialize.write_triples(chosen, syntax, closed.prefixes))
            written = len(chosen)
    printer.line(
        f"{len(closed) - len(closed.inferred)} triples read, {len(closed.inferred)} inferred, {written} written to {output}."
    )
    if profile:
        printer.table(
            ["rule", "triples"], [list(row) for row in sorted(closed.counts.items(), key=_most_first)], numbers=[1]
        )
    for inconsistency in closed.inconsistencies:
        printer.error.print(f"Inconsistent ({inconsistency.rule}): {inconsistency.message}", style="red", markup=False)
    sys.exit(1 if closed.inconsistencies else 0)


@main.command()
@project_option
@click.option(
    "--format", "formats", multiple=True, default=("ttl",), show_default=True,
    help="ttl, nt, nq, trig, jsonld, rdfxml, trig-claims, rdf12; may be repeated.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write to."
)
def export(folder: Path | None, formats: tuple[str, ...], output: Path) -> None:
    """Write the graph to files, byte for byte the same for the same content."""
    from kg import serialize

    artifact = built(folder)
    quads = serialize.read(artifact.dataset.quads)
    for name in formats:
        file = serialize.export(quads, name, output, artifact.dataset.prefixes)
        Printer().line(f"{file}")


@main.command()
@project_option
@click.option("--texts", type=FOLDER, required=True, help="Folder with the source texts, one SLUG.txt for each source.")
@click.option("--whole", multiple=True, metavar="SLUG", help="List every sentence of this source; may be repeated.")
def locate(folder: Path | None, texts: Path, whole: tuple[str, ...]) -> None:
    """Write the offsets and digests of passages into data/sources/, from the source texts."""
    from kg import authored
    from kg.passage_blocks import locate_sources

    done = locate_sources(authored.read(Project.find(folder)), texts, whole=whole)
    Printer().table(
        ["file", "passages located", "added", "changed"],
        [[d.file, d.located, d.added, "yes" if d.changed else "no"] for d in done],
        numbers=[1, 2],
    )


def _most_first(row: tuple[str, int]) -> tuple[int, str]:
    return -row[1], row[0]
