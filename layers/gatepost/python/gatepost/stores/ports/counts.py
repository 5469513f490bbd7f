"""Port for counts by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from gatepost.model.counts import AppTokens, EventCounts


class CountStore(Protocol):
    """Counts of tokens and of audited events. They decide nothing: reads may be stale."""

    def add_tokens(self, client_id: str, tokens: int, *, now: float) -> None:
        """Add to the tokens of an app on this day. Not idempotent: repeated after a lost response, it counts twice."""

    def tokens_of(self, client_id: str, months: Sequence[str]) -> Sequence[AppTokens]:
        """Return the tokens of one app in each of `months` ("2026-11") that has any."""

    def tokens_in(self, month: str) -> Iterator[AppTokens]:
        """Return the tokens of every app in a month."""

    def last_uses(self, status: str) -> Iterator[tuple[str, int]]:
        """Return the `client_id` and `last_used_at` of the apps with this status."""

    def event_counts(self, first: str, last: str) -> Sequence[EventCounts]:
        """Return what is counted of the days from `first` to `last`."""

    def keep_event_counts(self, counts: EventCounts, *, before: EventCounts) -> None:
        """Replace what is counted of a day; do nothing if it is no longer as `before`."""

    def audited_events(self, day: str, *, after: str, until: float) -> tuple[Sequence[tuple[str, str]], str]:
        """Return the next events of a day, each with its reason or "", and the sort key that they reach.

        They are those behind the sort key `after` (all for ""), before `until` in epoch seconds, as many as one read
        returns; the sort key stands for `until` if there are no more.
        """
