"""Between granian and the application: reads requests with limits, watches clients leave, and sends whole answers.

Granian's own bridge to WSGI reads a body for as long as its client likes to send, and does not tell when a client has
left. Its RSGI interface does both in an event loop, so this gateway uses that: a thread is taken only when a request
is complete. All responses have their length from the start (``kg.web.spool``), for granian ends a body of unknown
length politely even if it failed midway.
"""

from __future__ import annotations

import asyncio
import io
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kg.query.engine import Cancellation
from kg.web.files import FilePart
from kg.web.front import FrontCache, matches
from kg.web.problems import Problem
from kg.web.responses import REFUSED, record
from kg.web.service import service
from kg.web.sparql import CANCELLATION, ENDPOINT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask import Flask

    from kg.web.front import Key
    from kg.web.settings import Settings

    Headers = list[tuple[str, str]]
    # The types of granian's RSGI interface, which its package does not export with a name of their own.
    Scope = Any
    Protocol = Any

_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})
_LONGEST_METHOD = 32
# A client is watched once a request takes longer than this; most are answered before.
_SECONDS_UNWATCHED = 0.05


class Gateway:
    """An RSGI application that answers by the WSGI application ``app``, in threads.

    Args:
        app: the application.
        settings: how to serve.
        started: called with the event loop when the server has it.
        stopped: called when the server has answered its last request.

    """

    def __init__(
        self,
        app: Flask,
        settings: Settings,
        started: Callable[[asyncio.AbstractEventLoop], None] = lambda _: None,
        stopped: Callable[[], None] = lambda: None,
    ) -> None:
        self._app = app
        self._limit = settings.request_limit << 10
        self._timeout = settings.request_timeout
        self._started = started
        self._stopped = stopped
        self._threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="request")
        public = urlsplit(settings.public_url)
        self._constant: dict[str, Any] = {
            "SCRIPT_NAME": public.path,
            "SERVER_NAME": public.hostname or "localhost",
            "SERVER_PORT": str(public.port or {"https": 443}.get(public.scheme, 80)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": public.scheme,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        self._host = public.netloc
        self._generation: Callable[[], object] = lambda: service(app).engine
        self._front = FrontCache(settings.cache << 18, self._generation)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin, before the first request."""
        self._started(loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """End, after the last request."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._stopped()

    async def __rsgi__(self, scope: Scope, protocol: Protocol) -> None:
        """Answer one request."""
        body, refused = b"", None
        try:
            body = await self._body(scope, protocol)
        except Problem as problem:
            refused = problem
        except (RuntimeError, OSError):
            # The client left, or sent what is no HTTP: there is nobody to answer.
            return
        key = _key(scope, body)
        if refused is None and self._repeat(scope, protocol, key):
            return
        environ = self._environ(scope)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ[REFUSED] = refused
        generation = self._generation()
        response = await self._call(environ, protocol, head=scope.method == "HEAD")
        if response is not None and response.status == 200 and response.file is None:
            self._front.put(key, generation, response.headers, response.body)

    def _repeat(self, scope: Scope, protocol: Protocol, key: Key) -> bool:
        """Answer from the front cache if it has the response, and tell whether it had."""
        started = time.monotonic()
        kept = self._front.get(key)
        if kept is None:
            return False
        here = service(self._app)
        request_id = str(uuid.uuid4())
        headers = [*kept.headers, ("x-request-id", request_id)]
        if scope.method != "POST" and matches(_header(scope, "if-none-match"), kept.etag):
            status, outcome, size = 304, "not-modified", 0
            unneeded = {"content-length", "content-type", "content-encoding"}
            protocol.response_empty(status, [header for header in headers if header[0] not in unneeded])
        elif scope.method == "HEAD":
            status, outcome, size = 200, "cached", 0
            protocol.response_empty(status, headers)
        else:
            status, outcome, size = 200, "cached", len(kept.body)
            protocol.response_bytes(status, headers, kept.body)
        if scope.path.rstrip("/") == ENDPOINT:
            here.metrics.queries.labels(outcome).inc()
        record(
            here,
            request_id=request_id,
            client=scope.client.rpartition(":")[0].strip("[]"),
            method=scope.method,
            path=scope.path,
            status=status,
            outcome=outcome,
            seconds=time.monotonic() - started,
            size=size,
        )
        return True

    async def _call(self, environ: dict[str, Any], protocol: Protocol, *, head: bool) -> _Response | None:
        """Send the application's response and return it, or ``None`` if the client left before it was there."""
        loop = asyncio.get_running_loop()
        cancellation = environ[CANCELLATION] = Cancellation()

        def work() -> _Response | None:
            response = self._respond(environ)
            if cancellation.cancelled:
                response.discard()
                return None
            # From this thread: a way back through the event loop would cost a tenth of a millisecond.
            _send(protocol, response, head=head)
            return response

        watches: list[asyncio.Task[None]] = []
        later = loop.call_later(
            _SECONDS_UNWATCHED, lambda: watches.append(loop.create_task(_watch(protocol, cancellation)))
        )
        try:
            return await loop.run_in_executor(self._threads, work)
        finally:
            later.cancel()
            for watch in watches:
                watch.cancel()

    def _respond(self, environ: dict[str, Any]) -> _Response:
        response = _Response()
        result = self._app.wsgi_app(environ, response.start)
        if isinstance(result, FilePart):
            response.file = result
            return response
        try:
            response.body = b"".join(result)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()
        return response

    async def _body(self, scope: Scope, protocol: Protocol) -> bytes:
        """Return the content of a request.

        Raises:
            Problem: it is larger than allowed (413), slower than allowed (408), or broken off (400).

        """
        headers = scope.headers
        if len(scope.method) > _LONGEST_METHOD:
            raise Problem("bad-request", "The method is too long.")
        if scope.http_version == "1.1" and len(headers.get_all("host")) != 1:
            # RFC 9112, section 3.2: what stands between client and server may have read another host than we would.
            raise Problem("bad-request", "The header Host must be there once.", headers={"Connection": "close"})
        declared = headers.get("content-length")
        if declared is None and (scope.method in _BODILESS or headers.get("transfer-encoding") is None):
            return b""
        if declared is not None and declared.isdecimal() and int(declared[:19]) > self._limit:
            raise self._too_large()
        pieces: list[bytes] = []
        size = empty = 0
        try:
            async with asyncio.timeout(self._timeout):
                async for piece in protocol:
                    size += len(piece)
                    empty += not piece
                    if size > self._limit:
                        raise self._too_large()
                    pieces.append(bytes(piece))
        except TimeoutError:
            detail = f"The request was not here whole after {self._timeout:g} seconds."
            raise Problem("request-timeout", detail, headers={"Connection": "close"}) from None
        # Granian ends a body with an empty piece, and gives one more for an error (or trailer fields) that it hides.
        if empty > 1 or (declared is not None and size != int(declared)):
            detail = "The content broke off before its end, or has trailer fields, which are not taken."
            raise Problem("bad-request", detail, headers={"Connection": "close"})
        return b"".join(pieces)

    def _too_large(self) -> Problem:
        detail = f"The body of the request may have {self._limit} bytes."
        return Problem("request-too-large", detail, {"limit_bytes": self._limit}, {"Connection": "close"})

    def _environ(self, scope: Scope) -> dict[str, Any]:
        """Return the WSGI environment (PEP 3333) of a request, without its body.

        The host is that of the settings, whatever the client says, so that no page or link repeats a forged one.
        """
        address, _, port = scope.client.rpartition(":")
        environ: dict[str, Any] = {
            **self._constant,
            "REQUEST_METHOD": scope.method,
            "PATH_INFO": scope.path.encode("utf-8", "surrogateescape").decode("latin-1"),
            "QUERY_STRING": scope.query_string,
            "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
            "REMOTE_ADDR": address.strip("[]"),
            "REMOTE_PORT": port,
        }
        for name, value in scope.headers.items():
            if "_" in name or name == "transfer-encoding":
                # An underscore would take the place of a hyphen. Chunks are put together here, so the length is known.
                continue
            key = name.upper().replace("-", "_")
            if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
                key = "HTTP_" + key
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        environ["HTTP_HOST"] = self._host
        return environ


async def _watch(protocol: Protocol, cancellation: Cancellation) -> None:
    """Stop the work for a client when it leaves."""
    await protocol.client_disconnect()
    cancellation.cancel()


def _key(scope: Scope, body: bytes) -> Key:
    """Return all of a request that a kept response may depend on."""
    return (
        scope.method,
        scope.path,
        scope.query_string,
        _header(scope, "accept"),
        _header(scope, "accept-encoding"),
        _header(scope, "content-type"),
        _header(scope, "content-encoding"),
        body,
    )


def _header(scope: Scope, name: str) -> str | None:
    """Return all lines of a header as one (RFC 9110, section 5.2), as the application sees them."""
    lines = scope.headers.get_all(name)
    return ",".join(lines) if lines else None


class _Response:
    """What the application answers: a status, headers, and a body in memory or in a file."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: Headers = []
        self.body = b""
        self.file: FilePart | None = None

    def start(self, status: str, headers: Iterable[tuple[str, str]], _: object = None, /) -> Callable[[bytes], None]:
        """Take status and headers: the ``start_response`` of PEP 3333, without its old way to write."""
        self.status = int(status[:3])
        self.headers = [(name.lower(), value) for name, value in headers]
        return _no_writing

    def discard(self) -> None:
        """Take away what nobody will read."""
        if self.file is not None:
            self.file.close()


def _no_writing(_: bytes) -> None:
    raise NotImplementedError


def _send(protocol: Protocol, response: _Response, *, head: bool) -> None:
    if head or response.status in {204, 304}:
        response.discard()
        protocol.response_empty(response.status, response.headers)
    elif response.file is not None:
        file = response.file
        if file.whole:
            protocol.response_file(response.status, response.headers, str(file.path))
        else:
            protocol.response_file_range(response.status, response.headers, str(file.path), file.start, file.stop)
        file.begun()
    else:
        protocol.response_bytes(response.status, response.headers, response.body)
