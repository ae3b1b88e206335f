"""What a project says of itself in the header of its ontology: title, description, licence, makers, dates."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.things import query
from kg.things.names import names
from kg.vocab import DCTERMS, LABEL, OWL, VOID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.query.engine import Engine, Term

_DATASET = NamedNode(VOID + "Dataset")


@dataclass(frozen=True)
class Header:
    """A project in its own words.

    Attributes:
        ontology: the IRI of the ontology that it begins with, or ``None``.
        ontologies: the IRIs of all its ontologies, each with that of its version or ``None``.
        title: the title in English, and in other languages as pairs of tag and text.
        description: paragraphs that say what it is, in English, and in other languages as pairs.
        licenses: IRIs of the licences.
        makers: the creators and publishers, with their names.
        citation: how to cite it.
        version: the version in words.
        dates: the days on which it was issued and last modified; either may be empty.

    """

    ontology: NamedNode | None
    ontologies: Mapping[NamedNode, NamedNode | None]
    title: str
    titles: tuple[tuple[str, str], ...]
    description: tuple[str, ...]
    descriptions: tuple[tuple[str, str], ...]
    licenses: tuple[str, ...]
    makers: tuple[tuple[NamedNode, str], ...]
    citation: str
    version: str
    dates: tuple[str, str]


def read(engine: Engine) -> Header:
    """Return the header of a dataset: what it says of itself as a dataset, then what its first ontology says."""
    said: dict[NamedNode, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    dataset: NamedNode | None = None
    for row in engine.select(query("header")):
        subject, property_ = row["subject"], row["property"]
        if isinstance(subject, NamedNode) and isinstance(property_, NamedNode):
            if row["kind"] == _DATASET:
                dataset = subject
            values = said[subject][property_.value]
            if row["value"] not in values:
                values.append(row["value"])
    ontologies = {s: _first_iri(v[OWL + "versionIRI"]) for s, v in said.items() if s != dataset}
    ontology = min(ontologies, key=lambda o: (not o.value.endswith("ontology"), o.value), default=None)
    subjects = [s for s in (dataset, ontology) if s is not None]

    def values_of(*properties: str) -> list[Term]:
        return next((said[s][p] for p in properties for s in subjects if said[s][p]), [])

    titles = _by_language(values_of(DCTERMS + "title", LABEL.value))
    descriptions = _by_language(values_of(DCTERMS + "description"))
    abstract = _by_language(values_of(DCTERMS + "abstract"))
    makers = [t for p in ("creator", "publisher") for t in values_of(DCTERMS + p) if isinstance(t, NamedNode)]
    called = names(engine, makers)
    return Header(
        ontology,
        ontologies,
        _english(titles) or engine.dataset.base,
        _others(titles),
        tuple(text for text in (_english(descriptions) or _english(abstract),) if text),
        _others(descriptions),
        tuple(t.value for t in values_of(DCTERMS + "license") if isinstance(t, NamedNode)),
        tuple((maker, called[maker].text) for maker in dict.fromkeys(makers)),
        _english(_by_language(values_of(DCTERMS + "bibliographicCitation"))),
        _english(_by_language(values_of(OWL + "versionInfo"))),
        (
            _english(_by_language(values_of(DCTERMS + "issued"))),
            _english(_by_language(values_of(DCTERMS + "modified"))),
        ),
    )


def _first_iri(terms: list[Term]) -> NamedNode | None:
    return next((t for t in terms if isinstance(t, NamedNode)), None)


def _by_language(terms: list[Term]) -> dict[str, str]:
    return {t.language or "": t.value for t in reversed(terms) if isinstance(t, Literal)}


def _english(texts: Mapping[str, str]) -> str:
    return next((texts[tag] for tag in ("en", "", *sorted(texts)) if tag in texts), "")


def _others(texts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((tag, text) for tag, text in texts.items() if tag not in {"", "en"}))
