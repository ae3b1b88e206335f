"""The pipeline from the files of a project to the artifact that is served.

read -> validate -> infer -> validate what must hold after inference -> describe -> write. An artifact is a folder with
``graph.nq``, ``manifest.json`` and ``dumps/``, named after the digest of its inputs; ``build/current`` names the one to
serve and is replaced in one step, so a failed build leaves the last good one as it was.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pyoxigraph import BlankNode, DefaultGraph, Quad, RdfFormat, Triple

from kg import authored as reading
from kg import describe, project, serialize, validate
from kg.errors import InputError
from kg.infer import closure
from kg.query.dataset import Dataset
from kg.syntax import Document
from kg.validate import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from kg.authored import Authored
    from kg.infer import Closure
    from kg.infer.dictionary import Statement
    from kg.project import Project

    Progress = Callable[[str], None]
    Reasoner = Literal["kg", "owlrl"]


class BuildError(InputError):
    """The build stopped because of what the files say; ``report`` holds every finding."""

    def __init__(self, message: str, report: Report) -> None:
        super().__init__(message)
        self.report = report


@dataclass(frozen=True)
class Artifact:
    """A finished build: its folder and what its manifest says."""

    folder: Path
    manifest: dict[str, Any] = field(repr=False)
    fresh: bool = False
    warnings: tuple[validate.Finding, ...] = ()

    @property
    def dataset(self) -> Dataset:
        """The artifact as something that can be asked."""
        return Dataset.open(self.folder)

    @property
    def digest(self) -> str:
        """The digest of the inputs."""
        return str(self.manifest["digest"])


def current(project_: Project) -> Artifact | None:
    """Return the artifact of the last good build, or ``None``."""
    pointer = project_.build_folder / "current"
    if not pointer.is_file():
        return None
    folder = project_.build_folder / pointer.read_text(encoding="utf-8").strip()
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return None
    return Artifact(folder, json.loads(manifest.read_text(encoding="utf-8")))


def build(
    project_: Project, *, force: bool = False, engine: Reasoner = "kg", progress: Progress = lambda _: None
) -> Artifact:
    """Build ``project_`` unless nothing changed since the last build, and return the artifact.

    ``progress`` is told the name of each step as it begins. Raises BuildError with a report where the content is
    wrong, InputError where a file cannot be read.
    """
    digest = project_.digest()
    last = current(project_)
    if last is not None and last.digest == digest and not force:
        return last
    clock = _Clock(progress)
    with clock.step("read"):
        authored = reading.read(project_)
    with clock.step("validate"):
        report = validate.before_inference(authored, project_.texts_folder())
    _stop_on(report, "The files do not pass the checks.")
    with clock.step("infer"):
        closed = infer(authored, engine=engine)
    _stop_on(Report(tuple(inconsistency_findings(authored, closed))), "The facts contradict the ontology.")
    with clock.step("validate again"):
        inferred = published(closed.inferred)
        after = validate.after_inference(authored, authored.accepted | authored.sources | set(inferred))
    _stop_on(after, "What must hold after inference does not.")
    with clock.step("describe"):
        quads = assemble(authored, inferred)
    with clock.step("write"):
        manifest = _manifest(authored, quads, digest, closed)
        folder = _write(project_, quads, manifest, authored, clock)
    return Artifact(folder, manifest, fresh=True, warnings=(report + after).warnings)


def infer(authored: Authored, *, engine: Reasoner = "kg") -> Closure:
    """Return the OWL 2 RL closure of the ontology, the accepted facts and the sources."""
    return closure(authored.ontology | authored.accepted | authored.sources, engine=engine)


def published(triples: Iterable[Triple]) -> list[Triple]:
    """Return those of ``triples`` that can be published: no blank node, which would have no address."""
    return [t for t in triples if not isinstance(t.subject, BlankNode) and not isinstance(t.object, BlankNode)]


def inconsistency_findings(authored: Authored, closed: Closure) -> Iterator[validate.Finding]:
    """Yield a finding for each inconsistency: the rule, the axiom, the triples and the passages that state them."""
    for inconsistency in closed.inconsistencies:
        lines = []
        for premise in inconsistency.premises:
            derivation = closed.why(premise)
            lines.append(_with_origin(authored, premise))
            if derivation is not None and not derivation.is_asserted:
                lines += [f"  from {_with_origin(authored, leaf)}" for leaf in derivation.leaves]
        lines.append("Correct the fact that is wrong, or reject its passage in favour of another.")
        yield validate.Finding(f"inconsistency {inconsistency.rule}", inconsistency.message, "", "\n    ".join(lines))


def _with_origin(authored: Authored, statement: Statement) -> str:
    """Return a triple with the passages that state it, else the file and line that hold it."""
    if not isinstance(statement, Triple):
        return " ".join(map(str, statement))
    passages = ", ".join(authored.prefixes.shorten(p) for p in authored.stating(statement))
    origin = passages or authored.where(statement)
    return authored.prefixes.shorten_triple(statement) + (f"   [{origin}]" if origin else "")


def assemble(authored: Authored, inferred: Iterable[Triple]) -> list[Quad]:
    """Return the published dataset, sorted.

    The default graph holds the ontology, the accepted facts, the sources and what follows from them. Each passage is a
    named graph, and ``graph:ontology``, ``entities``, ``sources``, ``accepted``, ``inferred``, ``shapes``,
    ``questions`` and ``void`` hold the parts.
    """
    inferred = list(inferred)
    parts: dict[str, set[Triple]] = {
        "ontology": _stable(authored.ontology, "o"),
        "entities": authored.entities,
        "sources": authored.sources,
        "accepted": authored.accepted,
        "inferred": set(inferred),
        "shapes": _stable(authored.part(project.SHAPES), "s"),
        "questions": authored.part(project.QUESTIONS),
    }
    default = parts["ontology"] | parts["accepted"] | parts["sources"] | parts["inferred"]
    sizes = {authored.graph(name): len(triples) for name, triples in parts.items()}
    sizes |= {passage: len(facts) for passage, facts in authored.passages.items()}
    parts["void"] = describe.dataset(authored.base, default, sizes, authored.prefixes.namespaces)
    quads = [Quad(t.subject, t.predicate, t.object) for t in default]
    for name, triples in parts.items():
        graph = authored.graph(name)
        quads += [Quad(t.subject, t.predicate, t.object, graph) for t in triples]
    for passage, facts in authored.passages.items():
        quads += [Quad(t.subject, t.predicate, t.object, passage) for t in facts]
    return serialize.sorted_quads(quads)


def of_files(files: Iterable[Path], folder: Path, base: str) -> Dataset:
    """Write any RDF files as they are to one N-Quads file in ``folder`` and return it as a dataset."""
    quads: list[Quad] = []
    prefixes: dict[str, str] = {}
    for number, file in enumerate(files):
        document = Document(file)
        found = list(document)
        quads += serialize.stable_blank_nodes(found, f"f{number}") if _has_blank_nodes(found) else found
        prefixes |= {p: n for p, n in document.prefixes.items() if p not in prefixes}
    path = folder / "graph.nq"
    path.write_bytes(serialize.write(quads, RdfFormat.N_QUADS, {}))
    return Dataset.of_quads(path, base, prefixes)


def _has_blank_nodes(quads: Iterable[Quad]) -> bool:
    return any(isinstance(t, BlankNode) for q in quads for t in (q.subject, q.object, q.graph_name))


def _stable(triples: Iterable[Triple], salt: str) -> set[Triple]:
    quads = [Quad(t.subject, t.predicate, t.object) for t in triples]
    return {q.triple for q in serialize.stable_blank_nodes(quads, salt)}


def _stop_on(report: Report, message: str) -> None:
    if not report.conforms:
        raise BuildError(f"{message} The last good build stays as it was.", report)


def _manifest(authored: Authored, quads: list[Quad], digest: str, closed: Closure) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for quad in quads:
        name = "default" if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name.value
        counts[name] = counts.get(name, 0) + 1
    stated = set(authored.stated)
    return {
        "digest": digest,
        "base": authored.base,
        "prefixes": dict(authored.prefixes.namespaces),
        "triples": counts,
        "quads": len(quads),
        "passages": len(authored.source_of),
        "facts": len(stated),
        "facts_with_passage": sum(len(f) for f in authored.passages.values()),
        "inferred_by_rule": dict(sorted(closed.counts.items())),
        "built": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _write(project_: Project, quads: list[Quad], manifest: dict[str, Any], authored: Authored, clock: _Clock) -> Path:
    name = str(manifest["digest"])[:16]
    # Two builds may run at once: each writes to a folder of its own, and the last to finish is served.
    own = f".{name}.{os.getpid()}"
    target, new = project_.build_folder / name, project_.build_folder / f"{own}.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    prefixes = authored.prefixes.namespaces
    (new / "graph.nq").write_bytes(serialize.write(quads, RdfFormat.N_QUADS, {}))
    for ending, dump in ((d.ending, d) for d in serialize.DUMPS.values()):
        if ending in describe.DUMPS:
            chosen = quads if dump.graphs else [q for q in quads if isinstance(q.graph_name, DefaultGraph)]
            (new / "dumps").mkdir(exist_ok=True)
            (new / "dumps" / f"graph.{ending}").write_bytes(serialize.write(chosen, dump.syntax, prefixes))
    manifest["timings"] = clock.finish()
    manifest["peak_memory_mib"] = peak_memory_mib()
    (new / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    # A build of the same inputs may be being served: replace it by renaming, never in place.
    old = project_.build_folder / f"{own}.old"
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    pointer = project_.build_folder / f"{own}.current"
    pointer.write_text(name + "\n", encoding="utf-8")
    before = current(project_)
    pointer.replace(project_.build_folder / "current")
    keep = {name, before.folder.name if before else name}
    for folder in project_.build_folder.iterdir():
        if folder.is_dir() and not folder.name.startswith(".") and folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)
    return target


def peak_memory_mib() -> int:
    """Return the largest resident size of this process so far, in MiB."""
    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(kib // (1024 * 1024 if sys.platform == "darwin" else 1024))


class _Clock:
    """Times the steps of a build, in seconds."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._start = time.perf_counter()
        self._steps: dict[str, float] = {}
        self._open = ("", 0.0)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self._progress(name)
        began = time.perf_counter()
        self._open = (name, began)
        try:
            yield
        finally:
            self._steps[name] = round(time.perf_counter() - began, 3)

    def finish(self) -> dict[str, float]:
        """Return the seconds of each step, the one under way included, and of the whole."""
        name, began = self._open
        now = time.perf_counter()
        return {**self._steps, name: round(now - began, 3), "total": round(now - self._start, 3)}


__all__ = ["Artifact", "BuildError", "assemble", "build", "current", "infer", "of_files", "published"]
