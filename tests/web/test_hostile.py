"""Hostile requests: each is answered truly and in time, the next one too, and nothing leaves the machine."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from live_server import LiveServer

SUITE = Path(__file__).resolve().parents[3] / "shared" / "suites" / "hostile"
# What one request may take: the time limit of the server under test and a second, and some for a busy machine.
PATIENCE = 0.8 + 1.0 + 3.0


@dataclass(frozen=True)
class Hostile:
    group: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def suite() -> list[tuple[str, Hostile]]:
    index = SUITE / "index.json"
    if not index.is_file():
        return []
    found = []
    for case in json.loads(index.read_text(encoding="utf-8")):
        for number, request in enumerate(case["requests"]):
            body = gzip.decompress((SUITE / request["body_gz"]).read_bytes()) if request["body_gz"] else b""
            suffix = request["path_suffix"] or ""
            path = suffix if suffix.startswith("/") else "/sparql" + suffix
            hostile = Hostile(case["group"], request["method"], path, request["headers"] or {}, body)
            found.append((f"{case['group']}: {case['name']}" + (f", {number + 1}" if number else ""), hostile))
    return found


CASES = suite()


class Trap:
    """Listens on a loopback port and counts who calls."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.calls = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                self._socket.accept()[0].close()
            except OSError:
                return
            self.calls += 1

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    made = Trap()
    yield made
    made.close()


def send(live: LiveServer, hostile: Hostile) -> int:
    """Send a request and return the status, or 0 if the server closed the connection without a word."""
    if hostile.method == "RAW":
        with live.connect(PATIENCE) as connection:
            try:
                connection.sendall(hostile.body)
                head = connection.recv(4096)
            except (ConnectionResetError, BrokenPipeError):
                return 0
            return int(head.split()[1]) if head.startswith(b"HTTP/1.") else 0
    try:
        return live.request(hostile.method, hostile.path, hostile.body or None, hostile.headers, PATIENCE)[0]
    except (ConnectionResetError, BrokenPipeError):
        return 0


def test_the_suite_is_whole() -> None:
    if not CASES:
        pytest.skip("the conformance suites are not beside the repository")
    assert len({name for name, _ in CASES}) == len(CASES) >= 78


@pytest.mark.parametrize("hostile", [case for _, case in CASES], ids=[name for name, _ in CASES])
def test_a_hostile_request_is_answered_in_time_and_does_no_harm(live: LiveServer, trap: Trap, hostile: Hostile) -> None:
    here = str(trap.port)
    aimed = Hostile(
        hostile.group,
        hostile.method,
        hostile.path.replace("127.0.0.1%3A9%2F", f"127.0.0.1%3A{here}%2F"),
        hostile.headers,
        hostile.body.replace(b"127.0.0.1:9/", f"127.0.0.1:{here}/".encode()).replace(b"%3A9/", f"%3A{here}/".encode()),
    )
    started = time.monotonic()
    status = send(live, aimed)
    assert time.monotonic() - started < PATIENCE
    assert status != 500
    assert status == 0 or 200 <= status < 600
    if hostile.group == "update":
        assert 400 <= status < 500
    assert trap.calls == 0
    status, _, body = live.ask("SELECT (COUNT(*) AS ?n) { ?s <name> ?o }", Accept="text/csv")
    assert (status, body) == (200, b"n\r\n500\r\n")


def test_many_connections_that_say_nothing_do_not_stop_the_others(live: LiveServer) -> None:
    silent = [live.connect() for _ in range(200)]
    try:
        assert live.ask("ASK {}")[0] == 200
    finally:
        for connection in silent:
            connection.close()


def test_slow_bodies_do_not_stop_the_others_and_end_with_408(live: LiveServer) -> None:
    head = (
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 100\r\n\r\nASK"
    )
    slow = [live.connect() for _ in range(100)]
    try:
        for connection in slow:
            connection.sendall(head)
        assert live.ask("ASK {}")[0] == 200
        assert slow[0].recv(4096).startswith(b"HTTP/1.1 408")
    finally:
        for connection in slow:
            connection.close()


def test_slow_readers_of_large_answers_do_not_stop_the_others(live: LiveServer) -> None:
    query = 'SELECT ?s ("' + "x" * 4000 + '" AS ?p) { ?s <name> ?o }'
    head = f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: {len(query)}"
    slow = [live.connect() for _ in range(6)]
    try:
        for connection in slow:
            connection.sendall(f"{head}\r\n\r\n{query}".encode())
        assert all(connection.recv(16).startswith(b"HTTP/1.1 200") for connection in slow)
        assert live.ask("ASK {}")[0] == 200
    finally:
        for connection in slow:
            connection.close()


def test_no_worker_is_lost(live: LiveServer) -> None:
    assert live.request("GET", "/health")[2]
    health = json.loads(live.request("GET", "/health")[2])
    assert health["workers"]["idle"] == health["workers"]["total"] == 2
    assert health["queue"] == 0
