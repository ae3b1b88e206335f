"""How a pool and its workers talk: frames of a length and that many bytes, through a pair of pipes.

To the worker goes one frame, the query as JSON. Back come a frame with the head as JSON, frames of content, an empty
frame, and one byte that tells whether the worker goes on (``KEEP``) or has grown and wants to be replaced (``RETIRE``).
"""

from __future__ import annotations

import os
import select
import struct
import time

FRAME_BYTES = 1 << 16
KEEP = b"k"
RETIRE = b"r"
_LENGTH = struct.Struct("!I")


class PipeClosed(Exception):  # noqa: N818 - reads as what happened
    """The other end of the pipe is closed."""


class DeadlinePassed(Exception):  # noqa: N818 - reads as what happened
    """Nothing came before the deadline."""


def frame(content: bytes) -> bytes:
    """Return ``content`` with its length in front."""
    return _LENGTH.pack(len(content)) + content


def write_all(descriptor: int, content: bytes) -> None:
    """Write all of ``content``.

    Raises:
        PipeClosed: nobody reads at the other end.

    """
    view = memoryview(content)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except (BrokenPipeError, OSError) as error:
        raise PipeClosed from error


class Reader:
    """Reads frames from a pipe, in pieces as large as the pipe gives them.

    With a ``deadline`` (a value of ``time.monotonic()``), reading gives up at that moment.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)
        self._buffer = bytearray()

    def read(self, count: int, deadline: float | None = None) -> bytes:
        """Return exactly ``count`` bytes.

        Raises:
            PipeClosed: the other end is closed.
            DeadlinePassed: the deadline came first.

        """
        while len(self._buffer) < count:
            self._fill(deadline)
        taken = bytes(memoryview(self._buffer)[:count])
        del self._buffer[:count]
        return taken

    def frame(self, deadline: float | None = None) -> bytes:
        """Return the content of the next frame; the errors are those of :meth:`read`."""
        return self.read(_LENGTH.unpack(self.read(_LENGTH.size, deadline))[0], deadline)

    def _fill(self, deadline: float | None) -> None:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0 or not self._poll.poll(left * 1000 + 1):
                raise DeadlinePassed
        piece = os.read(self._descriptor, 1 << 20)
        if not piece:
            raise PipeClosed
        self._buffer += piece
