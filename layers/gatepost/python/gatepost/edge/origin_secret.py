"""The edge's secret: proves that CloudFront sent a request, and so which address the viewer has.

CloudFront adds a secret to every request. Two values are accepted, so that one can be replaced while the other is in
use. Not imported without an edge.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
from collections.abc import Callable, Mapping
from typing import Any

from gatepost.aws.errors import NoAnswer, Refusal
from gatepost.errors import TemporarilyUnavailable
from gatepost.identifiers import digest
from gatepost.observability.log import note

SECRET_HEADER, VIEWER_HEADER = "x-gatepost-edge", "x-gatepost-viewer"
SECRET = "edge"  # noqa: S105 — its name
SLOTS = ("a", "b")
ONLY = "GATEPOST_EDGE_ONLY"  # if "true", requests that bypassed the edge are rejected
AGAIN = 30  # seconds between two reads of the secret, however many requests hold another value
SHORTEST = 32  # characters; a shorter value is an empty slot

Event = dict[str, Any]


class Edge:
    """The accepted values of the edge's secret, cached per container.

    They are read at the first request, every `refresh` seconds, and when a request holds another value. If they can't
    be read, the cached ones stay in use.
    """

    def __init__(self, read: Callable[[], str], *, refresh: int) -> None:
        """Take `read`, which returns the text of the secret. It is not called before the first request."""
        self._read = read
        self._refresh = refresh
        self._values: tuple[str, ...] = ()  # by their digests
        self._read_at: float | None = None
        self._tried_at = float("-inf")

    def sent(self, presented: str, now: float) -> bool:
        """Return whether the edge sent a request with this value.

        Raises TemporarilyUnavailable if the values were never read.
        """
        if self._read_at is None or not 0 <= now - self._read_at < self._refresh:
            self._look(now)
        if self._holds(presented):
            return True
        if presented and not 0 <= now - self._tried_at < AGAIN:
            self._look(now)
        return self._holds(presented)

    def _holds(self, presented: str) -> bool:
        shown = digest(presented)
        return any(hmac.compare_digest(shown, each) for each in self._values)

    def _look(self, now: float) -> None:
        if self._read_at is not None and 0 <= now - self._tried_at < AGAIN:
            return
        self._tried_at = now
        try:
            slots = json.loads(self._read())
            self._values = tuple(digest(slots[slot]) for slot in SLOTS if len(slots.get(slot, "")) >= SHORTEST)
        except (Refusal, NoAnswer, ValueError, TypeError, AttributeError) as error:
            note("edge.secret_not_read", {"reason": type(error).__name__}, failed=True)
            if self._read_at is None:
                raise TemporarilyUnavailable("try again", reason="the edge's secret can't be read") from None
            return
        self._read_at = now


def arrived(event: Event, edge: Edge, *, only: bool, now: float) -> Event | None:
    """Return the event for the function, with the viewer's address; None if it is rejected.

    The edge's headers are removed, so that no function sees the secret. Unless `only`, requests that bypassed the edge
    pass, with the address of their sender. Raises TemporarilyUnavailable if `only` and the secret is unknown.
    """
    headers: Mapping[str, str] = event.get("headers") or {}
    kept = {name: value for name, value in headers.items() if name not in (SECRET_HEADER, VIEWER_HEADER)}
    try:
        by_the_edge = edge.sent(headers.get(SECRET_HEADER, ""), now)
    except TemporarilyUnavailable:
        if only:
            raise
        by_the_edge = False
    if only and not by_the_edge:
        return None
    passed = {**event, "headers": kept}
    viewer = viewer_in(headers.get(VIEWER_HEADER, "")) if by_the_edge else None
    if viewer is None:
        return passed
    context = event.get("requestContext") or {}
    return {**passed, "requestContext": {**context, "http": {**(context.get("http") or {}), "sourceIp": viewer}}}


def viewer_in(text: str) -> str | None:
    """Return CloudFront's viewer address, IPv4 or IPv6; None if it is malformed."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return None if getattr(address, "scope_id", None) else str(address)
