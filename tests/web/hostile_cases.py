"""The hostile requests as data, a way to send one as it is, and what is wrong with what comes back."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph

SUITE = Path(__file__).resolve().parents[3] / "shared" / "suites" / "hostile"
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Hostile:
    """A request, and the group that it belongs to; the method RAW stands for bytes that may be no HTTP."""

    group: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def aimed_at(self, port: int) -> Hostile:
        """Return the request with this port of the loopback interface in the addresses that it wants fetched."""
        return Hostile(
            self.group,
            self.method,
            self.path.replace("127.0.0.1%3A9%2F", f"127.0.0.1%3A{port}%2F"),
            self.headers,
            self.body.replace(b"127.0.0.1:9/", f"127.0.0.1:{port}/".encode()).replace(b"%3A9/", f"%3A{port}/".encode()),
        )


@dataclass(frozen=True)
class Reply:
    """What came back: a status, or 0 if the connection was closed without a word, and the content if it was whole."""

    status: int
    content_type: str = ""
    body: bytes | None = b""

    @property
    def problem(self) -> str:
        """The name of the problem that it tells, or an empty string."""
        if self.content_type != PROBLEM or not self.body:
            return ""
        return str(json.loads(self.body)["type"]).rpartition("/")[2]


def cases() -> dict[str, list[Hostile]]:
    """Return the requests of each case by its group and name; nothing if the suites are not beside the repository."""
    index = SUITE / "index.json"
    if not index.is_file():
        return {}
    return {
        f"{case['group']}: {case['name']}": [_request(case["group"], request) for request in case["requests"]]
        for case in json.loads(index.read_text(encoding="utf-8"))
    }


def send(port: int, hostile: Hostile, patience: float) -> Reply:
    """Send a request to a port of the loopback interface and return the reply.

    Raises:
        TimeoutError: there was none within ``patience`` seconds.

    """
    if hostile.method == "RAW":
        with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
            # Who is refused while still sending finds the connection closed, and the reason to read.
            with suppress(ConnectionResetError, BrokenPipeError):
                connection.sendall(hostile.body)
            response = http.client.HTTPResponse(connection)
            try:
                response.begin()
                return _reply(response)
            except (ConnectionError, http.client.HTTPException):
                return Reply(0)
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        with suppress(ConnectionResetError, BrokenPipeError):
            client.request(hostile.method, hostile.path, hostile.body or None, hostile.headers)
        return _reply(client.getresponse())
    except (ConnectionError, http.client.HTTPException):
        return Reply(0)
    finally:
        client.close()


def faults(hostile: Hostile, reply: Reply) -> list[str]:
    """Return what is wrong with a reply: it must be a whole answer, or an error that says why."""
    if reply.status == 0:
        return [] if hostile.group == "http" else ["closed without a word"]
    found = []
    if reply.body is None:
        found.append("broken off")
    elif reply.status < 300 and not _is_well_formed(reply.content_type, reply.body):
        found.append("not well-formed")
    if reply.status < 200 or reply.status == 500 or reply.status >= 600:
        found.append(f"status {reply.status}")
    if hostile.group == "update" and not 400 <= reply.status < 500:
        found.append("not refused")
    # What is no HTTP is refused before there is anybody who could write a problem.
    told = bool(reply.problem) or reply.content_type.startswith("text/html")
    if reply.status >= 400 and not told and (reply.body or hostile.method != "RAW"):
        found.append("an error that is no problem")
    return found


class Trap:
    """Listens on a loopback port and counts who calls."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.calls = 0
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()

    def _run(self) -> None:
        while True:
            try:
                self._socket.accept()[0].close()
            except OSError:
                return
            self.calls += 1


def _request(group: str, request: dict[str, str]) -> Hostile:
    body = gzip.decompress((SUITE / request["body_gz"]).read_bytes()) if request["body_gz"] else b""
    suffix = request["path_suffix"] or ""
    path = suffix if suffix.startswith("/") else "/sparql" + suffix
    return Hostile(group, request["method"], path, dict(request["headers"] or {}), body)


def _reply(response: http.client.HTTPResponse) -> Reply:
    kind = response.getheader("Content-Type") or ""
    try:
        return Reply(response.status, kind, response.read())
    except (ConnectionError, http.client.HTTPException):
        return Reply(response.status, kind, None)


def _is_well_formed(content_type: str, body: bytes) -> bool:
    kind = content_type.split(";")[0]
    results = pyoxigraph.QueryResultsFormat.from_media_type(kind)
    graph = pyoxigraph.RdfFormat.from_media_type(kind)
    try:
        if results is not None:
            parsed = pyoxigraph.parse_query_results(body, format=results)
            if isinstance(parsed, pyoxigraph.QuerySolutions):
                for _ in parsed:
                    pass
        elif graph is not None:
            for _ in pyoxigraph.parse(body, format=graph):
                pass
        return bool(body) or graph is not None
    except (SyntaxError, ValueError):
        return False
