"""Serving for real: granian in one web process, which restarts if it should fail, and the pool of workers beside it.

One web process is enough: it only passes on what the workers compute, and the workers use the other cores. More web
processes would each bring a pool and a cache of their own; past one machine, run several servers behind a balancer.
"""

from __future__ import annotations

import errno
import logging
import multiprocessing
import os
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from kg.query.dataset import Dataset

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable
    from multiprocessing.synchronize import Event

    from flask import Blueprint

    from kg.query.engine import Engine
    from kg.web.settings import Settings

    Source = Callable[[], Dataset | Engine]
    Parts = Callable[[], Iterable[Blueprint]]

_log = logging.getLogger("kg.web")
_HEADER_BYTES = 64 << 10
# A client may pause in reading for so many times what it may take to send a request.
_PATIENCE = 6

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s: %(message)s"}, "bare": {"format": "%(message)s"}},
    "handlers": {
        "errors": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"},
        "lines": {"class": "logging.StreamHandler", "formatter": "bare", "stream": "ext://sys.stdout"},
    },
    "loggers": {
        "kg": {"handlers": ["errors"], "level": "INFO", "propagate": False},
        "kg.access": {"handlers": ["lines"], "level": "INFO", "propagate": False},
        "_granian": {"handlers": ["errors"], "level": "WARNING", "propagate": False},
        "granian.access": {"handlers": ["lines"], "level": "WARNING", "propagate": False},
    },
}


class AddressInUseError(OSError):
    """The address is taken by another program, or not to be had; ``str(error)`` is a sentence that says so."""


def serve(source: Source, settings: Settings, *, parts: Parts = tuple) -> None:
    """Serve until told to stop by SIGINT or SIGTERM; requests under way are answered first.

    SIGHUP takes up a new build, and so does the setting ``watch`` by itself.

    Args:
        source: gives the dataset to serve now, or an engine. It is called in the web process at the start and for each
            look for a new build, so it must be cheap, and importable there (a function of a module, or a ``partial``).
        settings: how to serve.
        parts: gives further parts of the application, such as pages; importable likewise.

    Raises:
        AddressInUseError: the address is taken or not to be had.
        OSError, ValueError: what ``source`` raises at the start.

    """
    _check_address(settings.host, settings.port)
    # Nobody can take up a build before there is one; granian sets the handler that passes it on.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    source()
    ready = multiprocessing.Event()
    server = _Server(
        ready,
        "kg.web",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=1,
        backlog=settings.connections,
        backpressure=settings.connections,
        http1_settings=HTTP1Settings(
            header_read_timeout=int(settings.request_timeout * 1000), max_buffer_size=_HEADER_BYTES
        ),
        respawn_interval=0.1,
        workers_kill_timeout=max(1, int(settings.shutdown_timeout)),
        log_level=LogLevels.warning,
        log_dictconfig=LOGGING,
    )
    server.serve(target_loader=partial(load_gateway, source, settings, parts, ready), wrap_loader=False)


def load_gateway(source: Source, settings: Settings, parts: Parts, ready: Event) -> Any:
    """Return the application with its engine started, and set ``ready``; granian calls it in the web process."""
    from kg.query.errors import Unavailable

    told: list[int] = []
    signal.signal(signal.SIGHUP, lambda number, _: told.append(number))
    # Threads hand over after this long; the default of 5 ms lets a busy thread delay the event loop.
    sys.setswitchinterval(0.0005)
    try:
        with ThreadPoolExecutor(1) as aside:
            # The data is loaded by another process: time enough to load the modules of this one.
            engine = aside.submit(_engine, source, settings)
            from kg.web.app import create_app
            from kg.web.gateway import Gateway
            from kg.web.reloading import Reloader
            from kg.web.service import service

            blueprints = parts()
            app = create_app(engine.result(), settings, blueprints=blueprints)
    except Unavailable as error:
        _log.critical("%s", error)
        sys.exit(1)
    here = service(app)
    reloader = Reloader(here, source, watch=settings.watch)

    def started(loop: asyncio.AbstractEventLoop) -> None:
        loop.add_signal_handler(signal.SIGHUP, reloader.reload)
        _cut_off_who_takes_nothing(loop, settings.request_timeout * _PATIENCE)
        reloader.start()
        if told:
            # A build came while the one before it was loaded.
            reloader.reload()
        ready.set()
        _log.info("serving %d triples at %s, endpoint %s/sparql", here.dataset.triples, here.url, here.url)

    def stopped() -> None:
        reloader.stop()
        here.close()

    return Gateway(app, settings, started, stopped)


def _engine(source: Source, settings: Settings) -> Engine:
    from kg.query.pool import Pool

    found = source()
    return Pool(found, settings.pool_limits) if isinstance(found, Dataset) else found


class _Server(MPServer):
    """Granian's server with other meanings of two events.

    SIGHUP has the web process take up a new build and keep its sockets. A web process that ends is replaced, but not
    one that never got ``ready``: what it could not do once, it cannot do twice.
    """

    def __init__(self, ready: Event, *arguments: Any, **settings: Any) -> None:
        self._ready = ready
        super().__init__(*arguments, **settings)

    @property
    def respawn_failed_workers(self) -> bool:
        """Whether granian replaces a web process that ended."""
        return self._ready.is_set()

    @respawn_failed_workers.setter
    def respawn_failed_workers(self, _: bool) -> None:
        """Take no notice of granian's own setting."""

    def signal_handler_reload(self, *_: Any, **__: Any) -> None:
        for worker in self.wrks:
            with suppress(ProcessLookupError):
                os.kill(worker.inner.pid, signal.SIGHUP)


def _cut_off_who_takes_nothing(loop: asyncio.AbstractEventLoop, seconds: float) -> None:
    """Have the system end a connection whose client takes nothing of a response for so long.

    Else a client that never reads holds its place for ever, and a thousand of them all places. Granian has no such
    limit, but what is set on a socket that listens holds for all connections made by it (Linux).
    """
    if not hasattr(socket, "TCP_USER_TIMEOUT"):
        return
    found = False
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - names only, no paths
        with suppress(OSError), _socket(int(name)) as listening:
            if listening.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))
                found = True
    if not found:
        # Granian begins to listen after it has said that the loop runs.
        loop.call_later(0.1, _cut_off_who_takes_nothing, loop, seconds)


def _socket(descriptor: int) -> socket.socket:
    """Return a socket of its own for what a descriptor stands for. Raises OSError if that is no socket."""
    copy = os.dup(descriptor)
    try:
        return socket.socket(fileno=copy)
    except OSError:
        os.close(copy)
        raise


def _check_address(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                message = f"Port {port} on {host} is in use by another program. Stop it, or choose another port."
            else:
                message = f"Cannot listen on {host}, port {port}: {error.strerror}."
            raise AddressInUseError(error.errno, message) from error
