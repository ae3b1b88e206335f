"""Loading a build into a SPARQL store elsewhere, graph by graph (SPARQL 1.1 Graph Store HTTP Protocol, section 5.3)."""

from __future__ import annotations

import urllib.error
import urllib.request
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from pyoxigraph import DefaultGraph, Quad, RdfFormat

from kg import serialize
from kg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.query.dataset import Dataset

_SECONDS = 300


def publish(dataset: Dataset, url: str) -> Iterator[tuple[str, int]]:
    """Put every graph of ``dataset`` into the graph store at ``url``, the default graph last.

    Yields the name of each graph (empty for the default graph) and its number of triples as soon as the store has it. A
    graph of the same name is replaced; others in the store stay. Raises InputError with what the store answered.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise InputError(f"'{url}' is no address of a graph store.", advice="Give one with http or https.", exit_code=2)
    quads = serialize.read(dataset.quads)
    quads.sort(key=lambda quad: (isinstance(quad.graph_name, DefaultGraph), str(quad.graph_name)))
    for graph, members in groupby(quads, key=lambda quad: quad.graph_name):
        triples = [Quad(q.subject, q.predicate, q.object) for q in members]
        name = "" if isinstance(graph, DefaultGraph) else graph.value
        target = f"{url}?default" if not name else f"{url}?graph={quote(name, safe='')}"
        _put(target, serialize.write(triples, RdfFormat.N_TRIPLES, {}))
        yield name, len(triples)


def _put(target: str, body: bytes) -> None:
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked
        target, data=body, method="PUT", headers={"Content-Type": "application/n-triples"}
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as response:  # noqa: S310 - as above
            response.read()
    except urllib.error.HTTPError as error:
        raise InputError(
            f"The store answered {error.code} {error.reason} to PUT {target}.",
            advice="Is this the address of its Graph Store Protocol, and may you write to it?",
        ) from error
    except OSError as error:
        raise InputError(f"The store at {target} cannot be reached: {error}") from error
