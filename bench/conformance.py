"""What a freshly started server answers to the W3C protocol cases, to hostile requests and to mistakes, as Markdown.

Run ``python bench/conformance.py``. It reads the suites in ``../shared/suites``, sends to the loopback interface only,
and ends with status 1 if a verdict is bad. The cases and the verdicts are those of the tests.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "w3c"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "web"))
import hostile_cases
import protocol_cases
from hostile_cases import Hostile, Reply, Trap, send
from servers import in_front_of, ours
from soak import children, fork_servers, triples

from kg.web.problems import PROBLEM_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protocol_cases import Exchange

    Provoke = Callable[[], Reply]

LIMIT_SECONDS = 2.0
PATIENCE = 30.0
# A light query is answered at once if it takes no longer than this beside a hostile one, on a machine that is busy.
AT_ONCE = 1.0
THINGS = 2_000
COUNT = "SELECT (COUNT(*) AS ?n) { ?s <http://e/name> ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
DOUBLED = (
    'SELECT (STRLEN(?s45) AS ?n) { BIND("x" AS ?s0) '
    + " ".join(f"BIND(CONCAT(?s{n}, ?s{n}) AS ?s{n + 1})" for n in range(45))
    + " }"
)
WIDE = f'SELECT ?s ("{"x" * 4_000}" AS ?padding) {{ ?s <http://e/name> ?o }}'


def main() -> int:
    """Print the tables and return the exit status."""
    good = True
    with tempfile.TemporaryDirectory() as folder:
        quads = Path(folder) / "graph.nq"
        if protocol_cases.cases() and hostile_cases.cases():
            protocol_cases.write_dataset(quads)
            good &= protocol_table(quads)
            quads.write_text("".join(triples()))
            good &= hostile_table(quads)
        else:
            print("The conformance suites are not beside the repository, in ../shared/suites.\n")
        quads.write_text("".join(triples()))
        good &= problem_table(quads)
    return 0 if good else 1


def protocol_table(quads: Path) -> bool:
    """Print the verdict on each case of the protocol, and return whether all are good."""
    cases = protocol_cases.cases()
    updates = protocol_cases.updates(cases)
    passed, refused = 0, 0
    print("## The W3C cases of the SPARQL 1.1 Protocol\n")
    print("| case | request | status | expected | verdict |\n|---|---|---|---|---|")
    with ours(quads, workers=2, timeout=LIMIT_SECONDS) as (endpoint, _):
        for name, steps in cases.items():
            # The other requests of an update ask what it did.
            asked = [step for step in steps if step.is_update] if name in updates else steps
            replies = [exchanged(endpoint, step) for step in asked]
            faults: list[str] = []
            for step, reply in zip(asked, replies, strict=True):
                judged = (reply.status, reply.content_type, reply.body or b"")
                faults += (
                    protocol_cases.refusal_faults(*judged) if name in updates else protocol_cases.faults(step, *judged)
                )
            passed += not faults and name not in updates
            refused += not faults and name in updates
            expected = "403, a problem" if name in updates else "; ".join(map(expectation, asked))
            statuses = ", ".join(str(reply.status) for reply in replies)
            row(name, "; ".join(map(summary, asked)), statuses, expected, verdict(faults))
    print(
        f"\n{len(cases)} cases: {passed} of {len(cases) - len(updates)} pass, "
        f"{refused} of {len(updates)} updates are refused.\n"
    )
    return passed + refused == len(cases)


def exchanged(endpoint: str, step: Exchange) -> Reply:
    """Send a request of a protocol case and return the reply."""
    port = urlsplit(endpoint).port or 0
    return send(port, Hostile("protocol", step.method, step.path, step.headers, step.body), PATIENCE)


def summary(step: Exchange) -> str:
    """Return a request in a few words."""
    path, _, parameters = step.path.partition("?")
    names = ", ".join(part.partition("=")[0] for part in parameters.split("&") if part)
    content = step.headers.get("content-type", "no type") if step.body else ""
    return " ".join(part for part in (step.method, path, f"?{names}" if names else "", content) if part)


def expectation(step: Exchange) -> str:
    """Return what the manifest expects of a response."""
    wanted = [" or ".join(sorted(step.statuses))]
    wanted += [step.format] if step.format is not None else []
    wanted += [str(step.boolean).lower()] if step.boolean is not None else []
    return ", ".join(wanted)


def hostile_table(quads: Path) -> bool:
    """Print the verdict on each hostile case, and return whether all are good."""
    cases = hostile_cases.cases()
    good = 0
    print("## Hostile requests\n")
    print(f"Time limit {LIMIT_SECONDS:g} s, 256 MiB for a query. Meanwhile a light query is asked again and again.\n")
    print("| group | request | status | problem | seconds | slowest light query | verdict |")
    print("|---|---|---|---|---|---|---|")
    settings = {"workers": 2, "timeout": LIMIT_SECONDS, "request_timeout": LIMIT_SECONDS, "memory": 256}
    with ours(quads, answer_limit=16, **settings) as (endpoint, _):
        port = urlsplit(endpoint).port or 0
        trap = Trap()
        for name, requests in cases.items():
            tried = [attempt(port, request.aimed_at(trap.port)) for request in requests]
            faults = [fault for _, _, _, found in tried for fault in found]
            faults += [f"{trap.calls} calls to the network"] if trap.calls else []
            good += not faults
            group, _, request = name.partition(": ")
            row(
                group,
                request + (f" ({len(tried)} requests)" if len(tried) > 1 else ""),
                ", ".join(dict.fromkeys(str(r.status) if r.status else "connection closed" for r, *_ in tried)),
                ", ".join(dict.fromkeys(r.problem for r, *_ in tried if r.problem)),
                f"{max(seconds for _, seconds, *_ in tried):.2f}",
                f"{max(light for _, _, light, _ in tried):.2f}",
                verdict(faults),
            )
        trap.close()
    print(f"\n{len(cases)} cases, {sum(map(len, cases.values()))} requests: {good} cases are good.\n")
    return good == len(cases)


def attempt(port: int, hostile: Hostile) -> tuple[Reply, float, float, list[str]]:
    """Send a hostile request; return the reply, its seconds, those of the slowest light query meanwhile, and faults."""
    done = threading.Event()
    light: list[tuple[float, bool]] = []
    asking = threading.Thread(target=keep_asking, args=(port, done, light))
    asking.start()
    started = time.monotonic()
    try:
        reply = send(port, hostile, PATIENCE)
        faults = hostile_cases.faults(hostile, reply)
    except TimeoutError:
        reply, faults = Reply(0), [f"no answer within {PATIENCE:g} s"]
    seconds = time.monotonic() - started
    done.set()
    asking.join()
    slowest = max(took for took, _ in light)
    faults += [f"late: {seconds:.1f} s"] if seconds > LIMIT_SECONDS + 1 else []
    faults += [f"a light query took {slowest:.1f} s"] if slowest > AT_ONCE else []
    faults += [] if all(right for _, right in light) else ["a light query got no right answer"]
    return reply, seconds, slowest, faults


def keep_asking(port: int, done: threading.Event, light: list[tuple[float, bool]]) -> None:
    """Ask a light query until told to stop, and once after that; note how long each took and if it was right."""
    last = False
    while not last:
        last = done.is_set()
        started = time.monotonic()
        # Spelled anew, so that it reaches a worker and not a cache.
        path = "/sparql?" + urlencode({"query": f"{COUNT} #{started}"})
        with suppress(TimeoutError):
            reply = send(port, Hostile("light", "GET", path, {"Accept": "text/csv"}, b""), PATIENCE)
            light.append((time.monotonic() - started, reply.body == f"n\r\n{THINGS}\r\n".encode()))
        done.wait(0.05)


def problem_table(quads: Path) -> bool:
    """Print each kind of problem with an example from a server, and return whether each that was provoked came."""
    print("## What a client sees for each error\n")
    print("| problem | status | title | example |\n|---|---|---|---|")
    good = True
    with provocations(quads) as provoke:
        for kind in PROBLEM_KINDS.values():
            example = "not provoked: it takes a fault of the server"
            if kind.name in provoke:
                reply = provoke[kind.name]()
                fits = (reply.status, reply.problem) == (kind.status, kind.name)
                good &= fits
                example = (
                    f"`{json.dumps(json.loads(reply.body), ensure_ascii=False)}`"
                    if fits and reply.body
                    else (f"BAD: {reply.status} {reply.problem}")
                )
            row(kind.name, str(kind.status), kind.title, example)
    print()
    return good


@contextmanager
def provocations(quads: Path) -> Iterator[dict[str, Provoke]]:
    """Start servers with narrow limits and give, by its name, what provokes each problem that can be provoked."""
    with ExitStack() as stack:
        narrow = {"workers": 1, "queue": 0, "timeout": LIMIT_SECONDS, "memory": 256, "answer_limit": 1}
        endpoint, _ = stack.enter_context(ours(quads, request_limit=64, request_timeout=1.0, **narrow))
        store = stack.enter_context(ExitStack())
        behind, _ = store.enter_context(ours(quads, workers=1))
        front, _ = stack.enter_context(in_front_of(behind, quads))
        port, front_port = urlsplit(endpoint).port or 0, urlsplit(front).port or 0

        def request(method: str, path: str, body: bytes = b"", port: int = port, **headers: str) -> Reply:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return send(port, Hostile("problem", method, path, named, body), PATIENCE)

        def ask(query: str, port: int = port, **headers: str) -> Reply:
            return request("GET", "/sparql?" + urlencode({"query": query}), port=port, **headers)

        def post(body: bytes, content_type: str) -> Reply:
            return request("POST", "/sparql", body, Content_Type=content_type)

        def slow() -> Reply:
            head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
            return request("RAW", "", head + b"Content-Length: 9\r\n\r\nASK")

        def busy() -> Reply:
            with beside(lambda: ask(ENDLESS)):
                return ask("ASK {} #busy")

        def disturbed() -> Reply:
            replies: list[Reply] = []
            with beside(lambda: replies.append(ask(ENDLESS))) as asking:
                for _ in range(100):
                    kill_workers()
                    asking.join(0.02)
                    if not asking.is_alive():
                        break
            return replies[0]

        def away() -> Reply:
            store.close()
            return ask("ASK {}", front_port)

        yield {
            "query-syntax": lambda: ask("SELECT * WHERE { ?s ?p }"),
            "query-failed": lambda: ask("SELECT (<http://e/none>(1) AS ?x) {}"),
            "query-too-complex": lambda: ask("SELECT * " + "{" * 600 + "}" * 600),
            "bad-request": lambda: request("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D"),
            "read-only": lambda: post(b"update=DROP%20ALL", "application/x-www-form-urlencoded"),
            "federation-not-offered": lambda: ask("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"),
            "not-found": lambda: request("GET", "/store?graph=http://e/none"),
            "method-not-allowed": lambda: request("DELETE", "/store?default"),
            "not-acceptable": lambda: ask("ASK {}", Accept="image/png"),
            "request-timeout": slow,
            "request-too-large": lambda: post(b"#" * (65 << 10), "application/sparql-query"),
            "unsupported-media-type": lambda: post(b"ASK {}", "text/plain"),
            "bad-gateway": away,
            "busy": busy,
            "unavailable": disturbed,
            "timeout": lambda: ask(ENDLESS),
            "memory": lambda: ask(DOUBLED),
            "answer-too-large": lambda: ask(WIDE),
        }


@contextmanager
def beside(work: Callable[[], object]) -> Iterator[threading.Thread]:
    """Run ``work`` in a thread, which has begun well before the block does, and wait for its end."""
    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(LIMIT_SECONDS / 4)
    try:
        yield thread
    finally:
        thread.join()


def kill_workers() -> None:
    """Kill the processes of this program's servers that answer queries."""
    for server in fork_servers():
        for worker in children(server):
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)


def row(*cells: str) -> None:
    """Print a row of a table."""
    print("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")


def verdict(faults: list[str]) -> str:
    """Return the verdict that follows from faults."""
    return "BAD: " + "; ".join(dict.fromkeys(faults)) if faults else "good"


if __name__ == "__main__":
    sys.exit(main())
