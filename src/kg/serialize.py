"""Dumps of a dataset in every format, byte for byte the same for the same content.

Dumps are written from quads as they were parsed, never from the store, which rewrites literals ("2.50" becomes "2.5").
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from kg.errors import InputError
from kg.vocab import IS_PASSAGE_OF, RDF, STATED_IN, TYPE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Dump:
    """A format that can be exported: the ending of its file, its RDF syntax, and whether it keeps the named graphs."""

    ending: str
    syntax: ox.RdfFormat
    graphs: bool
    transform: Callable[[list[Quad]], list[Quad]] | None = None


def sorted_quads(quads: Iterable[Quad]) -> list[Quad]:
    """Return ``quads`` without duplicates, the default graph first, then ordered as N-Quads lines."""
    return sorted(set(quads), key=lambda q: (not isinstance(q.graph_name, DefaultGraph), str(q.graph_name), str(q)))


def stable_blank_nodes(quads: Iterable[Quad], salt: str = "") -> list[Quad]:
    """Return ``quads`` with blank nodes labelled by RDF Dataset Canonicalization (RDFC-1.0), so that labels are stable.

    ``salt`` keeps the labels of separately labelled parts apart.
    """
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)

    def rename(term: NamedNode | BlankNode | Literal | Triple) -> NamedNode | BlankNode | Literal | Triple:
        return BlankNode(f"{salt}{term.value}") if isinstance(term, BlankNode) else term

    return [Quad(rename(q.subject), q.predicate, rename(q.object), q.graph_name) for q in dataset]  # type: ignore[arg-type]


def write(quads: Iterable[Quad], syntax: ox.RdfFormat, prefixes: Mapping[str, str]) -> bytes:
    """Return ``quads`` in ``syntax``; quads of named graphs only where the syntax has graphs."""
    return bytes(ox.serialize(sorted_quads(quads), format=syntax, prefixes=dict(prefixes)) or b"")


def claims(quads: list[Quad]) -> list[Quad]:
    """Return the dataset with each fact of each passage as a node: an ``rdf:Statement`` that names its passage.

    The passage graphs themselves are left out: what they said is in the claims. See RDF Schema 1.1, section 5.3
    (Reification vocabulary).
    """
    passages = _passages(quads)
    out = [q for q in quads if q.graph_name not in passages]
    for quad in quads:
        if quad.graph_name in passages:
            claim = _claim(quad)
            graph = NamedNode(quad.graph_name.value.split("#")[0])  # type: ignore[union-attr]
            for predicate, value in (
                (TYPE, NamedNode(RDF + "Statement")),
                (NamedNode(RDF + "subject"), quad.subject),
                (NamedNode(RDF + "predicate"), quad.predicate),
                (NamedNode(RDF + "object"), quad.object),
                (STATED_IN, quad.graph_name),
            ):
                out.append(Quad(claim, predicate, value, graph))  # type: ignore[arg-type]
    return out


def reifiers(quads: list[Quad]) -> list[Quad]:
    """Return the dataset with each fact of each passage as an RDF 1.2 reifier (RDF 1.2 Concepts, section 1.5)."""
    passages = _passages(quads)
    out = [q for q in quads if q.graph_name not in passages]
    for quad in quads:
        if quad.graph_name in passages:
            claim = _claim(quad)
            graph = NamedNode(quad.graph_name.value.split("#")[0])  # type: ignore[union-attr]
            out.append(Quad(claim, NamedNode(RDF + "reifies"), quad.triple, graph))
            out.append(Quad(claim, STATED_IN, quad.graph_name, graph))  # type: ignore[arg-type]
    return out


def _passages(quads: Iterable[Quad]) -> set[object]:
    return {q.subject for q in quads if q.predicate == IS_PASSAGE_OF}


def _claim(quad: Quad) -> NamedNode:
    """Return the IRI of the claim that ``quad`` is: its source, and a digest of passage and triple."""
    name = quad.graph_name.value  # type: ignore[union-attr]
    digest = hashlib.sha256(str(quad).encode()).hexdigest()[:16]
    return NamedNode(f"{name}-{digest}")


DUMPS: Mapping[str, Dump] = {
    "ttl": Dump("ttl", ox.RdfFormat.TURTLE, graphs=False),
    "nt": Dump("nt", ox.RdfFormat.N_TRIPLES, graphs=False),
    "rdfxml": Dump("rdf", ox.RdfFormat.RDF_XML, graphs=False),
    "nq": Dump("nq", ox.RdfFormat.N_QUADS, graphs=True),
    "trig": Dump("trig", ox.RdfFormat.TRIG, graphs=True),
    "jsonld": Dump("jsonld", ox.RdfFormat.JSON_LD, graphs=True),
    "trig-claims": Dump("claims.trig", ox.RdfFormat.TRIG, graphs=True, transform=claims),
    "rdf12": Dump("rdf12.trig", ox.RdfFormat.TRIG, graphs=True, transform=reifiers),
}
"""The formats of ``kg export``, by name. Those without named graphs hold the default graph."""


def write_triples(triples: Iterable[Triple], syntax: ox.RdfFormat, prefixes: Mapping[str, str]) -> bytes:
    """Return ``triples`` in ``syntax``, sorted."""
    return write([Quad(t.subject, t.predicate, t.object) for t in triples], syntax, prefixes)


def read(file: Path) -> list[Quad]:
    """Return the quads of an N-Quads file that this project wrote."""
    return list(ox.parse(path=str(file), format=ox.RdfFormat.N_QUADS))


def export(quads: list[Quad], name: str, folder: Path, prefixes: Mapping[str, str], stem: str = "graph") -> Path:
    """Write ``quads`` in the format ``name`` to ``folder``; return the file. Raises InputError for an unknown name."""
    dump = DUMPS.get(name)
    if dump is None:
        raise InputError(f"'{name}' is no export format.", advice=f"Formats: {', '.join(DUMPS)}.", exit_code=2)
    chosen = quads if dump.graphs else [q for q in quads if isinstance(q.graph_name, DefaultGraph)]
    if dump.transform is not None:
        chosen = dump.transform(chosen)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{stem}.{dump.ending}"
    file.write_bytes(write(chosen, dump.syntax, prefixes))
    return file
