"""A request to a URL that a person gave: its parts, its response, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """A request to send: with `most_bytes` of 0 the response's body is not read; `seconds` limit the whole exchange."""

    method: str
    url: str
    body: str = ""
    content_type: str = ""
    accept: tuple[str, ...] = ()
    most_bytes: int = 0
    seconds: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The response, whatever its status: a redirect is not followed. Header fields that were not sent are ""."""

    status: int
    content_type: str
    cache_control: str
    body: str


class FetchRefused(Exception):
    """The request must not be sent, now or later. `reason` is a fixed text for logs and for the owner of the URL."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


class FetchFailed(Exception):
    """No usable response arrived: no such name, no connection, TLS, time, size. A retry may help."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


class Fetcher(Protocol):
    """Sends one request to a URL that is not trusted."""

    def fetch(self, outbound: Outbound) -> Fetched:
        """Return the response. Raises FetchRefused and FetchFailed."""
        ...
