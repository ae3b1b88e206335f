"""The literals of one graph: which are the same value, which lie in a datatype, which are ill-formed (Table 8)."""

from typing import Any

from pyoxigraph import Literal

from kg.infer.datatypes import IllFormedError, Value, has_value_in, value_of
from kg.infer.dictionary import SHIFT, Dictionary


class Literals:
    """The literals of a dictionary, read as far as they have been asked for."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._read = 0
        self._listed = 0
        self._all: list[int] = []
        self._typed: dict[Value, int] = {}
        self.ill_formed: list[int] = []
        """Literals whose text is not in the lexical space of their datatype (dt-not-type)."""

    def read(self) -> set[int]:
        """Read the literals that are new; return pairs of literals with the same value (dt-eq).

        Plain strings, by far the most, are never the same as each other. They can be the same as a string of a derived
        datatype, which is looked up under its plain spelling.
        """
        texts, equal = self._dictionary.texts, set()
        start, self._read = self._read, len(texts)
        new = range(start, self._read)
        for number in [n for n in new if texts[n][-1] == ">" and texts[n][0] == '"']:
            try:
                value = value_of(texts[number])
            except IllFormedError:
                self.ill_formed.append(number)
                continue
            same = self._typed.setdefault(value, number)
            if same == number and value[0] == "text":
                same = self._plain(value) or number
            if same != number:
                equal.add(same << SHIFT | number)
        if start and any(space == "text" for space, _ in self._typed):
            for number in [n for n in new if texts[n][0] == '"' and texts[n][-1] != ">"]:
                same = self._typed.get(value_of(texts[number]), number)
                if same != number:
                    equal.add(same << SHIFT | number)
        return equal

    def _plain(self, value: Value) -> int | None:
        text: Any = value[1]
        lexical, language = text
        return self._dictionary.find(str(Literal(lexical, language=language) if language else Literal(lexical)))

    def same_as(self, text: str) -> int | None:
        """Return a literal of the graph that has the value of a given typed one, or None."""
        return self._typed.get(value_of(text))

    def all(self) -> list[int]:
        """Return all literals."""
        texts = self._dictionary.texts
        start, self._listed = self._listed, len(texts)
        self._all += [number for number in range(start, self._listed) if texts[number][0] == '"']
        return self._all

    def in_datatype(self, datatype: str) -> set[int]:
        """Return the literals whose value lies in the value space of a datatype (dt-type2)."""
        texts = self._dictionary.texts
        return {number for number in self.all() if has_value_in(texts[number], datatype)}
