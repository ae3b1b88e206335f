"""Answers that are too large for memory, kept in files until their clients have read them.

The head of a response must be true: a status of 200 promises the whole answer. So a long answer is written to a file
first, and sent when it is whole, with its length. The client's pace then holds up neither a worker nor a thread.

The server does not tell when it has sent a file. So the spool looks, once a second, which of them are still open.
"""

from __future__ import annotations

import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kg.query.errors import Busy
from kg.web.files import FilePart

if TYPE_CHECKING:
    from collections.abc import Iterable

# A client that reads more slowly than this, in bytes a second, is cut off, after the seconds that everybody gets.
SLOWEST_CLIENT = 1 << 16
LEAST_SECONDS = 60.0
# A file that nobody has open after so many seconds was read between two looks.
SECONDS_TO_BEGIN = 3.0
_SECONDS_BETWEEN_LOOKS = 1.0
_DESCRIPTORS = Path("/proc/self/fd")


class SpooledFile(FilePart):
    """A whole answer in a file. Closing it takes the file away: who still reads it finds it short, and is cut off."""

    def __init__(self, spool: Spool, path: Path, size: int) -> None:
        super().__init__(path, size)
        self._spool = spool
        self._closed = False
        self._deadline = self._late = 0.0
        self._opened = False

    def begun(self) -> None:
        """Have it removed when it has been read, or when its client took too long."""
        now = time.monotonic()
        self._late = now + SECONDS_TO_BEGIN
        self._deadline = now + max(LEAST_SECONDS, self.size / SLOWEST_CLIENT)
        self._spool.look_after(self)

    def is_over(self, opened: frozenset[str] | None, now: float) -> bool:
        """Tell whether nobody will read it any more; ``opened`` are the open files, ``None`` if they are not known."""
        if opened is not None and str(self.path) in opened:
            self._opened = True
        elif opened is not None and (self._opened or now > self._late):
            return True
        return now > self._deadline

    def close(self) -> None:
        """Empty and remove the file."""
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
        self._begun: list[SpooledFile] = []

    def keep(self, chunks: Iterable[bytes]) -> SpooledFile:
        """Write ``chunks`` to a file and return it; errors while iterating remove the file and are passed on.

        Raises:
            Busy: there is no room left.

        """
        with tempfile.NamedTemporaryFile(dir=self._directory(), delete=False) as stream:
            path, size = Path(stream.name).resolve(), 0
            try:
                for chunk in chunks:
                    self._reserve(len(chunk))
                    size += len(chunk)
                    stream.write(chunk)
            except BaseException:
                self.remove(path, size)
                raise
        return SpooledFile(self, path, size)

    def look_after(self, kept: SpooledFile) -> None:
        """Look at a file that is being sent every second, and close it when nobody will read it any more."""
        with self._lock:
            self._begun.append(kept)
            if len(self._begun) == 1:
                threading.Thread(target=self._look, name="spool", daemon=True).start()

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

    def _look(self) -> None:
        while True:
            time.sleep(_SECONDS_BETWEEN_LOOKS)
            opened, now = open_files(), time.monotonic()
            with self._lock:
                over = [kept for kept in self._begun if kept.is_over(opened, now)]
                self._begun = [kept for kept in self._begun if kept not in over]
                ended = not self._begun
            for kept in over:
                kept.close()
            if ended:
                return

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


def open_files() -> frozenset[str] | None:
    """Return the paths of the files that this process has open; ``None`` where the system does not say (Linux does)."""
    found = set()
    try:
        for descriptor in _DESCRIPTORS.iterdir():
            with suppress(OSError):
                found.add(str(descriptor.readlink()))
    except OSError:
        return None
    return frozenset(found)
