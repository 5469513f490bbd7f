"""Charts: what is drawn, what is read aloud, and the table beside them."""

from __future__ import annotations

from gatepost.console.charts import Chart
from gatepost.console.overview import event_charts
from gatepost.model.counts import COUNTED_EVENTS, EventCounts
from tests.unit.console.samples import DAYS
from tests.unit.console.states import page

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


def test_the_overview_tells_which_apps_are_used_by_how_much_and_how_many_are_not() -> None:
    text = page("admin_overview.html").text("section")

    assert "Used (1,234) Unused (3+)" in text
    assert "Demo web app 1,234 2 hours ago Demo web app Deactivated 0 2 hours ago Deleted app 1,234 –" in text
    assert "No tokens were issued." in page("no app is used").text("section")
    assert "Every active app was used." in page("every app is used").text("section")


def test_the_overview_says_until_when_it_is_counted_and_what_is_not() -> None:
    assert "until 2 hours ago. 1 day is not counted yet. Reload the page" in page("admin_overview.html").text("section")
    assert "2 days are not counted" in page("admin_overview.html", uncounted=2).text("section")
    assert "not counted yet. Reload" not in page("an overview that is counted").text("section")
    assert "Today has not been counted yet." in page("no app is used").text("section")


def test_a_day_that_is_not_counted_to_its_end_is_unknown_but_today_counts_so_far() -> None:
    def counted(day: str, until: int) -> EventCounts:
        return EventCounts(day=day, reached=f"{until * 1000:015d}", events=dict.fromkeys(COUNTED_EVENTS, 7))

    days = [counted("2027-01-13", NOON - 2 * 86400), counted("2027-01-14", NOON), counted("2027-01-15", NOON - 130)]

    assert [chart.numbers for chart in event_charts(days, NOON)] == [[None, 7, 7]] * 4
    assert event_charts(days, NOON + 3600)[0].numbers == [None, 7, None]
