"""Findings of the checks, and the report that gathers them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is: a violation stops the build, a warning does not."""

    VIOLATION = "violation"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: which check found it, where (``file:line`` or empty), what, and what to do."""

    check: str
    message: str
    where: str = ""
    advice: str = ""
    severity: Severity = Severity.VIOLATION

    def __str__(self) -> str:
        """Return the finding as one line of text, with the advice on a second."""
        text = f"{self.where}: {self.message}" if self.where else self.message
        text = f"{self.severity.value} [{self.check}] {text}"
        return f"{text}\n    {self.advice}" if self.advice else text


@dataclass(frozen=True)
class Report:
    """All findings of a run of the checks."""

    findings: tuple[Finding, ...] = ()

    @property
    def violations(self) -> tuple[Finding, ...]:
        """The findings that stop a build."""
        return tuple(f for f in self.findings if f.severity is Severity.VIOLATION)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that do not."""
        return tuple(f for f in self.findings if f.severity is Severity.WARNING)

    @property
    def conforms(self) -> bool:
        """Whether there is no violation."""
        return not self.violations

    def __add__(self, other: Report) -> Report:
        return Report(self.findings + other.findings)
