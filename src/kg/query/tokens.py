"""The tokens of SPARQL, as far as one must know them to look at a query without misreading strings, IRIs and comments.

This is no parser and guards nothing: what a query may do is enforced by the process that runs it. It serves to put
terms in the place of variables, to measure nesting before parsing, and to see whether a query gives the
same answer twice.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg.query.formats import Form

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kg.query.engine import Term

# SPARQL 1.1 Query, section 19.8: IRIREF, the four string forms, VAR1, VAR2; names are taken whole, so that the local
# part of `ex:now` or a language tag is never read as a keyword. Quantifiers are possessive and a string that is never
# closed is a token too, so that the time to scan any text grows with its length and no faster.
_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n\r]*+)
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*+>)
  | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*+(?:\"\"\"|\Z)
              | '''(?:[^'\\]|\\.|'(?!''))*+(?:'''|\Z)
              | "(?:[^"\\\n\r]|\\.)*+(?:"|(?=[\n\r])|\\?\Z)
              | '(?:[^'\\\n\r]|\\.)*+(?:'|(?=[\n\r])|\\?\Z))
  | [?$](?P<variable>\w++)
  | (?P<tag>@[A-Za-z][A-Za-z0-9-]*+)
  | (?P<name>(?:\w[\w.-]*+)?:(?:[\w.:%-]|\\.)*+)
  | (?P<word>\w[\w.-]*+)
  | (?P<open>[({\[])
  | (?P<close>[)}\]])
    """,
    re.VERBOSE | re.DOTALL,
)
_SEPARATORS = re.compile(r"[.-]+")
_GROUPS = frozenset({"OPTIONAL", "UNION", "MINUS", "EXISTS", "GRAPH", "SERVICE", "FILTER", "BIND", "LATERAL", "SELECT"})
_VOLATILE = ("NOW", "RAND", "UUID", "BNODE")
_FORMS = {"SELECT": Form.SOLUTIONS, "ASK": Form.BOOLEAN, "CONSTRUCT": Form.GRAPH, "DESCRIBE": Form.GRAPH}
_LONGEST_TO_LOOK_AT = 1 << 16
_ESCAPE = re.compile(r"\\[uU]")
_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U(00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4})")
_VOLATILE_ANYWHERE = re.compile("|".join((*_VOLATILE, "CONSTRUCT")), re.IGNORECASE)


def tokens(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Yield ``(kind, text, start, end)`` for each token of interest of ``text``, in order.

    Kinds are ``comment``, ``iri``, ``string``, ``variable`` (the text is the name without its mark), ``tag``, ``name``
    (a prefixed name), ``word`` (a keyword, or part of another token that does not matter here), ``open`` and ``close``.
    """
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind is not None:
            yield kind, match[kind], match.start(), match.end()


def with_bindings(text: str, bindings: Mapping[str, Term]) -> str:
    """Return the query ``text`` with a term in the place of each variable that ``bindings`` names (without ``?``).

    The terms are written in the canonical N-Triples form, which is valid SPARQL in which nothing can break out of its
    quotes; strings, IRIs and comments of the query are left alone. A variable that is bound this way can no longer be
    projected or assigned (``SELECT ?x``, ``AS ?x``): that is a syntax error when the query is run.

    Raises:
        ValueError: a name is not in the query, or a term is a blank node (which would be a variable in a query).

    """
    if not bindings:
        return text
    written = {name: str(term) for name, term in bindings.items()}
    for name, form in written.items():
        if form.startswith("_:") or (" _:" in form and form.startswith("<<")):
            message = f"A blank node cannot be put in the place of ?{name}."
            raise ValueError(message)
    parts: list[str] = []
    found: set[str] = set()
    position = 0
    for kind, name, start, end in tokens(text):
        if kind == "variable" and name in written:
            parts += (text[position:start], f" {written[name]} ")
            position = end
            found.add(name)
    if missing := written.keys() - found:
        message = f"The query has no variable ?{min(missing)}."
        raise ValueError(message)
    parts.append(text[position:])
    return "".join(parts)


def words(text: str) -> set[str]:
    """Return the keywords in the query ``text``, in upper case; no part of a name, string, IRI or comment is one."""
    return {
        part.upper() for kind, word, _, _ in tokens(text) if kind == "word" for part in _SEPARATORS.split(word) if part
    }


def unescaped(text: str) -> str:
    """Return ``text`` with its code point escapes put in, which may stand for any character (section 19.2)."""
    return _CODE_POINT.sub(lambda match: chr(int(match[1] or match[2], 16)), text)


def query_form(text: str) -> Form | None:
    """Return what kind of answer the query ``text`` gives, by its first keyword that tells, or ``None`` without one."""
    for kind, word, _, _ in tokens(text):
        if kind == "word" and word.upper() in _FORMS:
            return _FORMS[word.upper()]
    return None


def complexity(text: str) -> tuple[int, int]:
    """Return how deep brackets nest in the query ``text``, and how many of its keywords open a group or a filter."""
    depth = deepest = groups = 0
    for kind, word, _, _ in tokens(text):
        if kind == "open":
            depth += 1
            deepest = max(deepest, depth)
        elif kind == "close":
            depth -= 1
        elif kind == "word":
            groups += sum(1 for part in _SEPARATORS.split(word) if part.upper() in _GROUPS)
    return deepest, groups


def is_repeatable(text: str) -> bool:
    """Tell whether the query ``text`` gives the same bytes each time it is asked of the same data.

    It does not if it calls ``NOW``, ``RAND``, ``UUID``, ``STRUUID`` or ``BNODE``, or constructs blank nodes, whose
    labels are fresh each time. In doubt the answer is no: code point escapes can hide a keyword, a number can touch
    one, and a text of more than 64 Ki characters is not looked at.
    """
    if len(text) > _LONGEST_TO_LOOK_AT or _ESCAPE.search(text):
        return False
    if not _VOLATILE_ANYWHERE.search(text):  # most queries: no need to tell keywords from strings
        return True
    constructs = False
    for kind, word, _, _ in tokens(text):
        if kind == "word":
            upper = word.upper()
            if any(name in upper for name in _VOLATILE):
                return False
            constructs = constructs or "CONSTRUCT" in upper
        elif constructs and ((kind == "open" and word in "[(") or (kind == "name" and word.startswith("_:"))):
            return False
    return True
