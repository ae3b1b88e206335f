"""Commands that ask the graph: by query, by question, about a thing or a fact."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from pyoxigraph import Triple

from kg.cli.group import engine_of, main, prefixes_of, project_option
from kg.console import Printer
from kg.errors import InputError


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
    with engine_of(folder) as engine:
        print_answer(engine, text, format_, Printer())


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
    with engine_of(folder) as engine:
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
@click.argument("name")
@project_option
def describe(name: str, folder: Path | None) -> None:
    """Say what the graph knows about NAME: its facts with their passages, and what points at it."""
    from kg import things

    printer = Printer()
    with engine_of(folder) as engine:
        prefixes = prefixes_of(engine)
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
    with engine_of(folder) as engine:
        prefixes = prefixes_of(engine)
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
    with engine_of(folder) as engine:
        prefixes = prefixes_of(engine)
        triple = Triple(prefixes.expand(subject), prefixes.expand(predicate), prefixes.term(object))
        text = proofs.explain(engine, prefixes, triple, format_=format_, every=every)
        if text is None:
            raise InputError(f"The graph does not say that {prefixes.shorten_triple(triple)}.")
        printer.line(text.rstrip())
