"""The commands: parse, call, print. What they do lives in the modules that they call."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from pyoxigraph import NamedNode, Triple

from kg.console import Printer
from kg.errors import InputError
from kg.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from kg.build import Artifact
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


@main.command()
@project_option
@click.option("--force", is_flag=True, help="Build even if nothing changed.")
@click.option("--engine", type=click.Choice(["kg", "owlrl"]), default="kg", show_default=True, help="Reasoner.")
def build(folder: Path | None, force: bool, engine: Literal["kg", "owlrl"]) -> None:
    """Check the files, draw all conclusions, and write the artifact that is served."""
    artifact = _build(folder, force=force, engine=engine)
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
            source = partial(serving.remote_engine, store, str(_build(folder).folder), settings)
        elif files:
            dataset = of_files(files, Path(scratch), f"{settings.public_url}/")
            source = partial(serving.dataset_of, str(dataset.quads), dataset.base, dict(dataset.prefixes))
        else:
            _build(folder)
            source = partial(serving.current_dataset, str(Project.find(folder).root))
        Printer().note(f"Serving at {settings.public_url} (press Ctrl+C to stop)", "bold")
        try:
            run(source, settings, parts=serving.pages)
        except AddressInUseError as error:
            raise InputError(str(error), advice="For example: --port 8001") from error


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
@click.argument("file", type=click.Path(allow_dash=True, path_type=Path))
@project_option
@click.option(
    "--format",
    "format_",
    default="table",
    show_default=True,
    help="table, json, xml, csv, tsv; for CONSTRUCT and DESCRIBE turtle, ntriples, rdfxml, jsonld.",
)
def query(file: Path, folder: Path | None, format_: str) -> None:
    """Ask the graph the SPARQL query in FILE ('-' reads standard input)."""
    from kg.answers import print_answer

    if str(file) != "-" and not file.is_file():
        raise InputError(f"There is no file {file}.", exit_code=2)
    text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    with _engine(folder) as engine:
        print_answer(engine, text, format_, Printer())


@main.command()
@click.argument("name")
@project_option
def describe(name: str, folder: Path | None) -> None:
    """Say what the graph knows about NAME: its facts with their passages, and what points at it."""
    from kg import things

    printer = Printer()
    with _engine(folder) as engine:
        prefixes = _prefixes(engine)
        thing = things.look_up(engine, prefixes.expand(name))
        if thing is None:
            raise InputError(f"The graph knows nothing about {name}.", advice="Is it spelt right?", exit_code=1)
        printer.line(thing.label, "bold")
        printer.line(f"<{thing.iri.value}>", "dim")
        for kind in ("facts", "inverse"):
            rows = [
                [prefixes.shorten(f.triple.subject) if kind == "inverse" else "", prefixes.shorten(f.triple.predicate),
                 "" if kind == "inverse" else prefixes.shorten(f.triple.object),
                 ", ".join(prefixes.shorten(p) for p in f.passages) + ("" if f.accepted else " (rejected)") or f.origin]
                for f in getattr(thing, kind)
            ]  # fmt: skip
            if rows and kind == "facts":
                printer.table(["property", "value", "stated in"], [row[1:] for row in rows])
            elif rows:
                printer.table(["subject", "property", "stated in"], [[r[0], r[1], r[3]] for r in rows])


@main.command()
@click.argument("subject")
@click.argument("predicate")
@click.argument("object", metavar="OBJECT")
@project_option
def evidence(subject: str, predicate: str, object: str, folder: Path | None) -> None:  # noqa: A002
    """List the passages that state a fact, and how many publishers agree.

    OBJECT is a NAME, a literal in quotation marks such as '"NIST"@en', a number or a date.
    """
    from kg import evidence as who

    printer = Printer()
    with _engine(folder) as engine:
        prefixes = _prefixes(engine)
        triple = Triple(prefixes.expand(subject), prefixes.expand(predicate), prefixes.term(object))
        stated = who.statements(engine, triple)
        printer.statements(stated, prefixes)
        if stated:
            agreeing = who.publishers(stated)
            printer.line(f"{len(agreeing)} independent publisher(s): {', '.join(agreeing) or 'none'}.")
            return
        if who.holds(engine, triple):
            printer.line("No passage states this: it follows from others. 'kg why' shows how.")
            return
    raise InputError(f"The graph does not say that {prefixes.shorten_triple(triple)}.")


@main.command()
@click.argument("subject")
@click.argument("predicate")
@click.argument("object", metavar="OBJECT")
@project_option
@click.option("--all", "every", is_flag=True, help="Every way to derive it in one step, too.")
@click.option(
    "--format", "format_", type=click.Choice(["text", "json", "ttl", "dot", "svg"]), default="text", show_default=True
)
def why(subject: str, predicate: str, object: str, folder: Path | None, every: bool, format_: Any) -> None:  # noqa: A002
    """Show why the graph says something: a proof whose leaves are the passages that state them."""
    from kg import proofs

    printer = Printer()
    with _engine(folder) as engine:
        prefixes = _prefixes(engine)
        triple = Triple(prefixes.expand(subject), prefixes.expand(predicate), prefixes.term(object))
        text = proofs.explain(engine, prefixes, triple, format_=format_, every=every)
        if text is None:
            raise InputError(f"The graph does not say that {prefixes.shorten_triple(triple)}.")
        printer.line(text.rstrip())


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

    artifact = _build(folder)
    quads = serialize.read(artifact.dataset.quads)
    for name in formats:
        file = serialize.export(quads, name, output, artifact.dataset.prefixes)
        Printer().line(f"{file}")


@main.command()
@click.argument("url")
@project_option
def publish(url: str, folder: Path | None) -> None:
    """Load the build into the store whose Graph Store Protocol is at URL, for 'kg serve --store'.

    Graphs of the same names are replaced; others in the store stay.
    """
    from kg.publish import publish as run

    printer = Printer()
    dataset = _build(folder).dataset
    with printer.working("Publishing"):
        sizes = [size for _, size in run(dataset, url)]
    printer.line(f"{sum(sizes)} triples in {len(sizes)} graphs are in the store at {url}.")


@main.command()
@click.argument("source")
@project_option
def coverage(source: str, folder: Path | None) -> None:
    """Show which passages of SOURCE carry how many facts, and the share that is accounted for."""
    from kg import evidence as who

    printer = Printer()
    with _engine(folder) as engine:
        prefixes = _prefixes(engine)
        iri = prefixes.expand(source) if ":" in source else NamedNode(f"{engine.dataset.base}source/{source}")
        covered = who.coverage(engine, iri)
        if not covered:
            raise InputError(f"There is no source {source} with passages.", exit_code=2)
        printer.table(
            ["passage", "facts", "why none"],
            [[c.passage.value.rsplit("#", 1)[-1], c.facts, c.comment if c.out_of_scope else ""] for c in covered],
            numbers=[1],
        )
        done = sum(c.accounted_for for c in covered)
        stating = sum(c.facts > 0 for c in covered)
        printer.line(
            f"{100 * done / len(covered):.0f} % of {len(covered)} passages accounted for: {stating} state "
            f"{sum(c.facts for c in covered)} facts, {done - stating} are out of scope with a reason."
        )
        sys.exit(0 if done == len(covered) else 1)


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


@main.command()
@project_option
def stats(folder: Path | None) -> None:
    """Count things by class, with the share that has a name in each language, and facts by source."""
    from kg import statistics

    printer = Printer()
    with _engine(folder) as engine:
        counted = statistics.classes(engine)
        printer.table(
            ["class", "things", "named in English", "named in Japanese"],
            [
                *(
                    [c.label, c.things, _share(c.named["en"], c.things), _share(c.named["ja"], c.things)]
                    for c in counted
                ),
                [
                    "all",
                    sum(c.things for c in counted),
                    _share(sum(c.named["en"] for c in counted), sum(c.things for c in counted)),
                    _share(sum(c.named["ja"] for c in counted), sum(c.things for c in counted)),
                ],
            ],
            numbers=[1, 2, 3],
        )
        sources = statistics.sources(engine)
        rows: list[list[object]] = [[s.label, s.passages, s.facts] for s in sources]
        rows.append(["all", sum(s.passages for s in sources), sum(s.facts for s in sources)])
        printer.table(["source", "passages", "facts"], rows, numbers=[1, 2])


@main.command()
@click.argument("name", required=False)
@project_option
@click.option("--format", "format_", default="table", show_default=True, help="As for 'kg query'.")
@click.option("--show", is_flag=True, help="Print the query instead of asking it.")
def ask(name: str | None, folder: Path | None, format_: str, show: bool) -> None:
    """Ask one of the questions that come with the graph, by NAME; without a name, list them."""
    from kg import questions
    from kg.answers import print_answer

    printer = Printer()
    with _engine(folder) as engine:
        if name is None:
            printer.table(["name", "question"], [[q.name, q.comment] for q in questions.questions(engine)])
            return
        question = questions.question(engine, name)
        if show:
            printer.line(question.text)
        else:
            printer.note(question.comment)
            print_answer(engine, question.text, format_, printer)


@main.command()
@project_option
@click.option("--format", "format_", default="table", show_default=True, help="As for 'kg query', such as csv.")
@click.pass_context
def crosswalk(ctx: click.Context, folder: Path | None, format_: str) -> None:
    """For each topic, list the principles that address it, with their instrument and its country or forum."""
    ctx.invoke(ask, name="crosswalk", folder=folder, format_=format_, show=False)


@main.command()
@project_option
def disagreements(folder: Path | None) -> None:
    """List where sources disagree: each side with its passages and publishers, which is accepted, and why."""
    from kg import evidence as who

    printer = Printer()
    with _engine(folder) as engine:
        found = who.disagreements(engine)
        printer.disagreements(found, _prefixes(engine))
        printer.note(f"{len(found)} disagreements")


@main.command()
@project_option
@click.option("--list", "listed", is_flag=True, help="List what was found, not only how much.")
def audit(folder: Path | None, listed: bool) -> None:
    """Count facts with one source, facts without a primary source, passages and things that say nothing."""
    from kg.audit import audit as run

    printer = Printer()
    with _engine(folder) as engine:
        prefixes = _prefixes(engine)
        found = run(engine)
        rows: list[tuple[str, list[str]]] = [
            ("facts with one source only", [prefixes.shorten_triple(t) for t in found.one_source]),
            ("facts with one publisher only", [prefixes.shorten_triple(t) for t in found.one_publisher]),
            ("facts that no primary source states", [prefixes.shorten_triple(t) for t in found.no_primary_source]),
            ("passages without facts or reason", [prefixes.shorten(p) for p in found.silent_passages]),
            ("things without facts", [prefixes.shorten(t) for t in found.orphans]),
        ]
        total = [("accepted facts stated in passages", found.facts)]
        printer.table(["what", "count"], [*total, *((what, len(items)) for what, items in rows)], numbers=[1])
        for what, items in rows if listed else []:
            printer.line(f"\n{what}", "bold")
            for item in items:
                printer.line(f"  {item}")


def _most_first(row: tuple[str, int]) -> tuple[int, str]:
    return -row[1], row[0]


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.0f} %)" if whole else "0"


def _build(folder: Path | None, *, force: bool = False, engine: Literal["kg", "owlrl"] = "kg") -> Artifact:
    """Return the artifact of the project, built anew if need be, with the findings of the build printed."""
    from kg.build import build as run

    printer = Printer()
    with printer.working("Building") as status:
        artifact = run(
            Project.find(folder), force=force, engine=engine, progress=lambda step: status.update(f"Building: {step}")
        )
    printer.findings(artifact.warnings)
    return artifact


def _engine(folder: Path | None) -> AbstractContextManager[Engine]:
    """Return an engine over the built graph: the same workers that answer on the web, only one of them."""
    from contextlib import closing

    from kg.query.pool import Pool, PoolLimits

    return closing(Pool(_build(folder).dataset, PoolLimits(workers=1)))


def _prefixes(engine: Engine) -> Any:
    from kg.prefixes import Prefixes

    return Prefixes(engine.dataset.prefixes)
