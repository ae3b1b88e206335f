"""The commands: parse, call, print. What they do lives in the modules that they call."""

from kg.cli import asking, files, reports, serving
from kg.cli.group import main

__all__ = ["asking", "files", "main", "reports", "serving"]
