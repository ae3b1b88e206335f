"""The dictionary between RDF terms and the small integers that the reasoner counts with.

A term is kept as its N-Triples text, in the one spelling that Oxigraph writes, so equal texts are equal terms.
A pair of terms is one integer, the first term in the high 32 bits: Python's sets of integers are then the relations.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

Term = NamedNode | BlankNode | Literal | Triple
Key = tuple[int, int, int]
"""A triple of dictionary numbers: subject, predicate, object."""

SHIFT = 32
MASK = (1 << SHIFT) - 1


class GeneralizedTriple(NamedTuple):
    """A triple that RDF cannot write: its subject is a literal, or its predicate is not an IRI.

    Such triples occur only inside proofs and inconsistencies (RDF 1.1 Concepts, section 7).
    """

    subject: Term
    predicate: Term
    object: Term

    def __str__(self) -> str:
        return f"{self.subject} {self.predicate} {self.object}"


Statement = Triple | GeneralizedTriple


class Dictionary:
    """Numbers for terms, in order of first appearance."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.numbers: dict[str, int] = {}
        self._of_objects: dict[Term, int] = {}
        self._terms: dict[int, Term] = {}

    def __len__(self) -> int:
        return len(self.texts)

    def number(self, text: str) -> int:
        """Return the number of a term in N-Triples text, giving it one if it is new."""
        number = self.numbers.get(text)
        if number is None:
            number = self.numbers[text] = len(self.texts)
            self.texts.append(text)
        return number

    def find(self, text: str) -> int | None:
        """Return the number of a term in N-Triples text, or None if it does not occur."""
        return self.numbers.get(text)

    def encode(self, triples: Iterable[Triple]) -> Iterator[Key]:
        """Yield triples as numbers."""
        get, new = self._of_objects.get, self._new
        for subject, predicate, object_ in triples:
            s, p, o = get(subject), get(predicate), get(object_)
            yield (
                new(subject) if s is None else s,
                new(predicate) if p is None else p,
                new(object_) if o is None else o,
            )

    def _new(self, term: Term) -> int:
        number = self._of_objects[term] = self.number(str(term))
        return number

    def look_up(self, statement: Statement) -> Key | None:
        """Return a triple as numbers, or None if one of its terms does not occur."""
        s, p, o = (self.numbers.get(str(term)) for term in statement)
        return None if s is None or p is None or o is None else (s, p, o)

    def forget_after(self, count: int) -> None:
        """Forget all terms but the first ones."""
        for text in self.texts[count:]:
            del self.numbers[text]
        del self.texts[count:]

    def is_literal(self, number: int) -> bool:
        """Whether the term is a literal."""
        return self.texts[number][0] == '"'

    def is_iri(self, number: int) -> bool:
        """Whether the term is an IRI (the text of a triple term begins with two brackets)."""
        text = self.texts[number]
        return text[0] == "<" and text[1] != "<"

    def is_writable(self, s: int, p: int) -> bool:
        """Whether RDF can write a triple with this subject and predicate."""
        return not self.is_literal(s) and self.texts[s][1] != "<" and self.is_iri(p)

    def term(self, number: int) -> Term:
        """Return the term of a number."""
        term = self._terms.get(number)
        if term is None:
            text = self.texts[number]
            if text[0] == "<" and text[1] != "<":
                term = NamedNode(text[1:-1])
            elif text[0] == "_":
                term = BlankNode(text[2:])
            else:
                (quad,) = parse(input=f"<x:s> <x:p> {text} .", format=RdfFormat.N_TRIPLES)
                term = quad.object
            self._terms[number] = term
        return term

    def statement(self, key: Key) -> Statement:
        """Return a triple of numbers as a triple of terms."""
        s, p, o = key
        make = Triple if self.is_writable(s, p) else GeneralizedTriple
        return make(self.term(s), self.term(p), self.term(o))  # type: ignore[arg-type]

    def line(self, key: Key) -> str:
        """Return a triple of numbers as an N-Triples line."""
        texts = self.texts
        return f"{texts[key[0]]} {texts[key[1]]} {texts[key[2]]} .\n"
