"""A request to a URL that a person gave: its parts, its response, and how it fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Outbound(NamedTuple):
    """A request to send, GET or POST; `seconds` limit it from the resolution of the name to the last byte.

    A response's body may have `most_bytes`, of text in UTF-8; with 0 it is not read. With `accept`, in lower case, no
    body of another media type is read either: its type is told by `Fetched.content_type`.
    """

    method: str
    url: str
    body: str = ""
    content_type: str = ""
    accept: tuple[str, ...] = ()
    most_bytes: int = 0
    seconds: float = 5.0


class Fetched(NamedTuple):
    """The response, whatever its status: a redirect is not followed. Header fields that were not sent are "".

    The body of an image, whose type begins with image/, is base64.
    """

    status: int
    content_type: str
    cache_control: str
    body: str


class FetchRefused(Exception):
    """The request must not be sent, now or later. `reason` is one of a few fixed texts, for logs."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


class FetchFailed(Exception):
    """No usable response arrived: no such name, no connection, TLS, time, size. A retry may help."""

    def __init__(self, reason: str, *, here: bool = False) -> None:
        """Keep the reason; `here` says that the request was not sent at all, by no fault of the other side."""
        super().__init__(reason)
        self.reason = reason
        self.here = here


class Fetcher(Protocol):
    """Sends one request to a URL that is not trusted."""

    def fetch(self, outbound: Outbound) -> Fetched:
        """Return the response. Raises FetchRefused and FetchFailed."""
        ...


Outcome = Fetched | FetchRefused | FetchFailed


class BatchFetcher(Protocol):
    """Sends requests to URLs that are not trusted, all at the same time."""

    def fetch_each(self, outbounds: Sequence[Outbound]) -> Sequence[Outcome]:
        """Return what became of each, in their order. The slowest of them takes as long as all."""
        ...
