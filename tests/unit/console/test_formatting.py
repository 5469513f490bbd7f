"""Times, scopes and charts as pages show them."""

from __future__ import annotations

import pytest

from gatepost.console.charts import Chart
from gatepost.console.formatting import ShownScope, Time, day_at, shown_scopes, time_at
from gatepost.console.overview import event_charts
from gatepost.model.counts import COUNTED_EVENTS, EventCounts
from tests.unit.console.samples import DAYS
from tests.unit.console.states import page
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
    assert ":" not in shown.exact


def test_scopes_are_shown_by_name_with_their_sentence_and_one_that_is_gone_by_its_name() -> None:
    assert shown_scopes(["write", "old", "read"], SETTINGS) == [
        ShownScope(name="old", description="old"),
        ShownScope(name="read", description="Read your data"),
        ShownScope(name="write", description="Change your data"),
    ]


NOON = 1_800_014_400  # of 2027-01-15


def test_bars_are_as_high_as_their_part_of_the_most_and_little_is_visible() -> None:
    chart = Chart("Tokens", DAYS[:5], [0, 1000, 500, 1, None])

    assert chart.bars == "M15 100v-100M25 100v-50M35 100v-1"
    assert (chart.width, chart.total) == (50, 1501)


def test_a_chart_is_told_in_a_sentence() -> None:
    assert Chart("Tokens", DAYS, [0] * 28 + [1234, 30]).summary == (
        "Tokens: 1,264 in 30 days, most on 2026-11-23: 1,234"
    )
    assert Chart("Tokens", DAYS, [None] + [0] * 29).summary == "Tokens: none in 30 days"
    assert Chart("Tokens", DAYS, [0] * 30).bars == ""


def test_each_chart_has_its_numbers_in_a_table_the_latest_day_first() -> None:
    parsed = page("admin_overview.html")

    drawn = [svg["aria-label"] for svg in parsed.all("svg") if svg.get("role") == "img"]
    assert drawn == [
        "Tokens: 1,264 in 30 days, most on 2026-11-23: 1,234",
        "Sign-ins: 15 in 30 days, most on 2026-11-23: 12",
        "New accounts: 15 in 30 days, most on 2026-11-23: 12",
    ]
    assert parsed.text("details").startswith(
        "Numbers in this chart Day (UTC) Tokens 2026-11-24 30 2026-11-23 1,234 2026-11-22 0"
    )
    assert parsed.text("details").endswith("2026-10-26 not counted not counted")


def test_a_day_that_is_not_counted_to_its_end_is_unknown_but_today_counts_so_far() -> None:
    def counted(day: str, until: int) -> EventCounts:
        return EventCounts(day=day, reached=f"{until * 1000:015d}", events=dict.fromkeys(COUNTED_EVENTS, 7))

    days = [counted("2027-01-13", NOON - 2 * 86400), counted("2027-01-14", NOON), counted("2027-01-15", NOON - 130)]

    assert [chart.numbers for chart in event_charts(days, NOON)] == [[None, 7, 7]] * 4
    assert event_charts(days, NOON + 3600)[0].numbers == [None, 7, None]
