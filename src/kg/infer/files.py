"""Files in and out: N-Triples in Oxigraph's own spelling are split into terms, everything else is parsed.

Of a line ``<s> <p> "o" .`` only terms that are new are looked at, once each. If any line or term of a file is spelt in
another way than Oxigraph would write it, Oxigraph's parser reads the whole file instead, and accepts or refuses it as the
standard says. So nothing is taken on trust, and most files are read twice as fast.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from kg.infer.dictionary import MASK, SHIFT, Dictionary
from kg.infer.engine import Engine
from kg.infer.memory import uncollected
from kg.infer.view import View
from kg.syntax import Document

_CHARACTER = r"(?:[!$&-;=?-Z_a-z~@]|%[0-9A-Fa-f]{2})"
_AUTHORITY = r"//[A-Za-z0-9._~-]*(?::[0-9]*)?(?=[/?#>])"
_IRI = rf"<[A-Za-z][A-Za-z0-9+.-]*:(?:{_AUTHORITY}|(?!//)){_CHARACTER}*(?:#{_CHARACTER}*)?>"
_STRING = r'"[^\x00-\x1F\x7F"\\]*(?:\\[tbnrf"\\][^\x00-\x1F\x7F"\\]*)*"'
_DEFAULT = r"<http://www\.w3\.org/(?:2001/XMLSchema#string|1999/02/22-rdf-syntax-ns#(?:dirLangString|langString))>"
_LITERAL = re.compile(rf"{_STRING}(?:@[a-z]{{2,3}}(?:-[a-z]{{2}})?|\^\^(?!{_DEFAULT}){_IRI})?")
_NAMED = re.compile(_IRI)
_RESOURCE = re.compile(rf"{_IRI}|_:[A-Za-z0-9]+")

_Groups = dict[int, list[int]]


class UnusualSpellingError(ValueError):
    """A line or term is not spelt as Oxigraph would write it."""


def load(engine: Engine, paths: Iterable[Path]) -> dict[str, str]:
    """Add the triples of files, in any RDF syntax, to the input of an engine; named graphs are read as one.

    Returns the prefixes that the files declare. Raises `InputError`, which names file, line and column, for a malformed
    file, one that cannot be read, and a name whose ending tells no syntax.
    """
    with uncollected():
        return _load(engine, paths)


def _load(engine: Engine, paths: Iterable[Path]) -> dict[str, str]:
    prefixes: dict[str, str] = {}
    for number, path in enumerate(paths):
        if path.suffix == ".nt" and path.is_file():
            before = len(engine.dictionary)
            try:
                groups = _split(path, engine.dictionary, with_blank_nodes=number == 0)
            except UnusualSpellingError:
                engine.dictionary.forget_after(before)
            else:
                engine.add_grouped(groups)
                continue
        document = Document(path, rename_blank_nodes=number > 0)
        engine.add(engine.dictionary.encode(quad.triple for quad in document))
        prefixes |= document.prefixes
    return prefixes


def _split(path: Path, dictionary: Dictionary, *, with_blank_nodes: bool) -> _Groups:
    """Return the pairs of each property."""
    groups: _Groups = defaultdict(list)
    resource = _RESOURCE if with_blank_nodes else _NAMED
    find, number = dictionary.numbers.get, dictionary.number

    def new(text: str, *spellings: re.Pattern[str]) -> int:
        if not any(spelling.fullmatch(text) for spelling in spellings):
            raise UnusualSpellingError(text)
        return number(text)

    properties: dict[str, list[int]] = {}
    previous, start = "", 0
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            try:
                subject, property_, rest = line.split(" ", 2)
            except ValueError as error:
                raise UnusualSpellingError(line) from error
            if rest[-3:] != " .\n":
                raise UnusualSpellingError(line)
            if subject != previous:
                s = find(subject)
                if s is None or subject[0] == '"':
                    s = new(subject, resource)
                previous, start = subject, s << SHIFT
            pairs = properties.get(property_)
            if pairs is None:
                pairs = properties[property_] = groups[new(property_, _NAMED)]
            object_ = rest[:-3]
            o = find(object_)
            if o is None:
                o = new(object_, resource, _LITERAL)
            pairs.append(start | o)
    return groups


def dump(engine: Engine, path: Path, *, inferred_only: bool = False) -> int:
    """Write the closure as N-Triples; return the number of triples written. A file that was there is replaced at the end."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        written = _dump(engine, beside, inferred_only=inferred_only)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return written


def _dump(engine: Engine, path: Path, *, inferred_only: bool) -> int:
    texts, facts, view = engine.dictionary.texts, engine.facts, View(engine)
    written = 0
    with uncollected(), path.open("w", encoding="utf-8", newline="\n") as file:
        if not inferred_only:
            for class_, extension in facts.classes.items():
                end = f" {texts[facts.type]} {texts[class_]} .\n"
                file.writelines([texts[member] + end for member in extension.asserted])
                written += len(extension.asserted)
            for property_, extension in facts.properties.items():
                middle = f" {texts[property_]} "
                file.writelines([f"{texts[k >> SHIFT]}{middle}{texts[k & MASK]} .\n" for k in extension.asserted])
                written += len(extension.asserted)
        for lines in view.lines():
            file.writelines(lines)
            written += len(lines)
    return written
