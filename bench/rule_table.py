"""Conformance side by side: which rules of OWL 2 RL kg, owlrl and reasonable follow, and which cases they meet.

Run ``python bench/rule_table.py``; it prints Markdown. The cases lie beside the repository (``../shared/suites``). kg
must name the rule of a contradiction; of the others it is enough that they find one. owlrl and reasonable run in a
process of their own, which is ended when a graph takes too long (``--seconds``) and then counts as having given nothing.
"""

import argparse
import importlib.metadata
import importlib.util
import json
import logging
import multiprocessing
import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple, Self

import pyoxigraph
from pyoxigraph import RdfFormat, Triple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "w3c"))
import owl_cases
from owl_cases import entails

from kg.infer import closure
from kg.infer.rules import RULES
from kg.terms import from_rdflib, to_rdflib

RULE_CASES = owl_cases.SUITES / "owl2rl" / "rules"
SUITES = {
    "RDF-Based Semantics (Schneider, Mainzer)": owl_cases.rdf_based_cases,
    "OWL working group, profile RL, approved": owl_cases.working_group_cases,
}


class Answer(NamedTuple):
    """What an engine makes of a graph: its closure and the rules of its contradictions."""

    triples: list[Triple]
    contradictions: list[str]


Engine = Callable[[list[Triple]], Answer | None]


def kg(graph: list[Triple]) -> Answer:
    """Close a graph with kg.infer."""
    closed = closure(graph, axiomatic=True)
    return Answer(list(closed), [each.rule for each in closed.inconsistencies])


def owlrl(graph: list[Triple]) -> Answer:
    """Do the same with owlrl; rdflib reads the graph and normalises its literals, as usual."""
    import owlrl
    import rdflib

    lines = pyoxigraph.serialize(graph, format=RdfFormat.N_TRIPLES)
    closed = rdflib.Graph().parse(data=lines, format="nt")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closed)
    errors = closed.objects(None, rdflib.URIRef("http://www.daml.org/2002/03/agents/agent-ont#error"))
    return Answer(list(from_rdflib(closed)), [str(each) for each in errors])


def reasonable(graph: list[Triple]) -> Answer:
    """Do the same with reasonable."""
    import reasonable

    reasoner = reasonable.PyReasoner()
    reasoner.from_graph(to_rdflib(graph))
    return Answer(list(from_rdflib(reasoner.reason())), [])


ENGINES: dict[str, Engine] = {"kg": kg, "owlrl": owlrl, "reasonable": reasonable}
NOTES = {
    "owlrl": "It names no rules.",
    "reasonable": "Its Python interface gives no contradictions, so it finds none.",
}
NAMES_RULES = frozenset({"kg"})
VERDICTS = ("pass", "fail", "unsound")
"""On an engine and a rule, from the best to the worst."""


def _serve(name: str, connection: Connection) -> None:
    logging.disable()  # rdflib tells of every ill-formed literal
    warnings.simplefilter("ignore")
    while True:
        try:
            connection.send(ENGINES[name](connection.recv()))
        except EOFError:
            return


class Guarded:
    """An engine in a process of its own, which is ended and replaced when it takes too long."""

    def __init__(self, name: str, seconds: float) -> None:
        self.name = name
        self._seconds = seconds
        self._context = multiprocessing.get_context("spawn")

    def __enter__(self) -> Self:
        self._connection, there = self._context.Pipe()
        self._process = self._context.Process(target=_serve, args=(self.name, there), daemon=True)
        self._process.start()
        there.close()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()

    def __call__(self, graph: list[Triple]) -> Answer | None:
        """Return what the engine makes of a graph; None if it takes too long or its process dies."""
        try:
            self._connection.send(graph)
            if self._connection.poll(self._seconds):
                answer: Answer = self._connection.recv()
                return answer
        except (EOFError, OSError):
            pass
        print(f"{self.name} gave no answer to a graph.", file=sys.stderr)
        self.__exit__()
        self.__enter__()
        return None


def read(folder: Path, part: str) -> list[Triple]:
    """Return the triples of a part of a rule's case."""
    file = folder / f"{part}.ttl"
    return [quad.triple for quad in pyoxigraph.parse(path=file, format=RdfFormat.TURTLE)] if file.is_file() else []


def judge(folder: Path, engine: Engine, *, names_rules: bool) -> str:
    """Return whether an engine passes the case of a rule, fails it, or concludes what it must not."""
    about = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    is_entailment = about["kind"] == "entailment"
    conclusion = read(folder, "conclusion")
    premise, control = engine(read(folder, "premise")), read(folder, "control")
    if premise is None:
        return "fail"
    if is_entailment and premise.contradictions:
        return "unsound"
    answer = engine(control) if control else None
    if answer and (entails(answer.triples, conclusion) if is_entailment else answer.contradictions):
        return "unsound"
    if is_entailment:
        return "pass" if entails(premise.triples, conclusion) else "fail"
    found = about["rule"] in premise.contradictions if names_rules else premise.contradictions
    return "pass" if found else "fail"


def worst(verdicts: Iterable[str]) -> str:
    """Return the verdict on a rule from those on its cases."""
    return max(verdicts, key=VERDICTS.index)


def rows(cells: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield the lines of a Markdown table, whose first row is its head."""
    for number, row in enumerate(cells):
        texts = [str(cell) for cell in row]
        yield f"| {' | '.join(texts)} |"
        if number == 0:
            yield "|" + " --- |" * len(texts)


def rule_table(engines: dict[str, Engine]) -> Iterator[list[object]]:
    """Yield a row for every rule of the specification, and the totals."""
    cases: dict[str, list[Path]] = defaultdict(list)
    for folder in sorted(RULE_CASES.iterdir()):
        cases[folder.name.partition("--")[0]].append(folder)
    yield ["Rule", "Table", "Cases", *engines]
    totals: dict[str, Counter[str]] = {name: Counter() for name in engines}
    for rule in RULES:
        verdicts = []
        for name, engine in engines.items():
            verdict = worst(judge(folder, engine, names_rules=name in NAMES_RULES) for folder in cases[rule.name])
            totals[name][verdict] += 1
            verdicts.append(verdict)
        yield [rule.name, rule.table, len(cases[rule.name]), *verdicts]
    for verdict in VERDICTS:
        yield [f"**{verdict}**", "", "", *(totals[name][verdict] for name in engines)]


def suite_table(engines: dict[str, Engine]) -> Iterator[list[object]]:
    """Yield a row for every kind of case of each suite: how many are met."""
    yield ["Suite", "Kind", "Cases", *engines]
    for suite, cases in SUITES.items():
        counts: Counter[str] = Counter()
        met: dict[str, Counter[str]] = {name: Counter() for name in engines}
        for case in cases():
            counts[case.kind] += 1
            for name, engine in engines.items():
                answer = engine(list(case.premise))
                if answer and case.is_met(answer.triples, contradicts_itself=bool(answer.contradictions)):
                    met[name][case.kind] += 1
        for kind in counts:
            yield [suite, kind, counts[kind], *(met[name][kind] for name in engines)]
        yield [suite, "**all**", counts.total(), *(met[name].total() for name in engines)]


def main() -> None:
    """Run the cases and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=20.0, help="how long owlrl and reasonable may take over a graph"
    )
    options = parser.parse_args()
    if not RULE_CASES.is_dir():
        sys.exit("The conformance suites are not beside the repository.")
    with ExitStack() as stack:
        engines: dict[str, Engine] = {"kg": kg}
        for name in NOTES:
            if importlib.util.find_spec(name):
                engines[name] = stack.enter_context(Guarded(name, options.seconds))
                print(f"{name} is version {importlib.metadata.version(name)}. {NOTES[name]}")
            else:
                print(f"{name} is not installed, so it has no column.")
        print("\n## Rules\n", *rows(rule_table(engines)), sep="\n")
        print("\n## Suites\n", *rows(suite_table(engines)), sep="\n")


if __name__ == "__main__":
    main()
