"""One worker: takes a query, answers it from the loaded store, takes the next. It is expected to be killed at any time.

The loop runs in a thread with a large stack, for Oxigraph's parser and optimiser recurse as deep as a query is nested.
"""

from __future__ import annotations

import io
import json
import os
import re
import signal
import threading
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, NoReturn, cast

import pyoxigraph

from kg.query import frames, isolation
from kg.query.formats import GRAPHS, RESULTS, Form, Format
from kg.query.tokens import complexity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_POSITION = re.compile(r"^error at (\d+):(\d+): (.*)", re.DOTALL)
# The exit status of a worker that can reach the network and therefore runs no query.
NETWORK_IS_OPEN = 71
# The exit status of a worker whose query failed when a part of the answer was out.
BROKEN_OFF = 70
# Up to this many triples an answer is sorted and written with the prefixes that it uses; longer ones stream.
_SORTED_UP_TO = 10_000
# A syntax error names no more of the tokens that could have stood there.
_ALTERNATIVES = 8
# A group takes a keyword of so many letters at least.
_SHORTEST_GROUP = len("BIND")
_NO_SERVICE = "SERVICE is not offered here: this endpoint makes no network calls."
# What Oxigraph says of `SERVICE ?x` where ?x has no value.
_UNNAMED_SERVICE = "variable encoding the service name"


@dataclass(frozen=True)
class WorkerLimits:
    """What one query may use.

    Attributes:
        held_back: bytes of an answer that are kept until they are known to be sound, or the answer outgrows them.
        memory: bytes of memory beyond the loaded data. With less than 256 MiB the allocator of the engine finds no room
            for its arenas and gets slow.
        stack: bytes of stack.
        nesting: depth of brackets in a query.
        groups: number of keywords in a query that open a group or a filter.

    """

    held_back: int = 1 << 20
    memory: int = 512 << 20
    stack: int = 256 << 20
    nesting: int = 500
    groups: int = 2_000


def run(
    store: pyoxigraph.Store,
    prefixes: Mapping[str, str],
    queries: int,
    answers: int,
    limits: WorkerLimits,
    *,
    parent: int,
    filtered: bool,
) -> NoReturn:
    """Answer queries that come through the pipe ``queries`` into the pipe ``answers`` until either is closed.

    ``parent`` is the process that this one was forked from; ``filtered`` tells whether its system calls are filtered
    already. The process ends with this function; its exit status is ``NETWORK_IS_OPEN`` if network calls cannot be
    forbidden, and then it answered nothing.
    """
    isolation.die_with_parent(parent)
    meter = isolation.MemoryMeter()
    if not filtered:
        isolation.leave_no_descriptor()
    if isolation.has_network():
        os._exit(NETWORK_IS_OPEN)
    threading.stack_size(limits.stack)
    thread = threading.Thread(target=_serve, args=(store, prefixes, queries, answers, limits, meter))
    isolation.limit_memory(limits.memory + limits.stack, meter)
    thread.start()
    thread.join()
    os._exit(0)


def _serve(
    store: pyoxigraph.Store,
    prefixes: Mapping[str, str],
    queries: int,
    answers: int,
    limits: WorkerLimits,
    meter: isolation.MemoryMeter,
) -> None:
    reader = frames.Reader(queries)
    fresh = meter.private()
    try:
        while True:
            request: dict[str, Any] = json.loads(reader.frame())
            # Should the pool be gone when the time is over, the kernel ends this process all the same.
            signal.setitimer(signal.ITIMER_REAL, request["seconds"] + 1)
            output = HeldBack(answers, limits.held_back)
            try:
                _answer(store, prefixes, request, output, limits)
            except frames.PipeClosed:
                raise
            except Exception as error:
                output.fail(_reason(error, request["text"]))
            signal.setitimer(signal.ITIMER_REAL, 0)
            grown = meter.private() - fresh > limits.memory // 4
            output.finish(frames.RETIRE if grown else frames.KEEP)
    except frames.PipeClosed:
        os._exit(0)


def _answer(
    store: pyoxigraph.Store,
    prefixes: Mapping[str, str],
    request: Mapping[str, Any],
    output: HeldBack,
    limits: WorkerLimits,
) -> None:
    text: str = request["text"]
    _check_complexity(text, limits)
    dataset: dict[str, Any] = {}
    if request["default"] is not None:
        dataset = {
            "default_graph": [pyoxigraph.NamedNode(iri) for iri in request["default"]],
            "named_graphs": [pyoxigraph.NamedNode(iri) for iri in request["named"]],
        }
    results = store.query(text, base_iri=request["base"], **dataset)
    if isinstance(results, pyoxigraph.QueryTriples):
        form = Form.GRAPH
    elif isinstance(results, pyoxigraph.QueryBoolean):
        form = Form.BOOLEAN
    else:
        form = Form.SOLUTIONS
    name = request["wanted"][form.value]
    if name is None:
        raise _Refusal("unwritable", "No format that you accept can be written for this kind of answer.")
    chosen = Format(name)
    output.start({"form": form.value, "format": chosen.value})
    if isinstance(results, pyoxigraph.QueryTriples):
        _write_graph(results, chosen, prefixes, output)
    else:
        results.serialize(output.stream, RESULTS[chosen])


def _check_complexity(text: str, limits: WorkerLimits) -> None:
    brackets = text.count("{") + text.count("(") + text.count("[")
    if brackets <= limits.nesting and len(text) // _SHORTEST_GROUP <= limits.groups:
        # Most queries: they cannot be too complex, wherever their brackets are.
        return
    nesting, groups = complexity(text)
    if nesting > limits.nesting:
        raise _Refusal("complex", f"The query nests {nesting} brackets; {limits.nesting} are allowed.")
    if groups > limits.groups:
        raise _Refusal("complex", f"The query has {groups} groups and filters; {limits.groups} are allowed.")


def _write_graph(
    triples: pyoxigraph.QueryTriples, chosen: Format, prefixes: Mapping[str, str], output: HeldBack
) -> None:
    """Write a short graph sorted and with the prefixes that it uses, a long one as it comes."""
    few: list[pyoxigraph.Triple] = []
    for triple in triples:
        few.append(triple)
        if len(few) > _SORTED_UP_TO:
            _write_triples(_chain(few, triples), chosen, prefixes, output)
            return
    lines = sorted((str(triple), triple) for triple in few)
    text = "\n".join(line for line, _ in lines)
    used = {prefix: namespace for prefix, namespace in prefixes.items() if "<" + namespace in text}
    unique = [triple for position, (line, triple) in enumerate(lines) if not position or lines[position - 1][0] != line]
    _write_triples(unique, chosen, used, output)


def _write_triples(
    triples: Iterable[pyoxigraph.Triple], chosen: Format, prefixes: Mapping[str, str], output: HeldBack
) -> None:
    try:
        pyoxigraph.serialize(triples, output.stream, GRAPHS[chosen], prefixes=dict(prefixes))
    except OSError as error:
        raise _Refusal("unwritable", f"The answer cannot be written in this format: {error}") from error


def _chain(first: Iterable[pyoxigraph.Triple], rest: pyoxigraph.QueryTriples) -> Iterator[pyoxigraph.Triple]:
    yield from first
    try:
        yield from rest
    except OSError as error:
        raise _Refusal("refused", _NO_SERVICE) from error


class _Refusal(Exception):  # noqa: N818 - reads as what happened
    """A query that is not run, or an answer that is not written: the code of the reason, and a sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def _reason(error: Exception, text: str) -> dict[str, Any]:
    """Return the head that tells why there is no answer to the query ``text``."""
    detail = str(error)
    if isinstance(error, _Refusal):
        return {"error": error.code, "detail": detail}
    if isinstance(error, SyntaxError):
        position = _POSITION.match(detail)
        if position is None:
            return {"error": "syntax", "detail": detail, "line": None, "column": None}
        line, column = int(position[1]), int(position[2])
        return {"error": "syntax", "detail": _shortened(position[3], text, line), "line": line, "column": column}
    if isinstance(error, OSError) or _UNNAMED_SERVICE in detail:
        # The store is in memory and the output is a pipe whose faults have their own type: this was a network call.
        return {"error": "refused", "detail": _NO_SERVICE}
    return {"error": "failed", "detail": detail[:1000]}


def _shortened(expected: str, text: str, line: int) -> str:
    """Return a sentence from what Oxigraph expected, without its long lists of tokens and character ranges."""
    alternatives = [part for part in expected.removeprefix("expected ").removeprefix("one of ").split(", ") if part]
    words = [part for part in alternatives if not part.startswith("[")]
    wanted = ", ".join(words[:_ALTERNATIVES]) + (" or something else" if len(words) > _ALTERNATIVES else "")
    lines = text.split("\n")
    excerpt = lines[line - 1].strip()[:80] if 0 < line <= len(lines) else ""
    sentence = f"The query cannot be read here; expected was {wanted}" if wanted else "The query cannot be read here"
    return f"{sentence}. The line begins: {excerpt}" if excerpt else f"{sentence}."


class HeldBack(io.RawIOBase):
    """A writer that keeps the beginning of an answer until the answer is whole or outgrows the limit.

    Before that point a failure becomes an error with a true head; after it, the process ends, which breaks the pipe.
    """

    def __init__(self, descriptor: int, limit: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._limit = limit
        self._head: dict[str, Any] = {}
        self._held: list[bytes] = []
        self._size = 0
        self._sent = False

    def start(self, head: dict[str, Any]) -> None:
        """Set the head to send before the content."""
        self._head = head

    @property
    def stream(self) -> IO[bytes]:
        """The writer itself, as the type that Oxigraph's stubs ask for; it calls nothing but ``write``."""
        return cast("IO[bytes]", self)

    def writable(self) -> bool:
        """Tell that this is a writer."""
        return True

    def write(self, content: Any, /) -> int:
        """Take the next piece of the answer."""
        piece = bytes(content)
        self._held.append(piece)
        self._size += len(piece)
        if self._size > (frames.FRAME_BYTES if self._sent else self._limit):
            self._flush_held(whole=False)
        return len(piece)

    def fail(self, reason: dict[str, Any]) -> None:
        """Send ``reason`` in place of the answer, or break off if a part of the answer is out already."""
        if self._sent:
            os._exit(BROKEN_OFF)
        self._held, self._size = [], 0
        self._head = reason

    def finish(self, state: bytes) -> None:
        """Send what is left, the end mark and the worker's ``state``."""
        self._flush_held(whole=True, tail=frames.frame(b"") + state)

    def _flush_held(self, *, whole: bool, tail: bytes = b"") -> None:
        content = b"".join(self._held)
        parts = []
        if not self._sent:
            self._head["length"] = len(content) if whole else None
            parts.append(frames.frame(json.dumps(self._head).encode()))
        if content:
            parts.append(frames.frame(content))
        self._held, self._size, self._sent = [], 0, True
        frames.write_all(self._descriptor, b"".join((*parts, tail)))
