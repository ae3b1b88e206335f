"""The servers that are compared, each started over the same N-Quads file and stopped again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS = """
import json, sys
from functools import partial
from pathlib import Path
from kg.query.dataset import Dataset
from kg.web.server import serve
from kg.web.settings import Settings
serve(partial(Dataset.open, Path(sys.argv[1])), Settings(**json.loads(sys.argv[2])))
"""
IN_FRONT = """
import json, sys
from functools import partial
from kg.serving import remote_engine
from kg.web.server import serve
from kg.web.settings import Settings
settings = Settings(**json.loads(sys.argv[3]))
serve(partial(remote_engine, sys.argv[1], sys.argv[2], settings), settings)
"""
RDFLIB = """
import sys, uvicorn
from rdflib import Dataset
from rdflib_endpoint import SparqlEndpoint
data = Dataset(default_union=False)
data.parse(sys.argv[1], format="nquads")
uvicorn.run(SparqlEndpoint(graph=data, path="/", cors_enabled=False), port=int(sys.argv[2]), log_level="error")
"""


def free_port() -> int:
    """Return a TCP port of the loopback interface that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], endpoint: str, patience: float = 120.0) -> Iterator[float]:
    """Run ``command`` until the block ends, and give the seconds until ``endpoint`` gave its first answer."""
    started = time.perf_counter()
    log = tempfile.TemporaryFile()  # noqa: SIM115 - closed below
    process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        while not _answers(endpoint):
            if process.poll() is not None or time.perf_counter() - started > patience:
                log.seek(0)
                raise RuntimeError(f"{command[0]} does not answer: {log.read().decode()[-2000:]}")
            time.sleep(0.01)
        yield time.perf_counter() - started
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def _answers(endpoint: str) -> bool:
    request = urllib.request.Request(
        f"{endpoint}?query={quote('ASK { ?s ?p ?o }')}", headers={"Accept": "application/sparql-results+json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def ours(quads: Path, **settings: object) -> Iterator[tuple[str, float]]:
    """Serve ``quads`` by this project; gives the endpoint and the seconds to the first answer."""
    with _artifact(quads) as folder, _serving(OURS, [folder], settings) as started:
        yield started


@contextmanager
def in_front_of(store: str, quads: Path, **settings: object) -> Iterator[tuple[str, float]]:
    """Serve the endpoint ``store``, which holds ``quads``, by this project; gives the same as :func:`ours`."""
    with _artifact(quads) as folder, _serving(IN_FRONT, [store, folder], settings) as started:
        yield started


@contextmanager
def _artifact(quads: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "graph.nq").symlink_to(quads.resolve())
        manifest = {"digest": str(quads.stat().st_size), "base": "http://example.org/", "triples": {}}
        (Path(folder) / "manifest.json").write_text(json.dumps(manifest))
        yield folder


@contextmanager
def _serving(program: str, arguments: list[str], settings: dict[str, object]) -> Iterator[tuple[str, float]]:
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}/sparql"
    chosen = json.dumps({"port": port, "timeout": 60.0, **settings})
    with running([sys.executable, "-c", program, *arguments, chosen], endpoint) as seconds:
        yield endpoint, seconds


@contextmanager
def oxigraph(quads: Path) -> Iterator[tuple[str, float]]:
    """Serve ``quads`` by ``oxigraph serve-read-only``, from a store that is loaded and optimised first."""
    binary = oxigraph_binary()
    if binary is None:
        raise FileNotFoundError("oxigraph")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        for step in (["load", "--location", folder, "--file", str(quads)], ["optimize", "--location", folder]):
            subprocess.run([binary, *step], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        endpoint = f"http://127.0.0.1:{port}/query"
        with running(
            [binary, "serve-read-only", "--location", folder, "--bind", f"127.0.0.1:{port}"], endpoint
        ) as took:
            yield endpoint, took


@contextmanager
def rdflib_endpoint(quads: Path) -> Iterator[tuple[str, float]]:
    """Serve ``quads`` by rdflib-endpoint over rdflib, the way that its documentation shows."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}/"
    with running([sys.executable, "-c", RDFLIB, str(quads), str(port)], endpoint) as seconds:
        yield endpoint, seconds


def oxigraph_binary() -> str | None:
    """Return the path of the ``oxigraph`` program: beside this Python, on the path, or named by ``OXIGRAPH``."""
    beside = Path(sys.executable).parent / "oxigraph"
    return os.environ.get("OXIGRAPH") or (str(beside) if beside.exists() else shutil.which("oxigraph"))
