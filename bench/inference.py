"""Inference side by side, from file to file, each engine in its own process: ``python bench/inference.py``.

It prints Markdown: medians with their spread, peak memory, and the ratio to kg pair by pair, as the engines run in turn. Then
how kg grows with the data, how long proofs take, and how long the shipped graph takes. ``--quick`` leaves out all that takes
over a few seconds.
"""

import argparse
import gc
import importlib
import multiprocessing
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import pyoxigraph

sys.path.insert(0, str(Path(__file__).parent))
import lubm

from kg import authored
from kg.infer import closure, closure_of_files
from kg.project import Project

ROOT = Path(__file__).resolve().parent.parent
# The largest graph, in triples, that an engine is asked to close: owlrl takes minutes beyond it, reasonable more memory
# than is there.
LIMIT = {"kg": 10_000_000, "reasonable": 1_000_000, "owlrl": 10_000}


def kg(source: Path, target: Path) -> None:
    """Load, close and dump with kg.infer."""
    from kg.infer import closure_of_files

    closure_of_files([source]).dump(target)


def reasonable(source: Path, target: Path) -> None:
    """Do the same with reasonable."""
    import reasonable

    turtle = source.with_suffix(".ttl")  # reasonable chooses its parser by the ending; N-Triples is Turtle
    reasoner = reasonable.PyReasoner()
    reasoner.load_file(str(turtle))
    with target.open("w", encoding="utf-8") as file:
        file.writelines(f"{s.n3()} {p.n3()} {o.n3()} .\n" for s, p, o in reasoner.reason())


def owlrl(source: Path, target: Path) -> None:
    """Do the same with owlrl."""
    import owlrl
    import rdflib

    graph = rdflib.Graph().parse(source, format="nt")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    graph.serialize(target, format="nt", encoding="utf-8")


IMPORTS = {"kg": ["kg.infer"], "reasonable": ["reasonable", "rdflib"], "owlrl": ["owlrl", "rdflib"]}
ENGINES = {"kg": kg, "reasonable": reasonable, "owlrl": owlrl}


def _measure(name: str, source: Path, target: Path, results: "multiprocessing.Queue[tuple[float, int]]") -> None:
    for module in IMPORTS[name]:
        importlib.import_module(module)
    start = time.perf_counter()
    ENGINES[name](source, target)
    seconds = time.perf_counter() - start
    # The peak of this process alone; ru_maxrss begins with that of the process that started it.
    status = Path("/proc/self/status").read_text()
    results.put((seconds, int(status.split("VmHWM:")[1].split()[0]) // 1024))


def run(name: str, source: Path, target: Path) -> tuple[float, int]:
    """Return the seconds and MiB that an engine takes from file to file, imports excluded."""
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[tuple[float, int]] = context.Queue()
    process = context.Process(target=_measure, args=(name, source, target, results))
    process.start()
    found = results.get(timeout=600)
    process.join()
    return found


def compare(label: str, source: Path, names: list[str], rounds: int) -> None:
    """Print a row for each engine; the engines run in turn, so that a busy machine is busy for all of them."""
    source.with_suffix(".ttl").write_bytes(source.read_bytes())
    found: dict[str, list[tuple[float, int]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            found[name].append(run(name, source, source.with_suffix(".out")))
    for name in names:
        seconds = [took for took, _ in found[name]]
        memory = max(used for _, used in found[name])
        ratios = [theirs / ours for (theirs, _), (ours, _) in zip(found[name], found["kg"], strict=True)]
        print(
            f"| {label} | {name} | {statistics.median(seconds):.3f} | {min(seconds):.3f} to {max(seconds):.3f} | {memory} "
            f"| {statistics.median(ratios):.1f} | {min(ratios):.1f} to {max(ratios):.1f} |",
            flush=True,
        )


def _head(*columns: str) -> None:
    print("\n| " + " | ".join(columns) + " |\n|" + "---|" * len(columns), flush=True)


def show_growth(sizes: list[int], folder: Path, rounds: int) -> None:
    """Print how the time and memory of kg grow with the data."""
    _head("kg, LUBM-like", "seconds", "microseconds a triple", "MiB")
    for size in sizes:
        source = folder / f"lubm{size}.nt"
        if not source.exists():
            lubm.write(size, source)
        found = [run("kg", source, source.with_suffix(".out")) for _ in range(rounds)]
        seconds = statistics.median(took for took, _ in found)
        print(
            f"| {size:,} triples | {seconds:.2f} | {seconds / size * 1e6:.2f} | {max(m for _, m in found)} |",
            flush=True,
        )
        source.with_suffix(".out").unlink()


def show_proofs(sources: dict[str, Path], samples: int) -> None:
    """Print how long proofs of random inferred triples take, the first ones included.

    The collector of cycles is told to leave the closure alone (``gc.freeze``), as a long-lived process should: a walk
    over all of it takes a tenth of a second at 1,000,000 triples, whatever the process is doing just then.
    """
    _head("proofs", "asked", "median ms", "99 of 100 within ms", "slowest ms", "deepest")
    for label, source in sources.items():
        closed = closure_of_files([source])
        count = len(closed.inferred)
        gc.collect()
        gc.freeze()
        chance, seconds, deepest = random.Random(1), [], 0
        for _ in range(min(samples, count)):
            triple = closed.inferred[chance.randrange(count)]
            start = time.perf_counter()
            derivation = closed.why(triple)
            seconds.append(time.perf_counter() - start)
            assert derivation is not None
            deepest = max(deepest, derivation.depth)
        gc.unfreeze()
        seconds.sort()
        last = seconds[-1 - len(seconds) // 100]
        print(
            f"| {label}, {count:,} inferred | {len(seconds)} | {statistics.median(seconds) * 1000:.2f} "
            f"| {last * 1000:.2f} | {seconds[-1] * 1000:.2f} | {deepest} |",
            flush=True,
        )


def show_consistency(source: Path, rounds: int) -> None:
    """Print how long the shipped graph takes: drawing its closure and looking for contradictions."""
    _head("the shipped graph", "median s", "spread")
    triples = [quad.triple for quad in pyoxigraph.parse(path=str(source))]
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        found = closure(triples).inconsistencies
        seconds.append(time.perf_counter() - start)
        assert not found
    print(f"| closed and checked | {statistics.median(seconds):.3f} | {min(seconds):.3f} to {max(seconds):.3f} |")


def write_shipped(path: Path) -> None:
    """Write what the project's build reasons about: the ontology and the accepted facts."""
    read = authored.read(Project(ROOT))
    quads = [pyoxigraph.Quad(*triple) for triple in read.ontology | read.accepted]
    pyoxigraph.serialize(quads, output=str(path), format=pyoxigraph.RdfFormat.N_TRIPLES)


def write_chain(length: int, path: Path) -> None:
    """Write a chain of one transitive property."""
    prefix = "http://www.w3.org/"
    with path.open("w", encoding="utf-8") as file:
        file.write(
            f"<http://e.org/p> <{prefix}1999/02/22-rdf-syntax-ns#type> <{prefix}2002/07/owl#TransitiveProperty> .\n"
        )
        file.writelines(f"<http://e.org/n{n}> <http://e.org/p> <http://e.org/n{n + 1}> .\n" for n in range(length))


def write_aliases(count: int, path: Path) -> None:
    """Write many names for one thing."""
    with path.open("w", encoding="utf-8") as file:
        for n in range(count):
            file.write(
                f"<http://e.org/a{n}> <http://www.w3.org/2002/07/owl#sameAs> <http://e.org/a{(n + 1) % count}> .\n"
            )
            file.write(f"<http://e.org/a{n}> <http://e.org/p> <http://e.org/b{n % 20}> .\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out all that takes over a few seconds")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each comparison")
    options = parser.parse_args()
    sizes = [5_000, 10_000] if options.quick else [5_000, 10_000, 100_000, 1_000_000]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = {f"LUBM-like {size:,}": folder / f"lubm{size}.nt" for size in sizes}
        for size, source in zip(sizes, sources.values(), strict=True):
            lubm.write(size, source)
        shipped, chain, aliases = (folder / f"{each}.nt" for each in ("shipped", "chain", "aliases"))
        write_shipped(shipped)
        write_chain(200 if options.quick else 2_000, chain)
        write_aliases(200, aliases)
        _head("from file to file", "engine", "median s", "spread", "MiB", "times kg", "spread")
        for size, (label, source) in zip(sizes, sources.items(), strict=True):
            names = [each for each in ENGINES if size <= LIMIT[each] and not (options.quick and each == "owlrl")]
            compare(label, source, names, options.rounds)
        compare("the shipped graph", shipped, ["kg"] if options.quick else ["kg", "owlrl"], options.rounds)
        compare("transitive chain", chain, ["kg"], options.rounds)
        compare("200 names of one thing", aliases, ["kg"] if options.quick else ["kg", "reasonable"], options.rounds)
        show_growth(sizes if options.quick else [100_000, 1_000_000, 5_000_000], folder, options.rounds)
        largest = list(sources)[-1]
        proved = {largest: sources[largest], "transitive chain": chain, "200 names": aliases, "shipped": shipped}
        show_proofs(proved, 500 if options.quick else 3_000)
        show_consistency(shipped, 5)


if __name__ == "__main__":
    main()
