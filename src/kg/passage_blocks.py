"""The passage blocks of a source file in Turtle, completed with locators and digests without touching anything else.

A block is what house style makes it: the subject on a line of its own, then one predicate a line. Only the locator
predicates are written; after writing, the file is read again and compared, so nothing else can have changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.errors import InputError
from kg.locate import SourceText, Span
from kg.vocab import END, OA, SHA256, START

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kg.authored import Authored

_WRITTEN = ("oa:start", "oa:end", "diplo:sha256")
_NAME = re.compile(r"^p(\d+)(?:s(\d+))?[a-z]?$")


@dataclass
class Located:
    """What happened to one source file: how many passages have a locator now, and which were added."""

    file: str
    located: int = 0
    added: int = 0
    changed: bool = False


def locate_sources(authored: Authored, texts: Path, *, whole: Iterable[str] = ()) -> list[Located]:
    """Write locators and digests into every source file whose text is in ``texts``; return what was done, by file.

    A passage that a graph names ``p5s4`` and that the file does not list yet is added; for the sources in ``whole``
    every sentence is. Raises InputError where a passage has a place that the text does not have, or a file is not in
    house style; files written before stay, the file at fault is left as it was.
    """
    done = []
    for file in authored.files:
        if file.part != "data/sources":
            continue
        text_file = texts / f"{file.path.stem}.txt"
        if not text_file.is_file():
            continue
        source = SourceText(text_file.read_text(encoding="utf-8"))
        namespace = f"{authored.base}source/{file.path.stem}#"
        wanted = {p.value.removeprefix(namespace) for p in authored.passages if p.value.startswith(namespace)}
        if file.path.stem in whole:
            wanted |= {f"p{paragraph}s{sentence}" for paragraph, sentence, _ in source.sentences()}
        done.append(_rewrite(file.path, file.name, source, wanted, namespace, authored))
    return done


def _rewrite(
    path: Path, name: str, source: SourceText, wanted: set[str], namespace: str, authored: Authored
) -> Located:
    before = path.read_text(encoding="utf-8")
    prefix = next((p for p, n in authored.prefixes.namespaces.items() if n == namespace), None)
    if prefix is None or f"@prefix {prefix}:" not in before:
        raise InputError(f"{name}: no prefix stands for <{namespace}>.", advice="Declare one at the top of the file.")
    result = Located(name)
    blocks = re.split(r"\n{2,}", before.rstrip("\n"))
    listed = set()
    for index, block in enumerate(blocks):
        lines = block.split("\n")
        first = next((n for n, line in enumerate(lines) if line and not line.startswith(("#", "@"))), None)
        if first is None:
            continue
        subject = lines[first].split()[0]
        if subject.startswith(f"{prefix}:"):
            local = subject.removeprefix(f"{prefix}:")
            listed.add(local)
            span = _span(source, block, local, name)
            if span is not None:
                result.located += 1
                blocks[index] = _with_values(lines, first, span)
        elif "a diplo:Source" in block:
            blocks[index] = re.sub(r'(diplo:sha256 )"[0-9a-f]*"', rf'\1"{source.sha256}"', block)
    for local in sorted(wanted - listed, key=_place):
        blocks.append(_new_block(prefix, local, path.stem, source, name))
        result.added += 1
        result.located += 1
    after = "\n\n".join(blocks) + "\n"
    if "oa:start" in after and "@prefix oa:" not in after:
        after = _with_prefix(after, f"@prefix oa: <{OA}> .")
    if after != before:
        _check(before, after, name, wanted - listed, namespace)
        path.write_text(after, encoding="utf-8")
        result.changed = True
    return result


def _span(source: SourceText, block: str, local: str, name: str) -> Span | None:
    """Return where the passage of ``block`` stands by its paragraph and sentence numbers; ``None`` if it has none."""
    paragraph = re.search(r"diplo:paragraph (\d+)", block)
    if paragraph is None:
        return None
    sentence = re.search(r"diplo:sentence (\d+)", block)
    span = source.locate(int(paragraph.group(1)), int(sentence.group(1)) if sentence else None)
    if span is None:
        raise InputError(
            f"{name}: {local}: the text has no paragraph {paragraph.group(1)}"
            + (f", sentence {sentence.group(1)}." if sentence else "."),
            advice="Correct the numbers: paragraphs are lines of the text, sentences are counted within a paragraph.",
        )
    return span


def _with_values(lines: list[str], first: int, span: Span) -> str:
    """Return the block with the locator lines in place of any that it had, before its last statement ends."""
    statements: list[str] = []
    current: list[str] = []
    for line in lines[first + 1 :]:
        current.append(line)
        if line.rstrip().endswith((" ;", " .")):
            statements.append("\n".join(current).rstrip()[:-2].rstrip())
            current = []
    kept = [s for s in statements if s.split()[0] not in _WRITTEN]
    places = [n for n, s in enumerate(kept) if s.split()[0] in {"diplo:paragraph", "diplo:sentence"}]
    at = (places[-1] + 1) if places else len(kept)
    new = [f"    oa:start {span.start}", f"    oa:end {span.end}", f'    diplo:sha256 "{span.sha256}"']
    kept[at:at] = new
    return (
        "\n".join(lines[: first + 1]) + "\n" + " ;\n".join(kept) + " ." + ("\n" + "\n".join(current) if current else "")
    )


def _new_block(prefix: str, local: str, slug: str, source: SourceText, name: str) -> str:
    match = _NAME.match(local)
    if match is None:
        raise InputError(
            f"{name}: the passage {prefix}:{local} has facts but is not listed, and its name tells no place.",
            advice="List it with diplo:paragraph and diplo:sentence, or name it after them, such as p5s4.",
        )
    paragraph, sentence = match.groups()
    lines = [f"{prefix}:{local}", "    a diplo:Passage ;", f"    diplo:isPassageOf source:{slug} ;"]
    lines.append(f"    diplo:paragraph {paragraph} ;")
    if sentence:
        lines.append(f"    diplo:sentence {sentence} ;")
    lines[-1] = lines[-1][:-1] + "."
    block = "\n".join(lines)
    span = _span(source, block, local, name)
    return block if span is None else _with_values(lines, 0, span)


def _with_prefix(text: str, line: str) -> str:
    """Return ``text`` with one more line among its prefixes, in the order of the alphabet."""
    lines = text.split("\n")
    at = next((n for n, other in enumerate(lines) if other.startswith("@prefix ") and other > line), None)
    last = max((n for n, other in enumerate(lines) if other.startswith("@prefix ")), default=-1)
    lines.insert(last + 1 if at is None else at, line)
    return "\n".join(lines)


def _place(local: str) -> tuple[int, int, str]:
    match = _NAME.match(local)
    return (int(match.group(1)), int(match.group(2) or 0), local) if match else (0, 0, local)


def _check(before: str, after: str, name: str, added: set[str], namespace: str) -> None:
    """Raise InputError unless the two texts differ in locators, digests and added passages only."""
    new = {namespace + local for local in added}

    def rest(text: str) -> set[str]:
        return {
            str(quad)
            for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)
            if quad.predicate not in {START, END, SHA256} and getattr(quad.subject, "value", "") not in new
        }

    try:
        same = rest(before) == rest(after)
    except SyntaxError:
        same = False
    if not same:
        raise InputError(
            f"{name}: its passages are not laid out one predicate a line, so locators cannot be written.",
            advice="Put the subject on its own line and each predicate on a line that ends with ' ;' or ' .'.",
        )
