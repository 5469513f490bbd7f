"""Charts: round axes, bars, the change against the period before, and the table of the numbers."""

from __future__ import annotations

import pytest

from gatepost.console.charts import Chart, as_far, short, ticks
from gatepost.console.overview import event_charts, failures
from gatepost.model.counts import COUNTED_EVENTS, EventCounts
from tests.unit.console.samples import DAYS
from tests.unit.console.states import page

NOON, DAY = 1_800_014_400, 86400  # of 2027-01-15


@pytest.mark.parametrize(
    ("most", "values"),
    [
        *((0, [0, 1]), (1, [0, 1]), (2, [0, 1, 2]), (4, [0, 1, 2, 3, 4]), (5, [0, 2, 4, 6]), (10, [0, 5, 10])),
        *((11, [0, 5, 10, 15]), (999, [0, 500, 1000]), (1000, [0, 500, 1000]), (1001, [0, 500, 1000, 1500])),
        (123_456, [0, 50_000, 100_000, 150_000]),
    ],
)
def test_an_axis_has_round_values_at_equal_distances_up_to_the_most(most: int, values: list[int]) -> None:
    assert ticks(most) == values


@pytest.mark.parametrize(
    ("number", "top", "text"),
    [
        *((0, 20_000_000, "0"), (9_000, 9_000, "9,000"), (5_000, 10_000, "5k"), (5_000_000, 9_000_000, "5,000k")),
        (5_000_000, 10_000_000, "5M"),
    ],
)
def test_a_high_axis_has_short_values(number: int, top: int, text: str) -> None:
    assert short(number, top) == text


def test_bars_are_as_high_as_their_part_of_the_axis_and_little_is_visible() -> None:
    chart = Chart("Tokens", DAYS[:5], [0, 1200, 500, 1, None])

    assert chart.ticks == ["1,500", "1,000", "500", "0"]
    assert chart.lines == "M0 0h50M0 33h50M0 67h50"
    assert chart.bars == "M15 100v-80M25 100v-33M35 100v-1"
    assert chart.dates == ["26 Oct", "28 Oct", "30 Oct"]
    assert (chart.width, chart.total, chart.is_empty) == (50, 1701, False)


def test_one_day_and_no_day_with_a_number_are_charts_too() -> None:
    one, none = Chart("Tokens", DAYS[:1], [3]), Chart("Tokens", DAYS, [0] * 30)

    assert (one.bars, one.dates, one.ticks) == ("M5 100v-100", ["26 Oct"], ["3", "2", "1", "0"])
    assert (none.bars, none.ticks, none.is_empty) == ("", ["1", "0"], True)
    assert not Chart("Tokens", DAYS[:2], [0, None]).is_empty


def test_a_chart_is_told_in_a_sentence() -> None:
    assert Chart("Tokens", DAYS, [0] * 28 + [1234, 30]).summary == (
        "Tokens: 1,264 in 30 days, most on 2026-11-23: 1,234"
    )
    assert Chart("Tokens", DAYS, [None] + [0] * 29).summary == "Tokens: none in 30 days"


@pytest.mark.parametrize(
    ("numbers", "before", "change"),
    [
        ([30, 30], 50, "20% more than in the 2 days before"),
        ([30, 30], 80.4, "25% fewer than in the 2 days before"),
        ([30, 30], 60.1, "as many as in the 2 days before"),
        ([900, 300], 10, "11,900% more than in the 2 days before"),
        ([0, 0], 9, "100% fewer than in the 2 days before"),
        *(([30, 30], 0, "none in the 2 days before"), ([0, 0], 0, "")),
        *(([30, 30], None, ""), ([None, 30], 50, "")),
    ],
)
def test_a_total_is_compared_with_the_period_before(
    numbers: list[int | None], before: float | None, change: str
) -> None:
    assert Chart("Tokens", DAYS[:2], numbers, before).change == change


def test_the_period_before_is_as_long_as_the_one_that_ends_now() -> None:
    assert as_far([8, 1, 1], NOON) == 6
    assert as_far([8, 1, 1], NOON + DAY / 4) == 8
    assert as_far([8, None, 1], NOON) is None
    assert as_far([None, 1, 1], NOON) is None


def test_each_chart_with_a_number_is_drawn_and_all_have_their_numbers_in_a_table_the_latest_day_first() -> None:
    parsed = page("admin_overview.html")

    drawn = [svg["aria-label"] for svg in parsed.all("svg") if svg.get("role") == "img"]
    assert drawn == [
        "Tokens: 1,264 in 30 days, most on 2026-11-23: 1,234",
        "Sign-ins: 15 in 30 days, most on 2026-11-23: 12",
        "New accounts: 15 in 30 days, most on 2026-11-23: 12",
    ]
    table = parsed.text("details").partition("Day (UTC) ")[2]
    assert table.startswith("Tokens Sign-ins New accounts 24 Nov 30 3 3 23 Nov 1,234 12 12 22 Nov 0 0 0")
    assert table.endswith("26 Oct 0 not counted not counted")


def test_where_nothing_happened_nothing_is_drawn_and_no_box_is_empty() -> None:
    parsed = page("nothing happened")

    assert {svg.get("role") for svg in parsed.all("svg")} == {None}
    assert not [tag for tag in ("section", "table", "details") if parsed.all(tag)]


def test_a_day_that_is_not_counted_to_its_end_is_unknown_but_today_counts_so_far() -> None:
    def counted(day: str, until: int) -> EventCounts:
        return EventCounts(day=day, reached=f"{until * 1000:015d}", events=dict.fromkeys(COUNTED_EVENTS, 7))

    complete = NOON - DAY // 2
    days = [*(counted(f"2027-01-{day}", complete) for day in (12, 13, 14)), counted("2027-01-15", NOON - 130)]

    assert [(chart.numbers, chart.before) for chart in event_charts(days, NOON)] == [([7, 7], 7 + 3.5)] * 4
    assert event_charts(days, NOON + 3600)[0].numbers == [7, None]
    assert event_charts([days[0], counted("2027-01-13", complete - DAY - 9), *days[2:]], NOON)[0].before is None


def test_failures_are_listed_by_reason_the_most_frequent_first_and_the_rest_is_another_reason() -> None:
    events = {"sign_in_failed": 9, "wrong_password": 4, "slowed_down": 3}
    found = failures([EventCounts(day="2027-01-14", events=events), EventCounts(day="2027-01-15", events=events)])

    assert [(each["reason"], each["count"], each["share"]) for each in found] == [
        ("Wrong password", 8, 100),
        ("Slowed down after failed attempts", 6, 75),
        ("Another reason", 4, 50),
    ]
    assert failures([EventCounts(day="2027-01-15")]) == []
