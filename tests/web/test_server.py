from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from live_server import BASE, SERVE, LiveServer, write_artifact

from kg.query.dataset import Dataset
from kg.web.server import AddressInUseError, serve
from kg.web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) {" + " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(12)) + "}"


def triples(count: int) -> list[str]:
    return [f'<{BASE}thing/{n}> <{BASE}name> "name {n}" .' for n in range(count)]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Callable[..., LiveServer]]:
    """Start servers of a test's own, over ten triples."""
    started: list[LiveServer] = []

    def start(**settings: object) -> LiveServer:
        write_artifact(tmp_path / "build", triples(10), "first")
        started.append(LiveServer(tmp_path / "build", workers=2, **settings))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.stop()


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def log_lines(server: LiveServer) -> list[dict[str, object]]:
    return [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]


def test_a_cached_answer_is_the_same_in_every_way_but_its_request_id(live: LiveServer) -> None:
    first, second = live.ask(COUNT + "#1"), live.ask(COUNT + "#1")
    assert first[2] == second[2]
    own_headers = {"date", "x-request-id"}
    assert {k: v for k, v in first[1].items() if k not in own_headers} == {
        k: v for k, v in second[1].items() if k not in own_headers
    }
    assert first[1]["x-request-id"] != second[1]["x-request-id"]


def test_not_modified_comes_from_the_front_with_the_same_tag(live: LiveServer) -> None:
    tag = live.ask(COUNT + "#2")[1]["etag"]
    status, headers, body = live.ask(COUNT + "#2", If_None_Match=tag)
    assert (status, headers["etag"], body) == (304, tag, b"")
    assert live.ask(COUNT + "#2", If_None_Match='"other"')[0] == 200


def test_posts_are_kept_apart_by_their_bodies(live: LiveServer) -> None:
    def post(text: str) -> bytes:
        return live.request("POST", "/sparql", text.encode(), {"Content-Type": "application/sparql-query"})[2]

    assert post("ASK { <http://e/none> ?p ?o }") == post("ASK { <http://e/none> ?p ?o }")
    assert post("ASK { <http://e/none> ?p ?o }") != post("ASK {}")


def test_head_has_a_length_and_no_body(live: LiveServer) -> None:
    path = "/sparql?query=" + quote(COUNT + "#3")
    head, get, again = live.request("HEAD", path), live.request("GET", path), live.request("HEAD", path)
    assert head[2] == again[2] == b""
    assert head[1]["content-length"] == again[1]["content-length"] == str(len(get[2]))


def test_a_large_answer_is_sent_whole_with_its_length(live: LiveServer) -> None:
    status, headers, body = live.ask('SELECT ?s ("' + "x" * 4_000 + '" AS ?p) { ?s <name> ?o }', Accept="text/csv")
    assert status == 200
    assert int(headers["content-length"]) == len(body) > 1 << 20
    assert body.count(b"\r\n") == 501


def test_a_forged_host_is_not_repeated(live: LiveServer) -> None:
    _, headers, body = live.request("GET", "/sparql", headers={"Host": "evil.example", "Accept": "text/turtle"})
    assert b"evil.example" not in body
    assert "evil.example" not in str(headers)
    assert live.url.encode() in body


def test_headers_that_imitate_others_are_dropped(live: LiveServer) -> None:
    assert live.ask(COUNT, Accept="text/csv")[1]["content-type"].startswith("text/csv")
    status, headers, _ = live.request(
        "GET", "/sparql?query=" + quote("ASK {}#4"), headers={"Accept": "text/csv", "ACCEPT_ENCODING": "gzip"}
    )
    assert (status, headers.get("content-encoding")) == (200, None)


def test_addresses_in_other_scripts_arrive(live: LiveServer) -> None:
    assert live.request("GET", "/%E7%89%A9/%2Fx%3F")[0] == 404
    assert any(line["path"] == "/物//x?" for line in log_lines(live))


def test_each_request_has_one_line_in_the_log_and_no_query(live: LiveServer) -> None:
    _, headers, body = live.ask("ASK { <http://e/secret> ?p ?o }")
    found = [line for line in log_lines(live) if line["id"] == headers["x-request-id"]]
    assert len(found) == 1
    assert (found[0]["status"], found[0]["bytes"], found[0]["outcome"]) == (200, len(body), "ok")
    assert "secret" not in live.log.read_text()


def test_a_client_that_leaves_stops_its_query(own: Callable[..., LiveServer]) -> None:
    server = own(timeout=60.0)
    connection = server.connect()
    connection.sendall(f"GET /sparql?query={quote(ENDLESS)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    def health() -> dict[str, dict[str, object]]:
        return json.loads(server.request("GET", "/health")[2])  # type: ignore[no-any-return]

    eventually(lambda: health()["workers"]["idle"] == 1)
    connection.close()
    eventually(lambda: health()["workers"]["idle"] == 2)
    assert health()["workers"]["restarts"] == {"client left": 1}


def test_stopping_answers_what_is_under_way(own: Callable[..., LiveServer]) -> None:
    server = own(timeout=0.7)
    answered: list[int] = []
    asking = threading.Thread(target=lambda: answered.append(server.ask(ENDLESS)[0]))
    asking.start()
    eventually(lambda: json.loads(server.request("GET", "/health")[2])["workers"]["idle"] == 1)
    assert server.stop() == 0
    asking.join()
    assert answered == [503]
    with pytest.raises(OSError, match=r".+"):
        server.request("GET", "/health")


def test_stopping_leaves_no_process_behind(own: Callable[..., LiveServer]) -> None:
    server = own()
    family = descendants(server.process.pid)
    assert len(family) >= 4
    server.stop()
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))


def test_killing_the_server_leaves_no_process_behind(own: Callable[..., LiveServer]) -> None:
    server = own()
    family = descendants(server.process.pid)
    for pid in (web_process(server), server.process.pid):
        os.kill(pid, signal.SIGKILL)
    server.process.wait()
    eventually(lambda: not any(alive(pid) for pid in family))


def test_a_web_process_that_dies_is_replaced(own: Callable[..., LiveServer]) -> None:
    server = own()
    time.sleep(0.1)
    os.kill(web_process(server), signal.SIGKILL)
    eventually(server.answers)
    assert server.ask("ASK {}")[0] == 200


@pytest.mark.parametrize("way", ["signal", "watch"])
def test_a_new_build_is_taken_up_without_dropping_a_request(own: Callable[..., LiveServer], way: str) -> None:
    server = own(watch=way == "watch")
    before = server.ask(COUNT, Accept="text/csv")
    statuses: list[int] = []
    counts: set[bytes] = set()
    stop = threading.Event()

    def keep_asking() -> None:
        while not stop.is_set():
            status, _, body = server.ask(COUNT, Accept="text/csv")
            statuses.append(status)
            counts.add(body)

    asking = [threading.Thread(target=keep_asking) for _ in range(3)]
    for thread in asking:
        thread.start()
    write_artifact(server.folder, triples(25), "second")
    if way == "signal":
        server.process.send_signal(signal.SIGHUP)
    eventually(lambda: json.loads(server.request("GET", "/health")[2])["digest"] == "second")
    after = server.ask(COUNT, Accept="text/csv")
    stop.set()
    for thread in asking:
        thread.join()
    assert set(statuses) == {200}
    assert counts <= {b"n\r\n10\r\n", b"n\r\n25\r\n"}
    assert (before[2], after[2]) == (b"n\r\n10\r\n", b"n\r\n25\r\n")
    assert before[1]["etag"] != after[1]["etag"]


@pytest.mark.parametrize("watch", [False, True])
def test_a_broken_build_is_not_taken_up(own: Callable[..., LiveServer], watch: bool) -> None:
    server = own(watch=watch)
    write_artifact(server.folder, ["this is no quad"], "broken")
    if not watch:
        server.process.send_signal(signal.SIGHUP)
    eventually(lambda: "not taken up" in server.log.read_text())
    if watch:
        time.sleep(2.5)
    assert server.log.read_text().count("not taken up") == 1
    assert json.loads(server.request("GET", "/health")[2])["digest"] == "first"
    assert server.ask(COUNT)[0] == 200


@pytest.mark.parametrize(
    "manifest", ["[]", '{"digest": "odd", "base": "http://e/", "triples": {"default": "many"}}', "{"]
)
def test_a_manifest_of_another_shape_does_not_end_the_looking(own: Callable[..., LiveServer], manifest: str) -> None:
    server = own(watch=True)
    (server.folder / "manifest.json").write_text(manifest)
    eventually(lambda: "not taken up" in server.log.read_text())
    write_artifact(server.folder, triples(25), "second")
    eventually(lambda: json.loads(server.request("GET", "/health")[2])["digest"] == "second")


# A source that has each process told to reload when it is asked for the first time, which is while it starts.
IMPATIENT = """
import os, signal
from pathlib import Path
from kg.query.dataset import Dataset
told = set()
def source():
    if os.getpid() not in told:
        told.add(os.getpid())
        os.kill(os.getpid(), signal.SIGHUP)
    return Dataset.open(Path())
"""


def test_being_told_to_reload_while_starting_does_no_harm(tmp_path: Path) -> None:
    write_artifact(tmp_path, triples(10), "first")
    (tmp_path / "impatient.py").write_text(IMPATIENT)
    program = SERVE.replace("partial(Dataset.open, Path(sys.argv[1]))", "__import__('impatient').source")
    server = LiveServer(tmp_path, program, workers=2)
    assert server.ask(COUNT)[0] == 200
    assert server.stop() == 0


def test_a_port_in_use_is_told_in_one_sentence(tmp_path: Path) -> None:
    write_artifact(tmp_path, triples(1), "first")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressInUseError, match=f"Port {port} on 127.0.0.1 is in use"):
            serve(lambda: Dataset.open(tmp_path), Settings(port=port))


def test_many_requests_on_one_connection(live: LiveServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", live.port)
    for number in range(20):
        connection.request(
            "GET", "/sparql?query=" + quote(f"SELECT ({number} AS ?n) {{}}"), headers={"Accept": "text/csv"}
        )
        assert connection.getresponse().read() == f"n\r\n{number}\r\n".encode()
    connection.close()


def web_process(server: LiveServer) -> int:
    return int(Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()[0])


def descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    found = [int(child) for child in children]
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split() if int(child) not in found]
    return [*found, *(grandchild for child in found for grandchild in descendants(child))]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
