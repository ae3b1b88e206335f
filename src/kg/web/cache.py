"""Answers kept for the next who asks the same, within a bound of bytes; the least recently used go first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.query.formats import Form

# An entry costs this much beside its content.
_OVERHEAD = 512


@dataclass(frozen=True)
class CachedAnswer:
    """A whole answer, in each content coding that was asked for so far (``""`` is the plain one)."""

    form: Form
    codings: dict[str, bytes] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes that the entry takes."""
        return sum(map(len, self.codings.values())) + _OVERHEAD


class AnswerCache:
    """A cache of answers by key, safe to use from many threads.

    Args:
        limit: bytes that all entries may take together; 0 keeps nothing.
        entry_limit: bytes of the largest answer that is kept.

    """

    def __init__(self, limit: int, entry_limit: int = 1 << 20) -> None:
        self._limit = limit
        self._entry_limit = entry_limit
        self._lock = threading.Lock()
        self._entries: OrderedDict[bytes, CachedAnswer] = OrderedDict()
        self._size = 0

    def get(self, key: bytes) -> CachedAnswer | None:
        """Return the answer under ``key``, or ``None``."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
            return entry

    def put(self, key: bytes, form: Form, body: bytes) -> CachedAnswer:
        """Keep ``body`` under ``key`` unless it is too large, and return its entry either way."""
        entry = CachedAnswer(form, {"": body})
        if len(body) <= self._entry_limit and entry.size <= self._limit:
            with self._lock:
                self._drop(key)
                self._entries[key] = entry
                self._size += entry.size
                self._shrink()
        return entry

    def add_coding(self, key: bytes, entry: CachedAnswer, coding: str, body: bytes) -> None:
        """Keep ``body``, the answer of ``entry`` in another content coding, with it."""
        with self._lock:
            if coding not in entry.codings:
                entry.codings[coding] = body
                if self._entries.get(key) is entry:
                    self._size += len(body)
                    self._shrink()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._size = 0

    @property
    def size(self) -> int:
        """Bytes that all entries take."""
        return self._size

    def __len__(self) -> int:
        return len(self._entries)

    def _drop(self, key: bytes) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._size -= entry.size

    def _shrink(self) -> None:
        while self._size > self._limit:
            self._drop(next(iter(self._entries)))
