"""HTTP as it comes over a socket: bodies, repeated headers, validators, and what stands between client and application."""

from __future__ import annotations

import http.client
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from live_server import BASE, SERVE_PAGES, LiveServer, write_artifact

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

POST = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
MANY = "SELECT ?s ?name { ?s <name> ?name }"


class Replied:
    """A response read from a connection."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()


def exchange(live: LiveServer, request: bytes, *, half_close: bool = False) -> Replied:
    with live.connect() as connection:
        connection.sendall(request)
        if half_close:
            connection.shutdown(1)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return Replied(response)


def get(live: LiveServer, query: str, *headers: str) -> Replied:
    lines = "".join(f"{header}\r\n" for header in ("Host: x", *headers))
    return exchange(live, f"GET /sparql?query={quote(query)} HTTP/1.1\r\n{lines}\r\n".encode())


def test_a_body_in_chunks_is_read(live: LiveServer) -> None:
    head = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    reply = exchange(live, head + b"4\r\nASK \r\nb\r\n{} #chunked\r\n0\r\n\r\n")
    assert (reply.status, reply.body) == (200, b'{"head":{},"boolean":true}')


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"Content-Length: 60", b"ASK {} #short"),
        (b"Transfer-Encoding: chunked", b"d\r\nASK {} #broken\r\n"),
        (b"Transfer-Encoding: chunked", b"e\r\nASK {} #broken\r\nZZ\r\n"),
    ],
)
def test_a_body_that_breaks_off_is_not_taken_for_a_whole_one(live: LiveServer, head: bytes, body: bytes) -> None:
    reply = exchange(live, POST + head + b"\r\n\r\n" + body, half_close=True)
    assert reply.status == 400
    assert b"/problems/bad-request" in reply.body


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("Accept", "text/csv;q=0.5", "application/sparql-results+json"),
        ("Accept-Encoding", "identity;q=0.5", "gzip"),
    ],
)
def test_a_header_in_two_lines_does_not_answer_those_who_sent_the_first_only(
    live: LiveServer, name: str, first: str, second: str
) -> None:
    query = f"{MANY} #{name}"
    both = get(live, query, f"{name}: {first}", f"{name}: {second}")
    once = get(live, query, f"{name}: {first}")
    assert once.headers["Content-Type" if name == "Accept" else "Content-Encoding"] == (
        "text/csv; charset=utf-8" if name == "Accept" else None
    )
    assert both.body != once.body
    joined = get(live, query, f"{name}: {first}, {second}")
    assert (joined.headers["ETag"], joined.body) == (both.headers["ETag"], both.body)


def test_a_tag_may_stand_in_any_line_of_if_none_match(live: LiveServer) -> None:
    tag = get(live, "ASK {} #lines").headers["ETag"]
    assert get(live, "ASK {} #lines", 'If-None-Match: "other"', f"If-None-Match: W/{tag}").status == 304


@pytest.mark.parametrize("hosts", [[], ["Host: x", "Host: y"]])
def test_a_request_names_one_host(live: LiveServer, hosts: list[str]) -> None:
    lines = "".join(f"{host}\r\n" for host in hosts)
    reply = exchange(live, f"GET /health/live HTTP/1.1\r\n{lines}\r\n".encode())
    assert reply.status == 400
    assert b"/problems/bad-request" in reply.body


def test_a_client_of_http_1_0_need_not_name_a_host(live: LiveServer) -> None:
    assert exchange(live, b"GET /health/live HTTP/1.0\r\n\r\n").status == 200


def test_requests_sent_ahead_are_answered_in_order(live: LiveServer) -> None:
    one = "GET /sparql?query={} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n"
    with live.connect() as connection:
        connection.sendall("".join(one.format(quote(f"SELECT ({n} AS ?n) {{}}")) for n in range(5)).encode())
        stream = connection.makefile("rb")
        for number in range(5):
            response = http.client.HTTPResponse(_Shared(stream))  # type: ignore[arg-type]
            response.begin()
            assert response.read() == f"n\r\n{number}\r\n".encode()


@pytest.fixture
def dumping(tmp_path: Path) -> Iterator[LiveServer]:
    """A server with a dump of 16 MiB, and room for four large answers of which each may have 1 MiB."""
    write_artifact(tmp_path, [f'<{BASE}thing/{n}> <{BASE}name> "{n}" .' for n in range(400)], "first")
    (tmp_path / "dumps").mkdir()
    (tmp_path / "dumps" / "graph.nt").write_bytes(bytes(range(256)) * (16 << 12))
    server = LiveServer(tmp_path, SERVE_PAGES, workers=2, answer_limit=2, request_timeout=0.3)
    yield server
    server.stop()


def resident(server: LiveServer) -> int:
    web = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()[0]
    lines = Path(f"/proc/{web}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) >> 10


@pytest.mark.parametrize("ranges", ["", "Range: bytes=1-\r\n"])
def test_slow_readers_of_a_dump_cost_no_memory(dumping: LiveServer, ranges: str) -> None:
    before = resident(dumping)
    slow = [dumping.connect() for _ in range(20)]
    for connection in slow:
        connection.sendall(f"GET /download/graph.nt HTTP/1.1\r\nHost: x\r\n{ranges}\r\n".encode())
    assert all(connection.recv(9) == b"HTTP/1.1 " for connection in slow)
    assert resident(dumping) - before < 64
    for connection in slow:
        connection.close()


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the system does not end such connections")
def test_who_takes_nothing_of_a_response_is_cut_off(dumping: LiveServer) -> None:
    def received(pause: float) -> int:
        size = 0
        with socket.socket() as connection, suppress(ConnectionError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
            connection.connect(("127.0.0.1", dumping.port))
            connection.sendall(b"GET /download/graph.nt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            time.sleep(pause)
            while piece := connection.recv(1 << 20):
                size += len(piece)
        return size

    assert received(0.5) > 16 << 20
    assert received(5.0) < 16 << 20


def test_a_part_of_a_dump_is_that_part(dumping: LiveServer) -> None:
    status, headers, body = dumping.request("GET", "/download/graph.nt", headers={"Range": "bytes=1000-1009"})
    assert (status, headers["content-length"], body) == (206, "10", bytes(range(256))[232:242])
    status, headers, body = dumping.request("GET", "/download/graph.nt")
    assert (status, len(body), headers["content-length"]) == (200, 16 << 20, str(16 << 20))
    assert dumping.request("HEAD", "/download/graph.nt")[1]["content-length"] == str(16 << 20)


def test_room_for_large_answers_is_free_again_when_they_are_read(dumping: LiveServer) -> None:
    query = 'SELECT ?s ("' + "x" * 4_000 + '" AS ?p) { ?s ?q ?o } #'
    for number in range(6):
        deadline = time.monotonic() + 8
        while dumping.ask(f"{query}{number}", Accept="text/csv")[0] != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)


class _Shared:
    """A stream in the place of a socket, so that responses one after another share what was read ahead."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream

    def makefile(self, *_: object) -> io.BufferedIOBase:
        return _Kept(self._stream)  # type: ignore[return-value]


class _Kept:
    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)

    def close(self) -> None:
        pass
