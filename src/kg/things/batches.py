"""Asking a query about many terms at a time: its empty ``VALUES`` block is filled with them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.query.engine import Engine, Term

_BATCH = 400


def select_for(engine: Engine, text: str, name: str, terms: Iterable[Term], **bindings: Term) -> list[dict[str, Term]]:
    """Return the solutions of ``text`` for ``terms``, put into its block ``VALUES ?name { }``, a batch at a time.

    Terms that are no IRIs are left out, and so is a term that is there twice. Raises ValueError if the query has no
    such block.
    """
    empty = f"VALUES ?{name} {{ }}"
    if empty not in text:
        message = f"The query has no block '{empty}'."
        raise ValueError(message)
    wanted = dict.fromkeys(term for term in terms if isinstance(term, NamedNode))
    rows: list[dict[str, Term]] = []
    remaining = iter(wanted)
    while batch := list(islice(remaining, _BATCH)):
        filled = f"VALUES ?{name} {{ {' '.join(map(str, batch))} }}"
        rows += engine.select(text.replace(empty, filled, 1), **bindings)
    return rows
