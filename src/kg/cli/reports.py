"""Commands that count and list: statistics, coverage, disagreements, audit."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
from pyoxigraph import NamedNode

from kg.cli.group import engine_of, main, prefixes_of, project_option
from kg.console import Printer
from kg.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


@main.command()
@project_option
def stats(folder: Path | None) -> None:
    """Count things by class, with the share that has a name in each language, and facts by source."""
    from kg import statistics

    printer = Printer()
    with engine_of(folder) as engine:
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
@click.argument("source")
@project_option
def coverage(source: str, folder: Path | None) -> None:
    """Show which passages of SOURCE carry how many facts, and the share that is accounted for."""
    from kg import evidence as who

    printer = Printer()
    with engine_of(folder) as engine:
        prefixes = prefixes_of(engine)
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
def disagreements(folder: Path | None) -> None:
    """List where sources disagree: each side with its passages and publishers, which is accepted, and why."""
    from kg import evidence as who

    printer = Printer()
    with engine_of(folder) as engine:
        found = who.disagreements(engine)
        printer.disagreements(found, prefixes_of(engine))
        printer.note(f"{len(found)} disagreements")


@main.command()
@project_option
@click.option("--list", "listed", is_flag=True, help="List what was found, not only how much.")
def audit(folder: Path | None, listed: bool) -> None:
    """Count facts with one source, facts without a primary source, passages and things that say nothing."""
    from kg.audit import audit as run

    printer = Printer()
    with engine_of(folder) as engine:
        prefixes = prefixes_of(engine)
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


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.0f} %)" if whole else "0"
