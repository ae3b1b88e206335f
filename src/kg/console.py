"""What commands print: tables, reports and errors, plain where the output is not a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager

    from rich.status import Status

    from kg.evidence import Disagreement, Statement
    from kg.prefixes import Prefixes
    from kg.validate import Finding


class Printer:
    """Prints results to standard output, and progress, findings and errors to standard error."""

    def __init__(self) -> None:
        self.out = Console(soft_wrap=True, highlight=False)
        self.error = Console(stderr=True, soft_wrap=True, highlight=False)

    def line(self, text: str = "", style: str = "") -> None:
        """Print one line of a result."""
        self.out.print(Text(text), style=style)

    def note(self, text: str, style: str = "dim") -> None:
        """Print one line that is not part of the result."""
        self.error.print(Text(text), style=style)

    def working(self, text: str) -> AbstractContextManager[Status]:
        """Show that long work is under way; without a terminal nothing is shown."""
        return self.error.status(text)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]], numbers: Sequence[int] = ()) -> None:
        """Print a table; without a terminal, tab-separated lines that other programs can read."""
        if not self.out.is_terminal:
            for row in [columns, *rows]:
                # Not by rich, which would turn the tabs into blanks.
                self.out.file.write("\t".join(str(cell) for cell in row) + "\n")
            return
        table = Table(*[], header_style="bold")
        for index, column in enumerate(columns):
            table.add_column(column, justify="right" if index in numbers else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(str(cell)) for cell in row))
        self.out.print(table)

    def findings(self, findings: Iterable[Finding]) -> None:
        """Print findings, each with what to do about it."""
        for finding in findings:
            style = "red" if finding.severity == "violation" else "yellow"
            head, _, advice = str(finding).partition("\n")
            self.error.print(Text(head), style=style)
            if advice:
                self.error.print(Text(advice), style="dim")

    def statements(self, stated: Sequence[Statement], prefixes: Prefixes) -> None:
        """Print the passages of a fact."""
        for statement in stated:
            names = ", ".join(name for _, name in statement.publishers)
            mark = "rejected" if statement.rejected else "accepted"
            self.line(f"{prefixes.shorten(statement.passage)}   {mark}", "bold" if not statement.rejected else "red")
            self.line(f"    {statement.title}, {statement.place}")
            self.line(f"    {names or 'publisher unknown'}{', primary source' if statement.primary else ''}")
            if statement.page:
                self.line(f"    {statement.page}")
            if statement.rejected:
                favoured = ", ".join(prefixes.shorten(f) for f in statement.favoured)
                self.line(f"    not accepted, in favour of {favoured}: {statement.comment}")

    def disagreements(self, found: Sequence[Disagreement], prefixes: Prefixes) -> None:
        """Print each disagreement with its sides."""
        for disagreement in found:
            subject = prefixes.shorten(disagreement.subject)
            self.line(f"{subject} {prefixes.shorten(disagreement.property)}", "bold")
            for side in disagreement.sides:
                mark = "accepted" if side.accepted else "rejected"
                self.line(f"  {mark}: {prefixes.shorten(side.value)}")
                for statement in side.statements:
                    names = ", ".join(name for _, name in statement.publishers)
                    self.line(f"    {prefixes.shorten(statement.passage)}   {names}")
                for reason in side.reasons:
                    self.line(f"    why not: {reason}")
