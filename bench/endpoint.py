"""The endpoint against its peers, on the same machine and data in one run: ``python bench/endpoint.py``.

It prints medians with their spread over rounds and the ratio to ``oxigraph serve-read-only``, and says of each target
whether it was met. Every server is asked by the same client, which shares the machine with it.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pyoxigraph
from load import Outcome, get_request, load, repeated
from servers import ours, oxigraph, oxigraph_binary, rdflib_endpoint

from kg.query.dataset import Dataset
from kg.query.pool import Pool, PoolLimits

ROOT = Path(__file__).resolve().parent.parent
JSON = "application/sparql-results+json"
SHACL = "http://www.w3.org/ns/shacl#"
Server = Callable[[Path], AbstractContextManager[tuple[str, float]]]


def main() -> None:
    """Run all measurements and print them as Markdown."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quads", type=Path, default=None, help="N-Quads to serve; default: the last build")
    options.add_argument("--rounds", type=int, default=5, help="rounds of each measurement")
    options.add_argument("--seconds", type=float, default=2.0, help="seconds of each round of load")
    options.add_argument("--scales", type=int, nargs="*", default=[1, 10, 100], help="how often the data is copied")
    options.add_argument("--without-rdflib", action="store_true", help="leave the slowest peer out")
    given = options.parse_args()
    if oxigraph_binary() is None:
        sys.exit("The program oxigraph is not there. Install it: pip install oxigraph")
    quads = given.quads or ROOT / "build" / (ROOT / "build" / "current").read_text().strip() / "graph.nq"
    queries = [q for q in competency_queries() if q.lstrip().upper().startswith(("SELECT", "PREFIX", "ASK"))]
    print(f"{sum(1 for _ in quads.open())} quads, {len(queries)} competency queries, {given.rounds} rounds.\n")
    show_latency(quads, queries, given.rounds)
    show_throughput(quads, queries, given.rounds, given.seconds, rdflib=not given.without_rdflib)
    show_starts(quads)
    show_scaling(quads, queries, given.scales)


def competency_queries() -> list[str]:
    """Return the text of the questions that the project ships with."""
    paths = sorted((ROOT / "data" / "questions").glob("*.ttl"))
    quads = [quad for path in paths for quad in pyoxigraph.parse(path=path)]
    asked = {SHACL + "select", SHACL + "ask"}
    return [str(getattr(quad.object, "value", "")) for quad in quads if quad.predicate.value in asked]


def medians(endpoint: str, queries: list[str], rounds: int, *, fresh: bool) -> list[list[float]]:
    """Return for each round the milliseconds of each query, asked one after the other; the first round only warms up."""
    result = []
    for number in range(rounds + 1):
        times = []
        for position, query in enumerate(queries):
            text = f"{query}\n#{number}.{position}.{time.time_ns()}" if fresh else query
            outcome = load(endpoint, [get_request(endpoint, text, JSON)], 1, 60)
            check(outcome, query)
            times.append(outcome.median * 1000)
        result.append(times)
    return result[1:]


def check(outcome: Outcome, query: str) -> None:
    """Stop if a query was not answered: a wrong answer is not a fast one."""
    if not outcome.all_fine and outcome.statuses:
        raise SystemExit(f"Answered with {outcome.statuses}: {query[:200]}")


def show_latency(quads: Path, queries: list[str], rounds: int) -> None:
    """Print the latency of the competency queries for one client."""
    measured: dict[str, list[list[float]]] = {}
    with ours(quads) as (endpoint, _):
        measured["kg, every query new"] = medians(endpoint, queries, rounds, fresh=True)
        measured["kg, asked again"] = medians(endpoint, queries, rounds, fresh=False)
    with oxigraph(quads) as (endpoint, _):
        measured["oxigraph serve"] = medians(endpoint, queries, rounds, fresh=True)
    reference = per_query(measured["oxigraph serve"])
    print("| one client, competency queries | median ms | spread over rounds | median ratio | worst ratio |")
    print("|---|---|---|---|---|")
    for name, found in measured.items():
        by_round = [statistics.median(times) for times in found]
        ratios = [mine / theirs for mine, theirs in zip(per_query(found), reference, strict=True)]
        print(
            f"| {name} | {statistics.median(by_round):.2f} | {min(by_round):.2f} to {max(by_round):.2f} "
            f"| {statistics.median(ratios):.2f} | {max(ratios):.2f} |"
        )
    print()


def per_query(found: list[list[float]]) -> list[float]:
    """Return the median of each query over the rounds."""
    return [statistics.median(times) for times in zip(*found, strict=True)]


def show_throughput(quads: Path, queries: list[str], rounds: int, seconds: float, *, rdflib: bool) -> None:
    """Print requests a second for 16 clients."""
    clients = 16
    servers: dict[str, tuple[Server, bool]] = {
        "kg, every query new": (lambda q: ours(q, queue=64, threads=128), True),
        "kg, asked again": (ours, False),
        "oxigraph serve": (oxigraph, True),
    }
    if rdflib:
        servers["rdflib-endpoint"] = (rdflib_endpoint, True)
    print(f"| {clients} clients, competency queries | requests/s | spread over rounds | ratio to oxigraph |")
    print("|---|---|---|---|")
    rates: dict[str, list[float]] = {}
    for name, (server, fresh) in servers.items():
        with server(quads) as (endpoint, _):
            rates[name] = []
            for number in range(rounds if name != "rdflib-endpoint" else 1):
                # Whoever is slow gets a minute and a half to answer something.
                outcome = load(endpoint, stream(endpoint, queries, number, fresh=fresh), clients, seconds, 90.0)
                check(outcome, name)
                rates[name].append(outcome.rate)
    reference = statistics.median(rates["oxigraph serve"])
    for name, found in rates.items():
        middle = statistics.median(found)
        print(f"| {name} | {middle:.2f} | {min(found):.1f} to {max(found):.1f} | {middle / reference:.4f} |")
    print()


def stream(endpoint: str, queries: list[str], number: int, *, fresh: bool) -> Iterator[bytes]:
    """Yield requests for the queries in turn, each spelled in a new way if ``fresh``."""

    def make(position: int) -> bytes:
        query = queries[position % len(queries)]
        text = f"{query}\n#{number}.{position}.{time.time_ns()}" if fresh else query
        return get_request(endpoint, text, JSON)

    return repeated(make)


def show_starts(quads: Path) -> None:
    """Print how long a start takes, and how long a worker's replacement."""
    print("| start | seconds |")
    print("|---|---|")
    with ours(quads) as (_, seconds):
        print(f"| kg: first answer after the start | {seconds:.2f} |")
    for count in (50_000, 500_000):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "graph.nq"
            path.write_text("".join(f'<http://e/{n // 5}> <http://e/p{n % 5}> "value {n}" .\n' for n in range(count)))
            with Pool(Dataset(path, "bench", "http://e/"), PoolLimits(workers=1)) as pool:
                times = []
                for _ in range(20):
                    pool._idle[0].kill()
                    started = time.perf_counter()
                    pool.ask("ASK { ?s ?p ?o }")
                    times.append(time.perf_counter() - started)
        print(f"| kg: answer of a fresh worker, {count} triples | {statistics.median(times):.4f} |")
    print()


def show_scaling(quads: Path, queries: list[str], scales: list[int]) -> None:
    """Print the latency ratio to ``oxigraph serve`` as the default graph grows."""
    print("| data | triples | kg median ms | oxigraph median ms | ratio |")
    print("|---|---|---|---|---|")
    for scale in scales:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "graph.nq"
            count = grow(quads, path, scale)
            asked = [q for q in queries if "GRAPH" not in q.upper()][:12]
            with ours(path) as (endpoint, _):
                mine = statistics.median(per_query(medians(endpoint, asked, 3, fresh=True)))
            with oxigraph(path) as (endpoint, _):
                theirs = statistics.median(per_query(medians(endpoint, asked, 3, fresh=True)))
        print(f"| x {scale} | {count} | {mine:.2f} | {theirs:.2f} | {mine / theirs:.2f} |")
    print()


_THING = re.compile(rb"(/id/)([a-z]+/)")


def grow(quads: Path, path: Path, scale: int) -> int:
    """Write the default graph of ``quads`` with its things copied ``scale`` times under new names; return its triples."""
    lines = [
        line for line in quads.open("rb") if not re.search(rb"> <[^>]*> \.$|\" <[^>]*> \.$", line) or _is_triple(line)
    ]
    with path.open("wb") as stream:
        for copy in range(scale):
            name = b"\\1\\2" if copy == 0 else b"\\1\\2copy%d-" % copy
            stream.writelines(_THING.sub(name, line) for line in lines)
    return len(lines) * scale


def _is_triple(line: bytes) -> bool:
    (quad,) = pyoxigraph.parse(line, format=pyoxigraph.RdfFormat.N_QUADS)
    return isinstance(quad.graph_name, pyoxigraph.DefaultGraph)


if __name__ == "__main__":
    main()
