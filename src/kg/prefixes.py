"""Prefixes: between the short names that people type and the IRIs that the graph holds."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.errors import InputError
from kg.vocab import RDF, XSD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyoxigraph import Quad

Term: TypeAlias = NamedNode | BlankNode | Literal | Triple

# PN_LOCAL of Turtle (section 6.5) without escapes: what can be written after the colon as it is.
_LOCAL = re.compile(r"^(?:[A-Za-z0-9_](?:[A-Za-z0-9_.\-]*[A-Za-z0-9_\-])?)?$")


@dataclass(frozen=True)
class Prefixes:
    """The prefixes of a project, each with its namespace."""

    namespaces: Mapping[str, str]

    def expand(self, name: str) -> NamedNode:
        """Return the IRI that ``name`` means: ``<iri>``, an absolute IRI, or a CURIE such as ``agency:nist``.

        Raises InputError (exit code 2) for an unknown prefix or a malformed IRI.
        """
        if name.startswith("<") and name.endswith(">"):
            return _iri(name[1:-1])
        prefix, colon, local = name.partition(":")
        if colon and prefix in self.namespaces:
            return _iri(self.namespaces[prefix] + local)
        if name == "a":
            return NamedNode(RDF + "type")
        if re.match(r"^[A-Za-z][A-Za-z0-9+.\-]*:", name) and (
            local.startswith("/") or prefix in {"urn", "mailto", "tag"}
        ):
            return _iri(name)
        alike = difflib.get_close_matches(prefix, self.namespaces, n=3)
        meant = f"Did you mean {' or '.join(f'{each}:{local}' for each in alike)}? " if colon and alike else ""
        raise InputError(
            f"'{name}' is neither an IRI nor a name with a known prefix.",
            advice=f"{meant}Write an IRI in full, or a prefix, a colon and a name.",
            exit_code=2,
        )

    def term(self, text: str) -> NamedNode | Literal:
        """Return the term that ``text`` means: as ``expand``, or a literal such as ``"text"@en``, ``12``, ``true``."""
        literal = re.match(r'^"(.*)"(?:@([A-Za-z0-9-]+)|\^\^(\S+))?$', text, re.DOTALL)
        if literal:
            value, language, datatype = literal.groups()
            if language:
                return Literal(value, language=language)
            return Literal(value, datatype=self.expand(datatype)) if datatype else Literal(value)
        if re.match(r"^[+-]?\d+$", text):
            return Literal(text, datatype=NamedNode(XSD + "integer"))
        if re.match(r"^[+-]?\d+\.\d+$", text):
            return Literal(text, datatype=NamedNode(XSD + "decimal"))
        if re.match(r"^\d{4}-\d\d-\d\d$", text):
            return Literal(text, datatype=NamedNode(XSD + "date"))
        if text in {"true", "false"}:
            return Literal(text, datatype=NamedNode(XSD + "boolean"))
        return self.expand(text)

    def shorten(self, term: Term) -> str:
        """Return ``term`` as a person would write it in Turtle: a CURIE where a prefix fits, a number, a literal."""
        if isinstance(term, NamedNode):
            best = max((n for n in self.namespaces.values() if term.value.startswith(n)), key=len, default=None)
            if best is not None and _LOCAL.match(local := term.value[len(best) :]):
                prefix = next(p for p, n in self.namespaces.items() if n == best)
                return f"{prefix}:{local}"
            return str(term)
        if isinstance(term, Literal):
            if term.language is None and term.datatype.value in {
                XSD + "integer",
                XSD + "decimal",
                XSD + "boolean",
                XSD + "date",
            }:
                return term.value
            return str(term)
        return str(term)

    def shorten_triple(self, triple: Triple | Quad) -> str:
        """Return the three terms of ``triple`` in short form, separated by blanks."""
        predicate = "a" if triple.predicate.value == RDF + "type" else self.shorten(triple.predicate)
        return f"{self.shorten(triple.subject)} {predicate} {self.shorten(triple.object)}"


def _iri(text: str) -> NamedNode:
    try:
        return NamedNode(text)
    except ValueError as error:
        raise InputError(f"'{text}' is not an IRI: {error}", exit_code=2) from error
