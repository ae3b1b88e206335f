"""The embedded engine: a bounded pool of worker processes, each killed and replaced as soon as it misbehaves."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, Self

from kg.query import frames
from kg.query import worker as worker_module
from kg.query.engine import Answer, Engine, QueryRequest, Statistics
from kg.query.errors import (
    AnswerTooLarge,
    Busy,
    Cancelled,
    NotWritable,
    OutOfMemory,
    QueryError,
    QueryFailed,
    QuerySyntaxError,
    QueryTimeout,
    QueryTooComplex,
    Refused,
    Unavailable,
)
from kg.query.formats import Form, Format
from kg.query.worker import WorkerLimits
from kg.query.workers import WorkerProcess, WorkerSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.query.dataset import Dataset

_STACK_OVERFLOW = frozenset({-signal.SIGSEGV, -signal.SIGBUS})
# A worker that was killed by neither its query nor this pool; 0 is the status of one that nobody knows any more.
_FROM_OUTSIDE = frozenset({-signal.SIGKILL, 0})


@dataclass(frozen=True)
class PoolLimits:
    """What the pool allows.

    Attributes:
        workers: queries that run at the same time.
        waiting: queries that may wait for a worker; one more is refused at once.
        seconds_to_wait: how long a query may wait for a worker.
        seconds: time limit of a query, from the moment that it has a worker to the last byte of its answer.
        answer: bytes of one answer.
        worker: limits inside each worker.

    """

    workers: int = field(default_factory=lambda: max(2, os.cpu_count() or 1))
    waiting: int = 32
    seconds_to_wait: float = 5.0
    seconds: float = 10.0
    answer: int = 256 << 20
    worker: WorkerLimits = field(default_factory=WorkerLimits)


class Pool(Engine):
    """An engine that answers from worker processes, which share the memory of one loaded dataset.

    Whatever a query does, it ends within its time limit, takes at most its worker down, and the next one finds a fresh
    worker within milliseconds. A pool is safe to use from many threads; close it, or use it as a context manager.

    Raises:
        Unavailable: on construction, if the dataset cannot be loaded.

    """

    def __init__(self, dataset: Dataset, limits: PoolLimits | None = None) -> None:
        self._dataset = dataset
        self._limits = limits if limits is not None else PoolLimits()
        self._changed = threading.Condition()
        self._running = 0
        self._waiting = 0
        self._restarts: Counter[str] = Counter()
        self._closed = False
        self._source = WorkerSource(dataset, self._limits.worker)
        self._idle = [self._source.fork() for _ in range(self._limits.workers)]

    @property
    def dataset(self) -> Dataset:
        """The dataset that is asked."""
        return self._dataset

    @property
    def limits(self) -> PoolLimits:
        """The limits that hold for every query."""
        return self._limits

    def statistics(self) -> Statistics:
        """Return how the pool is doing now."""
        with self._changed:
            idle = self._limits.workers - self._running
            return Statistics(self._limits.workers, idle, self._waiting, dict(self._restarts))

    def query(self, request: QueryRequest, /) -> Answer:
        """Answer ``request``; see :meth:`kg.query.engine.Engine.query`."""
        text = request.bound_text()
        turn = _Turn(self, self._take(), request)
        try:
            return turn.answer(text)
        except BaseException:
            turn.abandon()
            raise

    def close(self) -> None:
        """End the idle workers now, the others when their queries have ended; then the process that forks them."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            idle, self._idle = self._idle, []
            finished = self._running == 0
            self._changed.notify_all()
        for worker in idle:
            self._source.end(worker)
        if finished:
            self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self) -> WorkerProcess:
        """Wait for the turn of a query and return a worker that is its own until :meth:`give_back`."""
        with self._changed:
            self._check_open()
            if self._running >= self._limits.workers:
                self._wait_for_turn()
            self._running += 1
            if self._idle:
                return self._idle.pop()
        try:
            return self._source.fork()
        except BaseException:
            self.give_back(None)
            raise

    def _wait_for_turn(self) -> None:
        if self._waiting >= self._limits.waiting:
            message = f"All workers are busy, and {self._waiting} queries wait for one already."
            raise Busy(message)
        self._waiting += 1
        try:
            deadline = time.monotonic() + self._limits.seconds_to_wait
            while self._running >= self._limits.workers:
                left = deadline - time.monotonic()
                if left <= 0:
                    message = f"No worker became free within {self._limits.seconds_to_wait:g} seconds."
                    raise Busy(message)
                self._changed.wait(left)
                self._check_open()
        finally:
            self._waiting -= 1

    def _check_open(self) -> None:
        if self._closed:
            message = "The engine is closed."
            raise Unavailable(message)

    def give_back(self, worker: WorkerProcess | None) -> None:
        """Take back the place of a query, with its worker if that is fit for another one. For turns only."""
        with self._changed:
            self._running -= 1
            if worker is not None and not self._closed:
                self._idle.append(worker)
                worker = None
            last = self._closed and self._running == 0
            self._changed.notify()
        if worker is not None:
            self._source.end(worker)
        if last:
            self._source.close()

    def replace(self, worker: WorkerProcess, cause: str) -> int:
        """End ``worker``, count the ``cause``, take its place back with a fresh worker. For turns only.

        Returns the exit status of the worker, or the negative signal that it died of.
        """
        status = self._source.end(worker)
        fresh: WorkerProcess | None = None
        with self._changed:
            self._restarts[cause] += 1
            closed = self._closed
        if not closed:
            # Without a fresh one the place is given back empty, and the next query tries again.
            with suppress(Unavailable):
                fresh = self._source.fork()
        self.give_back(fresh)
        return status

    def exchange(self, worker: WorkerProcess) -> tuple[int, WorkerProcess]:
        """Return the exit status of a worker that died, and a fresh one in its place. For turns only.

        Raises:
            Unavailable: there is no fresh one; the place is given back.

        """
        status = self._source.end(worker)
        with self._changed:
            self._restarts["crash"] += 1
        try:
            return status, self._source.fork()
        except BaseException:
            self.give_back(None)
            raise


class _Turn:
    """The turn of one query: a worker of its own, from the question to the last byte of the answer."""

    def __init__(self, pool: Pool, worker: WorkerProcess, request: QueryRequest) -> None:
        self._pool = pool
        self._worker: WorkerProcess | None = worker
        self._request = request
        self._seconds = min(pool.limits.seconds, request.seconds or pool.limits.seconds)
        self._deadline = time.monotonic() + self._seconds

    def answer(self, text: str) -> Answer:
        """Put the question and return the answer, which is whole unless it is larger than what is held back."""
        question = self._question(text)
        worker, head = self._ask(question) or self._ask(question) or self._give_up()
        if "error" in head:
            self._frame(worker)
            self._end(worker)
            raise _error(head)
        form, written = Form(head["form"]), Format(head["format"])
        if head["length"] is None:
            return Answer(form, written, chunks=self._stream(worker))
        body = self._frame(worker)
        if body:
            self._frame(worker)
        self._end(worker)
        return Answer(form, written, body=body)

    def abandon(self) -> None:
        """End and replace the worker, unless the turn is over."""
        if self._worker is not None:
            self._fail(self._worker, "abandoned")

    def _question(self, text: str) -> bytes:
        request = self._request
        named = request.named_graphs
        default = request.default_graphs if request.default_graphs is not None or named is None else ()
        question = {
            "text": text,
            "base": self._pool.dataset.base,
            "default": default,
            "named": named or (),
            "wanted": {form.value: wanted.value if (wanted := request.wanted.of(form)) else None for form in Form},
            "seconds": self._seconds,
        }
        return frames.frame(json.dumps(question).encode())

    def _ask(self, question: bytes) -> tuple[WorkerProcess, dict[str, Any]] | None:
        """Put the question and return the head of the answer, or nothing if the worker was killed from outside."""
        worker = self._worker
        assert worker is not None  # noqa: S101 - nothing has taken it away yet
        try:
            self._watch_client(worker)
            worker.send(question)
            return worker, json.loads(worker.reader.frame(self._deadline))
        except frames.DeadlinePassed:
            raise self._timeout(worker) from None
        except frames.PipeClosed:
            if self._client_left():
                raise self._death(worker) from None
            status = self._exchange(worker)
            if status not in _FROM_OUTSIDE:
                raise self._reason(status) from None
            return None

    def _give_up(self) -> NoReturn:
        """Raise the error for a query whose worker was killed from outside twice."""
        raise self._reason(-signal.SIGKILL)

    def _stream(self, worker: WorkerProcess) -> Iterator[bytes]:
        size = 0
        try:
            while piece := self._frame(worker):
                size += len(piece)
                if size > self._pool.limits.answer:
                    raise AnswerTooLarge(self._pool.limits.answer)
                yield piece
            self._end(worker)
        finally:
            self.abandon()

    def _frame(self, worker: WorkerProcess) -> bytes:
        try:
            return worker.reader.frame(self._deadline)
        except frames.DeadlinePassed:
            raise self._timeout(worker) from None
        except frames.PipeClosed:
            raise self._death(worker) from None

    def _end(self, worker: WorkerProcess) -> None:
        """Read the state of the worker after its answer, and give it back."""
        try:
            state = worker.reader.read(1, self._deadline)
        except (frames.DeadlinePassed, frames.PipeClosed):
            self._fail(worker, "crash")
            return
        if state == frames.RETIRE:
            self._fail(worker, "grown")
            return
        self._forget_worker()
        self._pool.give_back(worker)

    def _exchange(self, worker: WorkerProcess) -> int:
        """Go on with a fresh worker in place of one that died, and return the exit status of that."""
        self._forget_worker()
        status, self._worker = self._pool.exchange(worker)
        return status

    def _fail(self, worker: WorkerProcess, cause: str) -> int:
        self._forget_worker()
        return self._pool.replace(worker, cause)

    def _forget_worker(self) -> None:
        self._worker = None
        self._stop_watching()

    def _watch_client(self, worker: WorkerProcess) -> None:
        if self._request.cancellation is not None:
            self._request.cancellation.attach(worker.kill)

    def _stop_watching(self) -> None:
        if self._request.cancellation is not None:
            self._request.cancellation.detach()

    def _client_left(self) -> bool:
        return self._request.cancellation is not None and self._request.cancellation.cancelled

    def _timeout(self, worker: WorkerProcess) -> QueryTimeout:
        self._fail(worker, "timeout")
        return QueryTimeout(self._seconds)

    def _death(self, worker: WorkerProcess) -> QueryError:
        """Replace a worker that died over this query and return the reason in the asker's words."""
        if self._client_left():
            self._fail(worker, "client left")
            return Cancelled("The client has left.")
        return self._reason(self._fail(worker, "crash"))

    def _reason(self, status: int) -> QueryError:
        """Return the error that the exit status of a worker stands for."""
        match status:
            case _ if status == -signal.SIGALRM:
                return QueryTimeout(self._seconds)
            case _ if status in _STACK_OVERFLOW:
                return QueryTooComplex("The query is nested too deeply, or has too many parts, to be read.")
            case _ if status in _FROM_OUTSIDE:
                return Unavailable("The worker was stopped from outside, perhaps for want of memory. Try again.")
            case worker_module.BROKEN_OFF:
                return QueryFailed("The query failed after a part of its answer had been written.")
            case worker_module.NETWORK_IS_OPEN:
                return Unavailable("Network calls cannot be forbidden on this system, so no query is run.")
            case _:
                allowed = self._pool.limits.worker.memory >> 20
                return OutOfMemory(f"The query needed more than {allowed} MiB of memory and was stopped.")


def _error(head: dict[str, Any]) -> QueryError:
    """Return the error that the head of an answer stands for."""
    detail: str = head["detail"]
    match head["error"]:
        case "syntax":
            return QuerySyntaxError(detail, head["line"], head["column"])
        case "complex":
            return QueryTooComplex(detail)
        case "unwritable":
            return NotWritable(detail)
        case "refused":
            return Refused(detail)
        case _:
            return QueryFailed(detail)
