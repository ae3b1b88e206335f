"""The names of terms: English first, every other language beside it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode

from kg.things import query
from kg.things.batches import select_for
from kg.vocab import DCTERMS, LABEL, PREF_LABEL, SH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kg.query.engine import Engine, Term

# Which property names a term best; the preferred name before the label, for it comes in every language.
_PROPERTIES = {PREF_LABEL: 0, LABEL: 1, NamedNode(DCTERMS + "title"): 2, NamedNode(SH + "name"): 3}


@dataclass(frozen=True)
class Name:
    """What a term is called.

    Attributes:
        text: the name in English, else without a language, else in any, else the end of the IRI.
        language: the language tag of ``text``, empty if it has none.
        others: names in further languages, as pairs of tag and text, sorted.
        known: whether the dataset names the term at all.

    """

    text: str
    language: str = ""
    others: tuple[tuple[str, str], ...] = ()
    known: bool = True


def end_of(iri: str) -> str:
    """Return the last part of an IRI, decoded: what to call a term that has no name."""
    stripped = iri.rstrip("/#")
    return unquote(stripped.replace("#", "/").rsplit("/", 1)[-1]) or iri


def words_of(iri: str) -> str:
    """Return the last part of an IRI as words: ``exact match`` for ``...#exactMatch``."""
    end = end_of(iri)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", end).lower() if end[:1].islower() else end


def names(engine: Engine, terms: Iterable[Term]) -> dict[NamedNode, Name]:
    """Return a name for each IRI of ``terms``, in a few queries for all of them."""
    wanted = dict.fromkeys(term for term in terms if isinstance(term, NamedNode))
    found = _found(select_for(engine, query("names"), "term", wanted))
    # What is named in the default graph, nearly everything, need not be looked for in the others.
    nameless = [term for term in wanted if term not in found]
    found |= _found(select_for(engine, query("names_in_graphs"), "term", nameless))
    return {term: _name(term, found.get(term, {})) for term in wanted}


def _found(rows: Iterable[Mapping[str, Term]]) -> dict[NamedNode, dict[str, tuple[int, str]]]:
    """Return the best name of each term by language, each with how good its property is."""
    found: dict[NamedNode, dict[str, tuple[int, str]]] = defaultdict(dict)
    for row in rows:
        term, property_, name = row["term"], row["property"], row["name"]
        if isinstance(term, NamedNode) and isinstance(property_, NamedNode) and isinstance(name, Literal):
            language = name.language or ""
            candidate = (_PROPERTIES[property_], name.value)
            found[term][language] = min(candidate, found[term].get(language, candidate))
    return found


def _name(term: NamedNode, by_language: Mapping[str, tuple[int, str]]) -> Name:
    if not by_language:
        return Name(end_of(term.value), known=False)
    texts = {language: text for language, (_, text) in by_language.items()}
    language = next((tag for tag in ("en", "") if tag in texts), min(texts))
    others = tuple(sorted((tag, text) for tag, text in texts.items() if tag not in {language, ""}))
    return Name(texts[language], language, others)
