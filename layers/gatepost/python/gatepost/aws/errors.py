"""Errors of calls to AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """The service responded with an error: its code and the rest of the response."""

    def __init__(self, code: str, response: Mapping[str, Any] | None = None, *, message: object = "") -> None:
        """Take the error `code` without its namespace, and the other members of the `response`.

        `message` may quote a value of the request: never log it.
        """
        super().__init__(code)
        self.code = code
        self.response = response or {}
        self.message = message


class NoAnswer(Exception):
    """There was no readable response; the request may have taken effect nevertheless."""

    def __init__(self, reason: str) -> None:
        """Take a `reason` for the log, without any value of the request."""
        super().__init__(reason)
        self.reason = reason
