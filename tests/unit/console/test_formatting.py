"""Times and scopes as pages show them."""

from __future__ import annotations

import pytest

from gatepost.console.formatting import ShownScope, Time, day_at, shown_scopes, time_at
from tests.unit.world import NOW, SETTINGS

MINUTE, HOUR, DAY = 60, 3600, 86400  # NOW is 2027-01-15 08:00:00 UTC


def test_a_moment_is_shown_for_machines_for_reading_and_exactly() -> None:
    assert time_at(NOW, NOW + 120) == Time(
        iso="2027-01-15T08:00:00Z", relative="2 minutes ago", exact="2027-01-15 08:00 UTC"
    )


def test_never_is_no_moment() -> None:
    assert time_at(0, NOW) is None
    assert day_at(0, NOW) is None


@pytest.mark.parametrize(
    ("ago", "relative"),
    [
        *((-30, "just now"), (0, "just now"), (4.9, "just now")),  # the first one by a clock that is behind
        *((5, "5 seconds ago"), (MINUTE - 1, "59 seconds ago"), (MINUTE, "1 minute ago")),
        *((2 * MINUTE, "2 minutes ago"), (HOUR - 1, "59 minutes ago"), (HOUR, "1 hour ago")),
        *((DAY - 1, "23 hours ago"), (DAY, "1 day ago"), (30 * DAY - 1, "29 days ago"), (30 * DAY, "1 month ago")),
        *((365 * DAY - 1, "1 year ago"), (365 * DAY, "1 year ago"), (1000 * DAY, "2 years ago")),
        *((-59, "just now"), (-MINUTE, "in 1 minute"), (-30 * DAY, "in 1 month")),
    ],
)
def test_how_long_ago_it_was_is_said_in_one_unit(ago: float, relative: str) -> None:
    shown = time_at(NOW - ago, NOW)

    assert shown is not None
    assert shown.relative == relative


@pytest.mark.parametrize(
    ("ago", "relative"),
    [
        *((0, "today"), (8 * HOUR, "today"), (-DAY, "today"), (8 * HOUR + 1, "yesterday"), (32 * HOUR, "yesterday")),
        *((32 * HOUR + 1, "2 days ago"), (60 * DAY, "2 months ago")),
    ],
)
def test_a_moment_that_is_known_to_the_day_is_shown_to_the_day(ago: float, relative: str) -> None:
    shown = day_at(NOW - ago, NOW)

    assert shown is not None
    assert shown.relative == relative
    assert shown.exact.endswith(" UTC")
    assert ":" not in shown.exact + shown.iso


def test_scopes_are_shown_by_name_with_their_sentence_and_one_that_is_gone_by_its_name() -> None:
    assert shown_scopes(["write", "old", "read"], SETTINGS) == [
        ShownScope(name="old", description="old"),
        ShownScope(name="read", description="Read your data"),
        ShownScope(name="write", description="Change your data"),
    ]
