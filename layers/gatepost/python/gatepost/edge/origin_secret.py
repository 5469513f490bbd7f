"""Functions behind the edge: a request counts only if CloudFront sent it, and comes from where CloudFront says.

CloudFront adds a secret to every request. It is one of two values, so that one can be replaced while the other is
sent. Nothing imports this where there is no edge.
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
ONLY = "GATEPOST_EDGE_ONLY"  # where it is "true", what did not come by the edge is refused
AGAIN = 30  # seconds between two looks at the secret, however many requests hold another value
SHORTEST = 32  # characters; what is shorter is an empty slot

Event = dict[str, Any]


class Edge:
    """The values that CloudFront may send, as one container knows them.

    They are read at the first request and again every `refresh` seconds, and when a request holds another value. If
    they can't be read, those that are known go on.
    """

    def __init__(self, read: Callable[[], str], *, refresh: int) -> None:
        """`read` returns the text of the secret. It is not called before the first request."""
        self._read = read
        self._refresh = refresh
        self._values: tuple[str, ...] = ()  # by their digests
        self._read_at: float | None = None
        self._tried_at = float("-inf")

    def sent(self, presented: str, now: float) -> bool:
        """Return whether a request with this value was sent by the edge.

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
    """The event as the function is to see it, with the viewer's address; None if it is refused.

    The headers of the edge are taken out: no function sees the secret. Where `only` is false, what did not come by the
    edge passes, with the address that it came from. Raises TemporarilyUnavailable where `only` and it can't be told.
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
    """The address that CloudFront tells, IPv4 or IPv6 and nothing else; None for what is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return None if getattr(address, "scope_id", None) else str(address)
