"""Counts for the overview: numbers by day (UTC), without anything about a person.

Named tuples, because every function loads them with its store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

DAY = 86400
DAYS = 30  # that a page shows if nobody asks for others
KEPT = 215 * DAY  # seconds for which a count is kept after its last change: for twice 90 days and their months
DAYS_OF_MONTH = tuple(f"d{day:02}" for day in range(1, 32))  # attributes of the tokens of an app in a month
COUNTED_EVENTS = ("signed_in", "sign_in_failed", "registered", "approved")  # of the audit log
# Reasons of failed sign-ins in the audit log, and the attribute of a day that counts each; others are not told apart.
FAILURES = {
    "wrong password": "wrong_password",
    "unknown user name": "unknown_name",
    "slowed down after failed attempts": "slowed_down",
    "too many guesses today": "too_many_guesses",
    "account is deactivated": "account_deactivated",
    "account waits for approval": "account_pending",
}
COUNTED = (*COUNTED_EVENTS, *FAILURES.values())


class EventCounts(NamedTuple):
    """The audited events of a day, as far as they are counted."""

    day: str  # "2026-11-24"
    reached: str = ""  # the sort key up to which the day's audit entries are counted; "": none
    events: Mapping[str, int] = {}  # by the names of COUNTED; absent: 0

    @property
    def counted_until(self) -> float:
        """The time, in epoch seconds; 0 if nothing is counted."""
        return int(self.reached[:15] or 0) / 1000

    @property
    def is_complete(self) -> bool:
        """Whether the whole day is counted."""
        return self.counted_until >= start_of(self.day) + DAY


class AppTokens(NamedTuple):
    """The tokens of an app in a month."""

    client_id: str
    by_day: Mapping[str, int]  # "2026-11-24": 5; absent: 0


def day_of(moment: float) -> str:
    """Return the day of a time in epoch seconds."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"


def start_of(day: str) -> int:
    """Return the first second of a day."""
    return int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp())


def days_until(now: float, count: int = DAYS) -> list[str]:
    """Return the last `count` days, today last."""
    return [day_of(now - back * DAY) for back in reversed(range(count))]


def months_of(days: Iterable[str]) -> list[str]:
    """Return the months that `days` are in, the earliest first."""
    return sorted({day[:7] for day in days})
