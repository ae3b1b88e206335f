"""Answers that are too large for memory, kept in files until their clients have read them.

The head of a response must be true: a status of 200 promises the whole answer. So a long answer is written to a file
first, and sent when it is whole, with its length. The client's pace then holds up neither a worker nor a thread.
"""

from __future__ import annotations

import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kg.query.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PIECE = 1 << 16
# A client that reads more slowly than this, in bytes a second, is cut off, after the seconds that everybody gets.
SLOWEST_CLIENT = 1 << 16
LEAST_SECONDS = 60.0


class SpooledFile:
    """A whole answer in a file: an iterable of its bytes, fit for WSGI. Closing it takes the file away.

    Attributes:
        path: where it lies.
        size: its length in bytes.

    """

    def __init__(self, spool: Spool, path: Path, size: int) -> None:
        self._spool = spool
        self._closed = False
        self.path = path
        self.size = size

    @property
    def patience(self) -> float:
        """Seconds within which a client must have read it."""
        return max(LEAST_SECONDS, self.size / SLOWEST_CLIENT)

    def __iter__(self) -> Iterator[bytes]:
        with self.path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                yield piece

    def close(self) -> None:
        """Empty and remove the file. Who still reads it finds it short, which breaks the connection."""
        if not self._closed:
            self._closed = True
            self._spool.remove(self.path, self.size)


class Spool:
    """A folder for spooled files, with a bound on the bytes in it.

    Args:
        limit: bytes that all files may take together.

    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._size = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def keep(self, chunks: Iterable[bytes]) -> SpooledFile:
        """Write ``chunks`` to a file and return it; errors while iterating remove the file and are passed on.

        Raises:
            Busy: there is no room left.

        """
        with tempfile.NamedTemporaryFile(dir=self._directory(), delete=False) as stream:
            path, size = Path(stream.name), 0
            try:
                for chunk in chunks:
                    self._reserve(len(chunk))
                    size += len(chunk)
                    stream.write(chunk)
            except BaseException:
                self.remove(path, size)
                raise
        return SpooledFile(self, path, size)

    def remove(self, path: Path, size: int) -> None:
        """Take a file away and its ``size`` off the account."""
        with suppress(OSError):
            with path.open("r+b") as stream:
                stream.truncate(0)
            path.unlink()
        with self._lock:
            self._size -= size

    def close(self) -> None:
        """Remove the folder and all that is in it."""
        with self._lock:
            folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()

    def _reserve(self, count: int) -> None:
        with self._lock:
            if self._size + count > self._limit:
                message = "Too many large answers are being read."
                raise Busy(message, retry_after=10)
            self._size += count

    def _directory(self) -> str:
        with self._lock:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="kg-answers-")
            return self._folder.name
