"""A shared cache in front of the application (RFC 9111): the same request over the same build gets the same response.

It keeps what the application says may be kept, answers before a thread is taken, and is emptied by a new build.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Headers = list[tuple[str, str]]
    Key = tuple[str | bytes | None, ...]

# A response costs this much beside its content and key.
_OVERHEAD = 2048
_KEPT_METHODS = frozenset({"GET", "HEAD", "POST", "QUERY"})
# What the key of a request holds; a response that varies by anything else is not kept.
_VARIES = frozenset({"accept", "accept-encoding"})
# Headers that belong to one response only; the server writes the date itself.
_OWN = frozenset({"date", "x-request-id"})


@dataclass(frozen=True)
class Kept:
    """A response that may be given again: its headers, its validator and its content."""

    headers: Headers
    etag: str
    body: bytes


class FrontCache:
    """Responses by request, within ``limit`` bytes; ``generation`` tells the build, and a new one empties the cache.

    It belongs to one event loop and is used from no other thread.
    """

    def __init__(self, limit: int, generation: Callable[[], object]) -> None:
        self._limit = limit
        self._generation = generation
        self._of: object = generation()
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._size = 0

    def get(self, key: Key) -> Kept | None:
        """Return the response kept for a request, or ``None``."""
        if self._generation() is not self._of:
            self._of = self._generation()
            self._kept.clear()
            self._size = 0
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def put(self, key: Key, generation: object, headers: Headers, body: bytes) -> None:
        """Keep a 200 response if its headers allow it, and if the build is still that of ``generation``."""
        said = dict(headers)
        size = _size(key, body)
        if (
            key[0] not in _KEPT_METHODS
            or generation is not self._of
            or not said.get("cache-control", "").startswith("public")
            or "etag" not in said
            or "set-cookie" in said
            or not _names(said.get("vary", "")) <= _VARIES
            or size > self._limit // 8
            or key in self._kept
        ):
            return
        kept = Kept([(name, value) for name, value in headers if name not in _OWN], said["etag"], body)
        self._kept[key] = kept
        self._size += size
        while self._size > self._limit:
            oldest, gone = self._kept.popitem(last=False)
            self._size -= _size(oldest, gone.body)


def matches(if_none_match: str | None, etag: str) -> bool:
    """Tell whether the header ``If-None-Match`` names the entity tag (RFC 9110, section 13.1.2)."""
    if if_none_match is None:
        return False
    return any(tag.strip().removeprefix("W/") in {etag, "*"} for tag in if_none_match.split(","))


def _names(vary: str) -> set[str]:
    return {name.strip().lower() for name in vary.split(",") if name.strip()}


def _size(key: Key, body: bytes) -> int:
    return len(body) + sum(len(part) for part in key if part is not None) + _OVERHEAD
