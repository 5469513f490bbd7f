"""Formatting of values for pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from gatepost.clients.scopes import scope_standings
from gatepost.model.records import App
from gatepost.settings import Settings

_STEPS = ((60, "second"), (3600, "minute"), (86400, "hour"), (30 * 86400, "day"), (360 * 86400, "month"))


class Time(NamedTuple):
    """A time: machine-readable, relative and exact. Of a moment `iso` has a "T", of a day it has none."""

    iso: str
    relative: str
    exact: str


class ShownScope(NamedTuple):
    """A scope with its description for people."""

    name: str
    description: str


def time_at(moment: float, now: float) -> Time | None:
    """Return `moment`, in epoch seconds, as seen at `now`; None for 0, which means never."""
    if not moment:
        return None
    at = datetime.fromtimestamp(moment, UTC)
    return Time(iso=f"{at:%Y-%m-%dT%H:%M:%SZ}", relative=_relative(int(now - moment)), exact=f"{at:%Y-%m-%d %H:%M} UTC")


def day_at(moment: float, now: float) -> Time | None:
    """Return a time that is known only to the day."""
    if not moment:
        return None
    at = datetime.fromtimestamp(moment, UTC)
    days = int(now) // 86400 - int(moment) // 86400
    relative = "today" if days <= 0 else "yesterday" if days == 1 else _relative(days * 86400)
    return Time(iso=f"{at:%Y-%m-%d}", relative=relative, exact=f"{at:%Y-%m-%d} UTC")


def shown_scopes(names: Iterable[str], settings: Settings) -> list[ShownScope]:
    """Return scopes sorted by name, with their descriptions."""
    return [ShownScope(name=name, description=settings.descriptions.get(name, name)) for name in sorted(names)]


def shown_standings(app: App, settings: Settings) -> list[dict[str, Any]]:
    """Return the scopes that an app requests, with descriptions and status."""
    return [
        {**each._asdict(), "description": settings.descriptions.get(each.name, each.name)}
        for each in scope_standings(app, settings)
    ]


def duration(seconds: int) -> str:
    """Return "12 seconds" or, rounded up, "3 minutes"."""
    count, unit = (seconds, "second") if seconds < 60 else (-(-seconds // 60), "minute")
    return f"{count} {unit}{'s' if count > 1 else ''}"


def start_of(typed: str | None) -> int:
    """Return the start of a page of a list, as it stands in the query."""
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 7 else 0


def _relative(seconds: int) -> str:
    ahead, seconds = seconds < 0, abs(seconds)
    if seconds < (60 if ahead else 5):  # clocks differ
        return "just now"
    unit, size = "year", 365 * 86400
    below = 1
    for end, name in _STEPS:
        if seconds < end:
            unit, size = name, below
            break
        below = end
    count = max(1, seconds // size)
    said = f"{count} {unit}{'s' if count > 1 else ''}"
    return f"in {said}" if ahead else f"{said} ago"
