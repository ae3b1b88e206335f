"""What is asked: one dataset as an N-Quads file, and what is known of it without reading it again."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pyoxigraph

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NO_PREFIXES: Mapping[str, str] = MappingProxyType({})
# How a manifest may call the default graph; a graph IRI is absolute and cannot be any of them.
_DEFAULT_GRAPH_NAMES = frozenset({"", "default"})


@dataclass(frozen=True)
class Dataset:
    """An RDF dataset (SPARQL 1.1 Query, section 13) in a file that never changes while it is served.

    Attributes:
        quads: path of the N-Quads file; statements without a graph form the default graph.
        digest: hexadecimal digest that changes whenever the content does; entity tags are made from it.
        base: IRI against which relative IRIs in queries are resolved.
        prefixes: prefix to namespace; used to write readable Turtle, never added to a query.
        triples: number of triples in the default graph.
        graphs: number of triples in each named graph, by graph IRI.
        built: when the content was made, as an ISO 8601 date and time, or ``None``.

    """

    quads: Path
    digest: str
    base: str
    prefixes: Mapping[str, str] = field(default_factory=dict)
    triples: int = 0
    graphs: Mapping[str, int] = field(default_factory=dict)
    built: str | None = None

    @classmethod
    def open(cls, folder: Path) -> Dataset:
        """Return the dataset of a built artifact: ``graph.nq`` and ``manifest.json`` in ``folder``.

        Raises:
            OSError: one of the two files cannot be read.
            ValueError: the manifest is not JSON, or lacks ``digest`` or ``base``.

        """
        text = (folder / "manifest.json").read_text(encoding="utf-8")
        manifest: dict[str, Any] = json.loads(text)
        quads = folder / "graph.nq"
        if not quads.is_file():
            message = f"{quads}: the artifact has no quads. Build it again."
            raise FileNotFoundError(message)
        try:
            counts: dict[str, int] = dict(manifest.get("triples", {}))
            return cls(
                quads=quads,
                digest=str(manifest["digest"]),
                base=str(manifest["base"]),
                prefixes=MappingProxyType(dict(manifest.get("prefixes", {}))),
                triples=sum(count for name, count in counts.items() if name in _DEFAULT_GRAPH_NAMES),
                graphs=MappingProxyType({n: c for n, c in counts.items() if n not in _DEFAULT_GRAPH_NAMES}),
                built=manifest.get("built"),
            )
        except KeyError as missing:
            message = f"{folder / 'manifest.json'}: the key {missing} is missing. Build the artifact again."
            raise ValueError(message) from None

    @classmethod
    def of_quads(cls, quads: Path, base: str, prefixes: Mapping[str, str] = _NO_PREFIXES) -> Dataset:
        """Return the dataset of any N-Quads file, counted and digested by reading it once.

        Raises:
            OSError: the file cannot be read.
            SyntaxError: the file is not N-Quads; the error names the line.

        """
        counts: Counter[str] = Counter()
        for quad in pyoxigraph.parse(path=quads, format=pyoxigraph.RdfFormat.N_QUADS):
            name = quad.graph_name
            counts["" if isinstance(name, pyoxigraph.DefaultGraph) else name.value] += 1
        with quads.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return cls(
            quads=quads,
            digest=digest,
            base=base,
            prefixes=MappingProxyType(dict(prefixes)),
            triples=counts.pop("", 0),
            graphs=MappingProxyType(dict(counts)),
        )
