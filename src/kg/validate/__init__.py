"""Checks of a project before and after inference, gathered into one report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.validate import copying, evidence_rules, locators, shacl, vocabulary
from kg.validate.report import Finding, Report, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pyoxigraph import Triple

    from kg.authored import Authored

__all__ = ["Finding", "Report", "Severity", "after_inference", "before_inference"]


def before_inference(authored: Authored, texts: Path | None = None) -> Report:
    """Check what people wrote: terms, evidence, shapes and, where the source texts are at hand, locators and copying.

    SHACL runs before inference, because domains and ranges infer types: a wrong fact would make itself look right.
    """
    findings = [*vocabulary.check(authored), *evidence_rules.check(authored)]
    if texts is not None:
        findings += locators.check(authored, texts)
        findings += copying.check(authored, texts)
    findings += shacl.check(authored, shacl.BEFORE, authored.accepted | authored.sources)
    return Report(tuple(findings))


def after_inference(authored: Authored, closure: Iterable[Triple]) -> Report:
    """Check what must hold when every derivable fact is there, such as how many countries a dialogue has."""
    return Report(tuple(shacl.check(authored, shacl.AFTER, closure)))
