"""Worker processes as their pool sees them: where they come from, how to reach them, how to end them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kg.query import frames
from kg.query.errors import Unavailable
from kg.query.fork_server import MESSAGE_BYTES

if TYPE_CHECKING:
    from kg.query.dataset import Dataset
    from kg.query.worker import WorkerLimits

# What a worker needs from the environment: to find Python's modules, and nothing that could be a secret.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LANG", "LC_ALL")
_PIPE_BYTES = 1 << 20


class WorkerProcess:
    """A worker and the two pipes to it. One thread at a time talks to it; any thread may kill it."""

    def __init__(self, pid: int, queries: int, answers: int) -> None:
        self.pid = pid
        self.reader = frames.Reader(answers)
        self._queries = queries
        self._answers = answers

    def send(self, content: bytes) -> None:
        """Write ``content`` to the worker.

        Raises:
            PipeClosed: it is dead.

        """
        frames.write_all(self._queries, content)

    def kill(self) -> None:
        """Kill the process; whoever reads from it sees the pipe close. Not to be called after :meth:`close`."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Close the pipes."""
        os.close(self._queries)
        os.close(self._answers)


class WorkerSource:
    """The fork server of one dataset: gives workers, ends them, and is itself started again if it should die.

    Raises:
        Unavailable: on construction, if the dataset cannot be loaded; the message says why.

    """

    def __init__(self, dataset: Dataset, limits: WorkerLimits) -> None:
        self._settings = json.dumps(
            {"quads": str(dataset.quads), "prefixes": dict(dataset.prefixes), "limits": asdict(limits)}
        ).encode()
        self._lock = threading.Lock()
        self._closed = False
        self._start()

    def fork(self) -> WorkerProcess:
        """Return a fresh worker, within milliseconds.

        Raises:
            Unavailable: the source is closed, or the system is out of processes or memory.

        """
        with self._lock:
            if self._closed:
                message = "The engine is closed."
                raise Unavailable(message)
            try:
                return self._fork()
            except OSError:
                self._stop()
                self._start()
            try:
                return self._fork()
            except OSError as error:
                message = "No worker process could be started."
                raise Unavailable(message) from error

    def end(self, worker: WorkerProcess) -> int:
        """Kill ``worker`` if it still lives, close its pipes, and return its exit status or the negative signal.

        The status is 0 if it is not known any more.
        """
        with self._lock:
            try:
                return int(self._ask({"do": "end", "pid": worker.pid})["status"])
            except OSError:
                worker.kill()
                return 0
            finally:
                worker.close()

    def close(self) -> None:
        """End the fork server and with it all workers."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._stop()

    def _start(self) -> None:
        try:
            self._control, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "kg.query.fork_server"],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                    start_new_session=True,
                )
        except OSError as error:
            message = "The process that loads the data could not be started; there may be too many processes."
            raise Unavailable(message) from error
        try:
            self._control.sendall(frames.frame(self._settings))
            said = self._receive()
        except OSError as error:
            self._stop()
            message = "The process that loads the data ended before it was ready; there may be too little memory."
            raise Unavailable(message) from error
        if "error" in said:
            self._stop()
            raise Unavailable(said["error"])

    def _stop(self) -> None:
        self._control.close()
        self._process.kill()
        self._process.wait()

    def _fork(self) -> WorkerProcess:
        theirs_queries, queries = os.pipe()
        answers, theirs_answers = os.pipe()
        try:
            _enlarge(answers)
            message = json.dumps({"do": "fork"}).encode()
            socket.send_fds(self._control, [message], [theirs_queries, theirs_answers])
            pid = int(self._receive()["pid"])
        except BaseException:
            os.close(queries)
            os.close(answers)
            raise
        finally:
            os.close(theirs_queries)
            os.close(theirs_answers)
        return WorkerProcess(pid, queries, answers)

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        self._control.sendall(json.dumps(command).encode())
        return self._receive()

    def _receive(self) -> dict[str, Any]:
        message = self._control.recv(MESSAGE_BYTES)
        if not message:
            raise ConnectionResetError
        said: dict[str, Any] = json.loads(message)
        return said


def _enlarge(pipe: int) -> None:
    """Let the pipe hold a whole held-back answer, so that the worker seldom waits for its reader (Linux)."""
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
