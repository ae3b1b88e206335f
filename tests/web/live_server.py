"""A server in processes of its own, for tests that need a real one."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from pathlib import Path

BASE = "http://example.org/"


SERVE = """
import json, sys
from functools import partial
from pathlib import Path
from kg.query.dataset import Dataset
from kg.web.server import serve
from kg.web.settings import Settings
serve(partial(Dataset.open, Path(sys.argv[1])), Settings(**json.loads(sys.argv[2])))
"""
# The same with the pages.
SERVE_PAGES = SERVE.replace("sys.argv[2])))", "sys.argv[2])), parts=pages)").replace(
    "import json, sys\n", "import json, sys\nfrom kg.serving import pages\n"
)


class LiveServer:
    """A server in processes of its own, over a folder with ``graph.nq`` and ``manifest.json``."""

    def __init__(self, folder: Path, program: str = SERVE, **settings: Any) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        chosen = json.dumps({"port": self.port, **settings})
        self.log = folder / "server.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program, str(folder), chosen], stdout=log, stderr=log, cwd=folder
            )
        deadline = time.monotonic() + 20
        while not self.answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self) -> bool:
        try:
            return self.request("GET", "/health")[0] == 200
        except OSError:
            return False

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        timeout: float = 20,
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            fields = {name.lower(): value for name, value in response.getheaders()}
            return response.status, fields, response.read()
        finally:
            connection.close()

    def ask(self, query: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("GET", "/sparql?" + urlencode({"query": query}), headers=fields)

    def connect(self, timeout: float = 20) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=30)


def write_artifact(folder: Path, lines: list[str], digest: str) -> None:
    """Write a build; the manifest comes last, as a real build replaces it."""
    folder.mkdir(exist_ok=True)
    (folder / "graph.nq.new").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "graph.nq.new").rename(folder / "graph.nq")
    manifest = {"digest": digest, "base": BASE, "prefixes": {"ex": BASE}, "triples": {"default": len(lines)}}
    (folder / "manifest.json.new").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "manifest.json.new").rename(folder / "manifest.json")
