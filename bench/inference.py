"""Inference side by side: kg, reasonable and owlrl, from file to file, each in its own process; medians and ratios.

Run ``python bench/inference.py``; ``--quick`` leaves out all that takes over a few seconds, ``--large`` adds 1,000,000
triples. Runs of the engines alternate, so that a busy machine is busy for all of them.
"""

import argparse
import importlib
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import lubm

LIMIT = {"kg": 10_000_000, "reasonable": 1_000_000, "owlrl": 10_000}


def kg(source: Path, target: Path) -> None:
    """Load, close and dump with kg.infer."""
    from kg.infer import files
    from kg.infer.engine import Engine

    engine = Engine()
    files.load(engine, [source])
    engine.run()
    files.dump(engine, target)


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


IMPORTS = {"kg": ["kg.infer.files"], "reasonable": ["reasonable", "rdflib"], "owlrl": ["owlrl", "rdflib"]}
ENGINES = {"kg": kg, "reasonable": reasonable, "owlrl": owlrl}


def _measure(name: str, source: Path, target: Path, results: "multiprocessing.Queue[tuple[float, int]]") -> None:
    for module in IMPORTS[name]:
        importlib.import_module(module)
    start = time.perf_counter()
    ENGINES[name](source, target)
    results.put((time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))


def run(name: str, source: Path, target: Path) -> tuple[float, int]:
    """Return the seconds and MiB that an engine takes from file to file, imports excluded."""
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[tuple[float, int]] = context.Queue()
    process = context.Process(target=_measure, args=(name, source, target, results))
    process.start()
    found = results.get(timeout=600)
    process.join()
    return found


def compare(label: str, source: Path, names: list[str], repeats: int) -> None:
    """Print the median, spread, memory and ratio of each engine."""
    source.with_suffix(".ttl").write_bytes(source.read_bytes())
    seconds: dict[str, list[float]] = {name: [] for name in names}
    memory: dict[str, int] = dict.fromkeys(names, 0)
    for _ in range(repeats):
        for name in names:
            took, used = run(name, source, source.with_suffix(".out"))
            seconds[name].append(took)
            memory[name] = max(memory[name], used)
    base = statistics.median(seconds["kg"])
    for name in names:
        median = statistics.median(seconds[name])
        spread = f"{min(seconds[name]):.3f}-{max(seconds[name]):.3f}"
        print(
            f"{label:24} {name:11} {median:9.3f} s  ({spread})  {memory[name]:5} MiB  {median / base:8.1f} x kg",
            flush=True,
        )


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
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--large", action="store_true")
    options = parser.parse_args()
    sizes = [5_000, 10_000, *([] if options.quick else [100_000]), *([1_000_000] if options.large else [])]
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            source = Path(folder) / f"lubm{size}.nt"
            lubm.write(size, source)
            names = [name for name in ENGINES if size <= LIMIT[name] and not (options.quick and name == "owlrl")]
            compare(f"LUBM-like {size:,}", source, names, 3 if size <= 100_000 else 1)
        source = Path(folder) / "chain.nt"
        write_chain(200 if options.quick else 2_000, source)
        compare("transitive chain", source, ["kg"], 1)
        source = Path(folder) / "aliases.nt"
        write_aliases(200, source)
        compare("200 aliases", source, ["kg"] if options.quick else ["kg", "reasonable"], 1)


if __name__ == "__main__":
    main()
