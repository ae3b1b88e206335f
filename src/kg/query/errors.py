"""Why a query got no answer: one exception for each reason, so that a caller never reads a message to find out."""

# ruff: noqa: N818 - the names read as what happened, and all end in no "Error" but the root

from __future__ import annotations


class QueryError(Exception):
    """The root of all reasons why a query got no answer. ``str(error)`` is a sentence for the person who asked."""


class QuerySyntaxError(QueryError):
    """The text is no SPARQL query (SPARQL 1.1 Query, section 19).

    Attributes:
        line: line of the fault, counted from 1, or ``None`` where the engine does not say.
        column: column of the fault, counted from 1 in characters, or ``None``.

    """

    def __init__(self, detail: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(detail)
        self.line = line
        self.column = column


class QueryFailed(QueryError):
    """A well-formed query that cannot be evaluated, such as one that calls an unknown function."""


class QueryTooComplex(QueryError):
    """A query nested so deeply, or of so many parts, that the engine will not (or could not) read it."""


class NotWritable(QueryError):
    """The answer exists but the format that was asked for cannot express it, or none that fits was asked for."""


class AnswerTooLarge(QueryError):
    """The answer has more bytes than one answer may have.

    Attributes:
        limit: the limit in bytes.

    """

    def __init__(self, limit: int) -> None:
        super().__init__(f"The answer is larger than {limit} bytes. Ask for less, for example with LIMIT.")
        self.limit = limit


class QueryTimeout(QueryError):
    """The query ran into its time limit and was stopped.

    Attributes:
        seconds: the limit in seconds.

    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The query was stopped after {seconds:g} seconds, the time limit.")
        self.seconds = seconds


class OutOfMemory(QueryError):
    """The query needed more memory than one query may have, and was stopped."""


class Refused(QueryError):
    """The query asked for something that is never done here: a network call by ``SERVICE``."""


class Busy(QueryError):
    """Too many queries wait already, or this one has waited too long for a free worker.

    Attributes:
        retry_after: whole seconds after which another try makes sense.

    """

    def __init__(self, detail: str, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(QueryError):
    """The engine is not there: it was closed, could not be started, or the remote store does not answer."""


class StoreFailed(Unavailable):
    """The remote store does not answer, or answers with something that cannot be read."""


class Cancelled(QueryError):
    """The client left before the answer was there; the worker was stopped. Nobody reads this message."""
