"""A load generator for HTTP/1.1: many connections kept open by one thread, every response read whole and checked."""

from __future__ import annotations

import selectors
import socket
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@dataclass
class Outcome:
    """What a run of the load saw: seconds of each request, and responses by status."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    elapsed: float = 0.0

    @property
    def rate(self) -> float:
        """Requests answered in a second."""
        return len(self.seconds) / self.elapsed if self.elapsed else 0.0

    @property
    def median(self) -> float:
        """Median seconds of a request."""
        return statistics.median(self.seconds) if self.seconds else float("nan")

    @property
    def all_fine(self) -> bool:
        """Whether every request was answered with 200."""
        return set(self.statuses) == {200}


def get_request(endpoint: str, query: str, accept: str) -> bytes:
    """Return the bytes of a GET request for ``query``."""
    parts = urlsplit(endpoint)
    return (
        f"GET {parts.path}?query={quote(query)} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: {accept}\r\n\r\n".encode()
    )


class _Connection:
    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.started = 0.0

    def ask(self, request: bytes) -> None:
        self.buffer.clear()
        self.started = time.perf_counter()
        self.socket.sendall(request)

    def status(self) -> int | None:
        """Read what is there, and return the status once the response is whole; 0 if the server hung up."""
        piece = self.socket.recv(1 << 18)
        if not piece:
            return 0
        self.buffer += piece
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self.buffer[:end]).lower()
        status = int(head.split(b" ", 2)[1])
        if b"content-length:" in head:
            length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            return status if len(self.buffer) >= end + 4 + length else None
        return status if self.buffer.endswith(b"0\r\n\r\n") else None


def load(endpoint: str, requests: Iterable[bytes], connections: int, seconds: float, patience: float = 30.0) -> Outcome:
    """Send ``requests`` over ``connections`` at the same time for ``seconds``, or until they run out.

    Requests that are not answered ``patience`` seconds after that are given up and not counted.
    """
    parts = urlsplit(endpoint)
    address = (parts.hostname or "127.0.0.1", parts.port or 80)
    selector = selectors.DefaultSelector()
    outcome = Outcome()
    left: Iterator[bytes] = iter(requests)
    started = time.perf_counter()
    open_connections = 0
    for _ in range(connections):
        request = next(left, None)
        if request is None:
            break
        connection = _Connection(address)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.ask(request)
        open_connections += 1
    while open_connections and time.perf_counter() - started < seconds + patience:
        for key, _ in selector.select(1.0):
            connection = key.data
            status = connection.status()
            if status is None:
                continue
            now = time.perf_counter()
            outcome.seconds.append(now - connection.started)
            outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
            request = next(left, None) if now - started < seconds and status else None
            if request is None:
                selector.unregister(connection.socket)
                connection.socket.close()
                open_connections -= 1
            else:
                connection.ask(request)
    outcome.elapsed = time.perf_counter() - started
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    return outcome


def repeated(make: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield ``make(0)``, ``make(1)`` and so on without an end."""
    number = 0
    while True:
        yield make(number)
        number += 1
