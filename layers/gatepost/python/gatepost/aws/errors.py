"""What can come of a call to AWS instead of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """The service answered with an error: its code, and whatever else it said."""

    def __init__(self, code: str, response: Mapping[str, Any] | None = None, *, message: object = "") -> None:
        """`code` is the name of the error without its namespace, `response` the members beside it.

        `message` may quote a value of the request: it is for no log.
        """
        super().__init__(code)
        self.code = code
        self.response = response or {}
        self.message = message


class NoAnswer(Exception):
    """Nothing came back, or nothing that can be read; the request may have taken effect all the same."""

    def __init__(self, reason: str) -> None:
        """`reason` is a name for the log, without any value of the request."""
        super().__init__(reason)
        self.reason = reason
