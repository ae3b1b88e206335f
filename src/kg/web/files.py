"""Files as the content of responses: sent from the disk at the pace of each client, at no cost of memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PIECE = 1 << 16


class FilePart:
    """A file, or a part of one: an iterable of its bytes, fit for WSGI; the gateway has the server send it.

    Attributes:
        path: where it lies.
        start: where the part begins.
        stop: where it ends.
        whole: whether it is all of the file.

    """

    def __init__(self, path: Path, size: int, part: tuple[int, int] | None = None) -> None:
        self.path = path
        self.start, self.stop = part if part is not None else (0, size)
        self.whole = part is None

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return self.stop - self.start

    def __iter__(self) -> Iterator[bytes]:
        left = self.size
        with self.path.open("rb") as stream:
            stream.seek(self.start)
            while left and (piece := stream.read(min(left, _PIECE))):
                left -= len(piece)
                yield piece

    def begun(self) -> None:
        """Take note that the server has begun to send it."""

    def close(self) -> None:
        """Take note that it is not needed any more."""
