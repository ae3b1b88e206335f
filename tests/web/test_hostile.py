"""Hostile requests: each is answered truly and in time, the next one too, and nothing leaves the machine."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import hostile_cases
import pytest
from hostile_cases import Trap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hostile_cases import Hostile
    from live_server import LiveServer

# What one request may take: the time limit of the server under test and a second, and some for a busy machine.
PATIENCE = 0.8 + 1.0 + 3.0
CASES = [
    (name + (f", {number}" if number > 1 else ""), hostile)
    for name, requests in hostile_cases.cases().items()
    for number, hostile in enumerate(requests, 1)
]


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    made = Trap()
    yield made
    made.close()


def test_the_suite_is_whole() -> None:
    if not CASES:
        pytest.skip("the conformance suites are not beside the repository")
    assert len({name for name, _ in CASES}) == len(CASES) >= 78


@pytest.mark.parametrize("hostile", [case for _, case in CASES], ids=[name for name, _ in CASES])
def test_a_hostile_request_is_answered_in_time_and_does_no_harm(live: LiveServer, trap: Trap, hostile: Hostile) -> None:
    started = time.monotonic()
    reply = hostile_cases.send(live.port, hostile.aimed_at(trap.port), PATIENCE)
    assert time.monotonic() - started < PATIENCE
    assert hostile_cases.faults(hostile, reply) == []
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
