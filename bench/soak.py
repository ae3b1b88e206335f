"""A long run of good and hostile requests while workers are killed: ``python bench/soak.py --minutes 10``.

On the loopback interface only. It ends with a table and status 1 if there was a wrong answer, a hang, a lost worker or
growing memory. Good queries are checked against answers that were computed apart before the run.
"""

from __future__ import annotations

import argparse
import csv
import http.client
import io
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

import pyoxigraph
from servers import ours

THINGS = 2_000
LIMIT_SECONDS = 1.0
# The time limit, the wait for a worker, a second, and some for a machine that is fully loaded by this very run.
HANG_SECONDS = LIMIT_SECONDS + 5.0 + 1.0 + 8.0
GOOD = (
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT ?o { <http://e/thing/7> <http://e/name> ?o }",
    "SELECT ?s ?o { ?s <http://e/name> ?o } ORDER BY ?s LIMIT 50",
    "SELECT ?t (COUNT(?s) AS ?n) { ?s <http://e/kind> ?t } GROUP BY ?t ORDER BY ?t",
    "SELECT ?o { <http://e/thing/0> <http://e/next>+ ?o } ORDER BY ?o LIMIT 20",
    f'SELECT ?s ("{"x" * 1000}" AS ?padding) {{ ?s <http://e/name> ?o }} ORDER BY ?s',
)
HOSTILE = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "SELECT ?a ?c { ?a ?p ?b . ?c ?q ?d } ORDER BY ?b ?d",
    "SELECT (GROUP_CONCAT(?b) AS ?x) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }",
    "SELECT * { SERVICE <http://127.0.0.1:9/x> { ?s ?p ?o } }",
    "SELECT (" + "!" * 50_000 + "true AS ?x) {}",
    "SELECT * " + "{" * 5_000 + "}" * 5_000,
    "SELECT * { ?s ?p",
    'SELECT (STRLEN(?s45) AS ?n) { BIND("x" AS ?s0) '
    + " ".join(f"BIND(CONCAT(?s{n}, ?s{n}) AS ?s{n + 1})" for n in range(45))
    + " }",
    "DROP ALL",
)


@dataclass
class Tally:
    """What happened so far."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0
    killed: int = 0

    def add(self, name: str, seconds: float, fault: str = "") -> None:
        """Count a request."""
        with self.lock:
            self.statuses[name] += 1
            self.slowest = max(self.slowest, seconds)
            if fault:
                self.wrong.append(fault)


def main() -> int:
    """Run the soak and return the exit status."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=10.0)
    options.add_argument("--clients", type=int, default=6, help="threads that ask; one in three is hostile")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        quads = Path(folder) / "graph.nq"
        quads.write_text("".join(triples()))
        expected = answers(quads)
        with ours(quads, timeout=LIMIT_SECONDS, memory=256, workers=2) as (endpoint, _):
            tally, memory = soak(endpoint, expected, given.minutes * 60, given.clients, given.seed)
            health = json.loads(ask(endpoint, "/health", "application/json")[1])
    return report(tally, memory, health)


def triples() -> list[str]:
    """Return the data: things in a ring, each of one of seven kinds."""
    lines = [f'<http://e/thing/{n}> <http://e/name> "thing {n}" .\n' for n in range(THINGS)]
    lines += [f"<http://e/thing/{n}> <http://e/kind> <http://e/kind/{n % 7}> .\n" for n in range(THINGS)]
    lines += [f"<http://e/thing/{n}> <http://e/next> <http://e/thing/{(n + 1) % 100}> .\n" for n in range(100)]
    return lines


def answers(quads: Path) -> dict[str, list[list[str]]]:
    """Return the answers of the good queries as records of CSV, computed in this process."""
    store = pyoxigraph.Store()
    store.bulk_load(path=quads, format=pyoxigraph.RdfFormat.N_QUADS)
    found = {}
    for query in GOOD:
        results = store.query(query)
        assert isinstance(results, pyoxigraph.QuerySolutions)
        found[query] = records(results.serialize(format=pyoxigraph.QueryResultsFormat.CSV) or b"")
    return found


def records(body: bytes) -> list[list[str]]:
    """Return CSV as records."""
    return list(csv.reader(io.StringIO(body.decode())))


def ask(endpoint: str, path: str, accept: str) -> tuple[int, bytes]:
    """Return status and content of a GET request on a connection of its own; status 0 if the server hung up."""
    parts = urlsplit(endpoint)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=HANG_SECONDS)
    try:
        connection.request("GET", path, headers={"Accept": accept, "Connection": "close"})
        response = connection.getresponse()
        return response.status, response.read()
    except (http.client.HTTPException, ConnectionError):
        return 0, b""
    finally:
        connection.close()


def soak(
    endpoint: str, expected: dict[str, list[list[str]]], seconds: float, clients: int, seed: int
) -> tuple[Tally, list[int]]:
    """Load the server for ``seconds``; return the tally and samples of the memory of its web process in KiB."""
    tally, stop = Tally(), threading.Event()
    memory: list[int] = []
    threads = [
        threading.Thread(target=client, args=(endpoint, expected, tally, stop, seed + number, number % 3 == 2))
        for number in range(clients)
    ]
    threads.append(threading.Thread(target=killer, args=(tally, stop, seed)))
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(min(5.0, seconds / 20))
        memory.append(sum(resident(pid) for pid in web_processes()))
    stop.set()
    for thread in threads:
        thread.join(2 * HANG_SECONDS)
        if thread.is_alive():
            tally.wrong.append("a client hangs")
    return tally, memory


def client(
    endpoint: str,
    expected: dict[str, list[list[str]]],
    tally: Tally,
    stop: threading.Event,
    seed: int,
    hostile: bool,
) -> None:
    """Ask until told to stop; a good client checks each answer, a hostile one only that there is one in time."""
    chance = random.Random(seed)
    number = 0
    while not stop.is_set():
        number += 1
        query = chance.choice(HOSTILE if hostile else GOOD)
        # Half of the good ones are spelled anew, so that they reach a worker and not the cache.
        text = f"{query}\n#{seed}.{number}" if chance.random() < 0.5 else query
        started = time.monotonic()
        if hostile and chance.random() < 0.2:
            leave(endpoint, text)
            continue
        try:
            status, body = ask(endpoint, f"/sparql?query={quote(text)}", "text/csv")
        except TimeoutError:
            tally.add("hang", HANG_SECONDS, f"no answer in {HANG_SECONDS} s: {query[:80]}")
            continue
        took = time.monotonic() - started
        fault = ""
        if status == 200 and not hostile and records(body) != expected[query]:
            fault = f"wrong answer of {len(body)} bytes: {query[:80]}"
        elif status in {0, 500}:
            fault = f"status {status}: {query[:80]}"
        elif not hostile and status not in {200, 503}:
            fault = f"status {status} for a good query: {query[:80]} {body[:200]!r}"
        tally.add(f"{'hostile' if hostile else 'good'} {status}", took, fault)


def leave(endpoint: str, text: str) -> None:
    """Ask and leave before the answer."""
    parts = urlsplit(endpoint)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    connection.request("GET", f"/sparql?query={quote(text)}")
    time.sleep(0.05)
    connection.close()


def killer(tally: Tally, stop: threading.Event, seed: int) -> None:
    """Kill a worker now and then, and sometimes the process that they are forked from."""
    chance = random.Random(seed)
    while not stop.wait(chance.uniform(0.2, 2.0)):
        servers = fork_servers()
        workers = [pid for server in servers for pid in children(server)]
        victims = servers if chance.random() < 0.1 else workers
        if victims:
            try:
                os.kill(chance.choice(victims), signal.SIGKILL)
                tally.killed += 1
            except ProcessLookupError:
                continue


def children(pid: int) -> list[int]:
    """Return the processes that ``pid`` started."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            continue
    return found


def web_processes() -> list[int]:
    """Return the web process: the child of the server that this program started."""
    return [web for server in children(os.getpid()) for web in children(server)]


def fork_servers() -> list[int]:
    """Return the processes that workers are forked from."""
    return [child for web in web_processes() for child in children(web)]


def resident(pid: int) -> int:
    """Return the resident memory of a process in KiB."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    except (OSError, StopIteration):
        return 0


def report(tally: Tally, memory: list[int], health: dict[str, object]) -> int:
    """Print what happened and return 1 if something went wrong."""
    print("| requests | count |\n|---|---|")
    for name, count in sorted(tally.statuses.items()):
        print(f"| {name} | {count} |")
    # The first third is for caches and the interpreter to fill.
    early, late = memory[len(memory) // 3 : 2 * len(memory) // 3], memory[2 * len(memory) // 3 :]
    growth = max(late, default=0) - max(early, default=0)
    print(f"\nworkers killed from outside: {tally.killed}")
    print(f"slowest request: {tally.slowest:.2f} s")
    print(f"memory of the web process: {max(early, default=0) >> 10} MiB, then {max(late, default=0) >> 10} MiB")
    print(f"health at the end: {json.dumps(health)}")
    faults = list(tally.wrong)
    workers = health["workers"]
    if health["status"] != "ready" or not isinstance(workers, dict) or workers["idle"] != workers["total"]:
        faults.append(f"workers are missing: {workers}")
    if growth > max(early, default=0) // 5 + 8192:
        faults.append(f"memory grew by {growth >> 10} MiB")
    for fault in faults[:20]:
        print("FAULT:", fault)
    print("failed" if faults else "passed: no wrong answer, no hang, no lost worker, flat memory")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
