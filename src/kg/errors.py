"""The one exception for input that a person can mend."""

from __future__ import annotations


class InputError(Exception):
    """Something that the user gave is wrong or missing; the message says what, where, and what to do.

    ``exit_code`` is 1 for content that is wrong and 2 for a wrong call (a missing file, an unknown name).
    """

    def __init__(self, message: str, *, advice: str = "", exit_code: int = 1) -> None:
        super().__init__(message if not advice else f"{message}\n  {advice}")
        self.message = message
        self.advice = advice
        self.exit_code = exit_code
