"""The pairs of a property as one text of bytes: searched far faster than a set, and made far faster than an index.

A pair takes 8 bytes, four for each term.
"""

from array import array
from collections.abc import Collection
from sys import byteorder

_SUBJECT, _OBJECT = (4, 0) if byteorder == "little" else (0, 4)


class PairText:
    """Pairs, in the order in which they were written down; some may stand in it twice."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, pairs: Collection[int]) -> None:
        """Write pairs down."""
        self._parts.append(array("Q", pairs).tobytes())

    def objects(self, subject: int) -> list[int]:
        """Return the objects of a subject."""
        return self._search(subject, _SUBJECT, _OBJECT)

    def subjects(self, object_: int) -> list[int]:
        """Return the subjects of an object."""
        return self._search(object_, _OBJECT, _SUBJECT)

    def _search(self, term: int, at: int, other: int) -> list[int]:
        if len(self._parts) > 1:
            self._parts = [b"".join(self._parts)]
        text = self._parts[0] if self._parts else b""
        sought = term.to_bytes(4, byteorder)
        found: dict[int, None] = {}
        place = text.find(sought)
        while place >= 0:
            if place % 8 == at:
                start = place - at + other
                found[int.from_bytes(text[start : start + 4], byteorder)] = None
            place = text.find(sought, place + 1)
        return list(found)
