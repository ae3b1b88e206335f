"""The settings of the server: one frozen object, each field with its help text and environment variable."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, get_type_hints

from kg.query.pool import PoolLimits
from kg.query.worker import WorkerLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEAST = {
    "port": 1,
    "workers": 1,
    "memory": 256,
    "queue": 0,
    "answer_limit": 1,
    "request_limit": 1,
    "cache": 0,
    "threads": 1,
    "connections": 1,
}
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


def _setting(default: Any, environment: str, text: str) -> Any:
    return dataclasses.field(default=default, metadata={"environment": environment, "help": text})


@dataclass(frozen=True)
class Settings:
    """How to serve. Each field's metadata holds ``environment``, the variable that sets it, and ``help``."""

    host: str = _setting("127.0.0.1", "KG_HOST", "Address to listen on; 0.0.0.0 for all.")
    port: int = _setting(8000, "KG_PORT", "Port to listen on.")
    url: str | None = _setting(
        None,
        "KG_URL",
        "URL under which clients reach the server, without a slash at the end. Host headers are never believed: "
        "this is what the service description and the types of problems say. Default: http://HOST:PORT.",
    )
    workers: int = _setting(
        max(2, os.cpu_count() or 1), "KG_WORKERS", "Queries that run at the same time, each in a process of its own."
    )
    timeout: float = _setting(
        10.0, "KG_TIMEOUT", "Seconds that a query may run. A client can ask for less by the parameter timeout."
    )
    memory: int = _setting(
        512,
        "KG_MEMORY",
        "MiB of memory that one query may use beyond the data, which all workers share; 256 at least, for with less "
        "the allocator of the engine gets slow.",
    )
    queue: int = _setting(32, "KG_QUEUE", "Queries that may wait for a worker; one more is answered 503 at once.")
    queue_timeout: float = _setting(5.0, "KG_QUEUE_TIMEOUT", "Seconds that a query may wait for a worker.")
    answer_limit: int = _setting(256, "KG_ANSWER_LIMIT", "MiB that one answer may have.")
    request_limit: int = _setting(1024, "KG_REQUEST_LIMIT", "KiB that the body of a request may have.")
    request_timeout: float = _setting(10.0, "KG_REQUEST_TIMEOUT", "Seconds that a client may take to send a request.")
    cache: int = _setting(64, "KG_CACHE", "MiB of answers to keep for the next who asks the same; 0 keeps none.")
    threads: int = _setting(64, "KG_THREADS", "Requests that are worked on at the same time; more than KG_QUEUE.")
    connections: int = _setting(1024, "KG_CONNECTIONS", "Requests that may be open at the same time.")
    shutdown_timeout: float = _setting(
        15.0, "KG_SHUTDOWN_TIMEOUT", "Seconds that requests under way are given when the server is told to stop."
    )
    watch: bool = _setting(False, "KG_WATCH", "Serve a new build as soon as it is there, without dropping a request.")
    log_queries: bool = _setting(False, "KG_LOG_QUERIES", "Write the whole text of each query to the log.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], **given: Any) -> Self:
        """Return settings from ``environment``; values in ``given`` that are not ``None`` come first.

        Raises:
            ValueError: a variable or value does not fit; the message names it.

        """
        types = get_type_hints(cls)
        values: dict[str, Any] = {}
        for field in dataclasses.fields(cls):
            variable = field.metadata["environment"]
            if given.get(field.name) is not None:
                values[field.name] = given[field.name]
            elif environment.get(variable):
                values[field.name] = _parsed(environment[variable], types[field.name], variable)
        return cls(**values)

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                message = f"{name} must be {least} or more, not {getattr(self, name)}."
                raise ValueError(message)
        for name in ("timeout", "queue_timeout", "request_timeout", "shutdown_timeout"):
            if getattr(self, name) <= 0:
                message = f"{name} must be more than 0 seconds, not {getattr(self, name)}."
                raise ValueError(message)
        if self.threads <= self.queue:
            message = (
                f"threads ({self.threads}) must be more than queue ({self.queue}), or waiting queries block all else."
            )
            raise ValueError(message)

    @property
    def public_url(self) -> str:
        """The URL under which clients reach the server, without a slash at the end."""
        if self.url is not None:
            return self.url.rstrip("/")
        host = "localhost" if self.host in {"", "0.0.0.0", "::"} else self.host  # noqa: S104 - compared, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def pool_limits(self) -> PoolLimits:
        """The limits of the worker pool that follow from these settings."""
        return PoolLimits(
            workers=self.workers,
            waiting=self.queue,
            seconds_to_wait=self.queue_timeout,
            seconds=self.timeout,
            answer=self.answer_limit << 20,
            worker=WorkerLimits(memory=self.memory << 20),
        )


def _parsed(text: str, kind: Any, variable: str) -> Any:
    try:
        if kind is bool:
            if text.lower() in _TRUE | _FALSE:
                return text.lower() in _TRUE
            raise ValueError
        return kind(text) if kind in {int, float} else text
    except ValueError:
        message = f"{variable} is {text!r}, which is no {'yes or no' if kind is bool else 'number'}."
        raise ValueError(message) from None
