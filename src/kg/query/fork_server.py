"""The process that loads a dataset once and forks workers from it; start it with ``python -m kg.query.fork_server``.

A worker forked from a loaded store is there within milliseconds and shares the store's memory, whatever its size. This
process answers no query itself, has one thread, and ends when its control socket closes; its workers end with it.

The control socket (descriptor 0) carries JSON messages. First comes a frame with the file, the prefixes and the limits,
to which this process says ``{"ready": filtered}`` or ``{"error": sentence}``. Then it takes ``{"do": "fork"}`` with the
two descriptors of a worker's pipes and answers ``{"pid": number}``, or ``{"do": "end", "pid": number}``, kills the
worker if it still lives, and answers ``{"status": number}``: the signal that it died of as a negative number, or its
exit status.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
from typing import Any

import pyoxigraph

from kg.query import frames, isolation, worker

MESSAGE_BYTES = 1 << 16


def main() -> None:
    """Load the N-Quads file and serve the control socket."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=os.dup(0))
    settings: dict[str, Any] = json.loads(frames.Reader(control.fileno()).frame())
    try:
        store = _loaded(settings["quads"])
    except (OSError, SyntaxError, ValueError) as error:
        control.sendall(json.dumps({"error": str(error)}).encode())
        return
    filtered = isolation.filter_system_calls()
    if not filtered:
        # Where workers are cut off by descriptors, the certificates for https must have been read before: without them
        # the engine's client would abort the process instead of failing. Nobody listens at this address.
        store.query("ASK { SERVICE SILENT <https://127.0.0.1:1/> {} }")
    limits = worker.WorkerLimits(**settings["limits"])
    # What is loaded is never garbage: left out of collections, its pages stay shared with the workers.
    gc.freeze()
    control.sendall(json.dumps({"ready": filtered}).encode())
    parent = os.getpid()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MESSAGE_BYTES, 2)
        if not message:
            return
        command = json.loads(message)
        if command["do"] == "fork":
            pid = os.fork()
            if pid == 0:
                control.close()
                os.close(0)
                queries, answers = descriptors
                worker.run(store, settings["prefixes"], queries, answers, limits, parent=parent, filtered=filtered)
            for descriptor in descriptors:
                os.close(descriptor)
            control.sendall(json.dumps({"pid": pid}).encode())
        else:
            control.sendall(json.dumps({"status": _end(command["pid"])}).encode())


def _loaded(path: str) -> pyoxigraph.Store:
    """Return a store with the quads of the file; blank nodes keep their labels, so that answers are repeatable.

    Who wrote the file has checked its IRIs and language tags; not doing it again makes the start twice as fast.
    """
    store = pyoxigraph.Store()
    store.bulk_extend(pyoxigraph.parse(path=path, format=pyoxigraph.RdfFormat.N_QUADS, lenient=True))
    return store


def _end(pid: int) -> int:
    try:
        os.kill(pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except (ProcessLookupError, ChildProcessError):
        return 0


if __name__ == "__main__":
    main()
