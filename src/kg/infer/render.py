"""Derivations for people and machines: a text tree, JSON, Turtle, DOT and SVG."""

from collections.abc import Callable, Iterable, Iterator
from json import dumps
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from kg.infer import picture
from kg.infer.derivation import Derivation
from kg.infer.dictionary import Statement, Term
from kg.infer.rules import PREFIXES

Shorten = Callable[[Term], str]
"""How to write a term."""
PassagesOf = Callable[[Statement], list[str]]
"""What states an asserted triple, if anything: passages, by their IRIs or as they are to be shown."""

_PROV = "http://www.w3.org/ns/prov#"
_FIRST, _REST = (NamedNode(PREFIXES["rdf"] + name) for name in ("first", "rest"))


def n_triples(term: Term) -> str:
    """Write a term as N-Triples does, but the vocabularies of RDF and OWL with their usual prefixes."""
    text = str(term)
    for prefix, namespace in PREFIXES.items():
        if text.startswith(f"<{namespace}"):
            return f"{prefix}:{text[len(namespace) + 1 : -1]}"
    return text


def no_passages(statement: Statement) -> list[str]:  # noqa: ARG001
    """Say that nothing states a triple."""
    return []


def text(derivation: Derivation, shorten: Shorten = n_triples, passages_of: PassagesOf = no_passages) -> str:
    """Draw a derivation as a tree of lines: each conclusion with its rule, the premises below it.

    An asserted triple has the passages that state it in brackets; a list is written in one line; what was proved
    further up is not proved again.
    """
    return "\n".join(_lines(derivation, shorten, passages_of)) + "\n"


def _lines(derivation: Derivation, shorten: Shorten, passages_of: PassagesOf) -> Iterator[str]:
    shown: set[Statement] = set()
    waiting = [("", "", derivation, sentence(derivation.conclusion, shorten))]
    while waiting:
        lead, indent, each, wording = waiting.pop()
        yield lead + wording + _origin(each, passages_of, is_repeated=each.conclusion in shown)
        if each.conclusion in shown:
            continue
        shown.add(each.conclusion)
        branches = list(_branches(each, shorten))
        for n, (premise, its_wording) in reversed(list(enumerate(branches))):
            is_last = n == len(branches) - 1
            corner, side = ("└─ ", "   ") if is_last else ("├─ ", "│  ")
            waiting.append((indent + corner, indent + side, premise, its_wording))


def _origin(each: Derivation, passages_of: PassagesOf, *, is_repeated: bool) -> str:
    if each.rule is not None:
        return "   (as above)" if is_repeated and each.premises else f"   by {each.rule}"
    passages = passages_of(each.conclusion)
    return f"   [{', '.join(passages)}]" if passages else ""


def _branches(derivation: Derivation, shorten: Shorten) -> Iterator[tuple[Derivation, str]]:
    """Yield the premises and their wording; an RDF list is written in the axiom that has it, not cell by cell."""
    cells = [each for each in derivation.premises if _is_cell(each, _FIRST) or _is_cell(each, _REST)]
    members = " ".join(shorten(each.conclusion.object) for each in cells if _is_cell(each, _FIRST))
    for premise in derivation.premises:
        if premise not in cells:
            s, p, o = premise.conclusion
            has_list = bool(cells) and o == cells[0].conclusion.subject
            yield premise, f"{shorten(s)} {shorten(p)} {f'( {members} )' if has_list else shorten(o)}"


def _is_cell(derivation: Derivation, predicate: NamedNode) -> bool:
    return derivation.is_asserted and derivation.conclusion.predicate == predicate


def sentence(statement: Statement, shorten: Shorten = n_triples) -> str:
    """Write a triple in one line."""
    return " ".join(shorten(term) for term in statement)


def json(derivation: Derivation, shorten: Shorten = n_triples, passages_of: PassagesOf = no_passages) -> str:
    """Write a derivation as JSON.

    An object with ``root`` (the number of the proved triple) and ``triples``: for each its ``triple`` (N-Triples
    terms), ``text``, ``rule`` (null if asserted), ``premises`` (numbers), ``depth`` and, if asserted, ``passages``.
    """
    numbers, ordered = _numbered(derivation)
    triples: list[dict[str, Any]] = []
    for each in ordered:
        entry: dict[str, Any] = {
            "triple": [str(term) for term in each.conclusion],
            "text": sentence(each.conclusion, shorten),
            "rule": each.rule,
            "premises": [numbers[premise.conclusion] for premise in each.premises],
            "depth": each.depth,
        }
        if each.is_asserted:
            entry["passages"] = passages_of(each.conclusion)
        triples.append(entry)
    return dumps({"root": numbers[derivation.conclusion], "triples": triples}, ensure_ascii=False, indent=1) + "\n"


def _numbered(derivation: Derivation) -> tuple[dict[Statement, int], list[Derivation]]:
    """Give each triple of a proof one number, in order of appearance."""
    first: dict[Statement, Derivation] = {}
    waiting = [derivation]
    while waiting:
        each = waiting.pop()
        if each.conclusion not in first:
            first[each.conclusion] = each
            waiting.extend(reversed(each.premises))
    return {statement: n for n, statement in enumerate(first)}, list(first.values())


def turtle(derivation: Derivation, passages_of: PassagesOf = no_passages, base: str = "urn:derivation") -> str:
    """Write a derivation as Turtle: reified triples, and PROV-O activities for the rules that were applied.

    Every node is an IRI, ``base`` with a fragment; blank nodes of the graph become such IRIs too (RDF 1.1 Concepts,
    section 3.5).
    """
    written = serialize(_provenance(derivation, passages_of, base), format=RdfFormat.TURTLE, prefixes=_NAMESPACES)
    return (written or b"").decode()


_NAMESPACES = {**PREFIXES, "prov": _PROV}


def _provenance(derivation: Derivation, passages_of: PassagesOf, base: str) -> Iterator[Triple]:
    rdf, rdfs = PREFIXES["rdf"], PREFIXES["rdfs"]
    a = NamedNode(rdf + "type")
    numbers, ordered = _numbered(derivation)
    for number, each in enumerate(ordered):
        node = NamedNode(f"{base}#triple-{number + 1}")
        yield Triple(node, a, NamedNode(rdf + "Statement"))
        yield Triple(node, a, NamedNode(_PROV + "Entity"))
        for role, term in zip(("subject", "predicate", "object"), each.conclusion, strict=True):
            named = NamedNode(f"{base}#genid-{term.value}") if isinstance(term, BlankNode) else term
            yield Triple(node, NamedNode(rdf + role), named)
        if each.rule is None:
            for passage in passages_of(each.conclusion):
                is_iri = "://" in passage or passage.startswith("urn:")
                source = NamedNode(passage) if is_iri else Literal(passage)
                yield Triple(node, NamedNode(_PROV + "hadPrimarySource" if is_iri else rdfs + "comment"), source)
            continue
        step = NamedNode(f"{base}#step-{number + 1}")
        yield Triple(node, NamedNode(_PROV + "wasGeneratedBy"), step)
        yield Triple(step, a, NamedNode(_PROV + "Activity"))
        yield Triple(step, NamedNode(rdfs + "label"), Literal(each.rule))
        for premise in each.premises:
            used = NamedNode(f"{base}#triple-{numbers[premise.conclusion] + 1}")
            yield Triple(step, NamedNode(_PROV + "used"), used)
            yield Triple(node, NamedNode(_PROV + "wasDerivedFrom"), used)


def dot(derivation: Derivation, shorten: Shorten = n_triples, passages_of: PassagesOf = no_passages) -> str:
    """Write a derivation as a graph for Graphviz: triples as boxes, rules as ellipses, the conclusion on top."""
    numbers, ordered = _numbered(derivation)
    lines = ["digraph derivation {", "  node [shape=box];"]
    for number, each in enumerate(ordered):
        label = [sentence(each.conclusion, shorten)]
        if each.rule is None:
            label += passages_of(each.conclusion)
            lines.append(f"  t{number} [label={_quoted(label)}, style=filled, fillcolor=white];")
            continue
        lines.append(f"  t{number} [label={_quoted(label)}];")
        lines.append(f"  r{number} [label={_quoted([each.rule])}, shape=ellipse];")
        lines.append(f"  t{number} -> r{number};")
        lines += [f"  r{number} -> t{numbers[premise.conclusion]};" for premise in each.premises]
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(lines: Iterable[str]) -> str:
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") for line in lines)
    return '"' + "\\n".join(escaped) + '"'


def svg(derivation: Derivation, shorten: Shorten = n_triples, passages_of: PassagesOf = no_passages) -> str:
    """Draw a derivation as an SVG picture: the conclusion above its premises, the rule between them."""
    wording = sentence(derivation.conclusion, shorten)
    return picture.draw(derivation, wording, lambda each: _branches(each, shorten), passages_of)
