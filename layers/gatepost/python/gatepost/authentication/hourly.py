"""Limits of what strangers can cause, counted in windows of an hour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gatepost.identifiers import digest

if TYPE_CHECKING:
    from gatepost.stores.ports.accounts import AccountStore

_HOUR = 3600


class HourIsFull(Exception):
    """A limit of this hour is reached: `counter` names it, and the next hour begins in `retry_after` seconds."""

    def __init__(self, counter: str, retry_after: int) -> None:
        """Take both."""
        super().__init__(counter)
        self.counter = counter
        self.retry_after = retry_after


def count_in_hour(store: AccountStore, kind: str, limits: Mapping[str, int], *, now: float) -> None:
    """Count one of its kind in every counter, in their order. Raises HourIsFull at the first that is at its limit.

    Each hour has counters of its own, so that steady traffic never waits longer than the hour. One that is full, such
    as a network's, uses up nothing of those behind it.
    """
    hour = int(now) // _HOUR
    ends = (hour + 1) * _HOUR
    for counter, most in limits.items():
        name_hash = digest(f"{kind}#{hour}#{counter}")
        if not store.reserve_attempt(name_hash, before=None, free=most, now=int(now), forget_at=ends):
            raise HourIsFull(counter, ends - int(now))
