"""The administrators' overview: the use of apps and counts of events in a period, compared with the one before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from gatepost.audit_log.counting import SETTLED, counted_days
from gatepost.clients.app_use import AppUse, use_of, use_of_apps
from gatepost.console.charts import Chart, as_far
from gatepost.console.formatting import day_at, start_of, time_at
from gatepost.console.pages_base import Visitor, console_page
from gatepost.console.unvouched_apps import shown_name
from gatepost.http.response import Response
from gatepost.model.counts import DAYS, FAILURES, EventCounts, days_until
from gatepost.model.records import App
from gatepost.oauth.parameters import Parameters
from gatepost.routes import ADMIN_OVERVIEW_PAGE
from gatepost.runtime.wiring import server
from gatepost.settings import Settings
from gatepost.stores.record_keys import AppKey

_APPS = 20  # per page
PERIODS = (7, 30, 90)  # days
_CHARTS = (
    ("Sign-ins", "signed_in"),
    ("Failed sign-ins", "sign_in_failed"),
    ("New accounts", "registered"),
    ("Approvals", "approved"),
)
TOKENS = "Tokens"


def overview_page(query: Parameters, visitor: Visitor, now: float) -> Response:
    """Return the overview of `days`; `show=unused` lists the apps that are not used, `from` is a place in the list."""
    settings, store, typed = server().settings, server().store, query.sole("days")
    length = next((each for each in PERIODS if str(each) == typed), DAYS)
    days = days_until(now, 2 * length)
    use = use_of_apps(store, days[length:], before=days[:length])
    counted = counted_days(store, settings, days, now)
    show = "unused" if query.sole("show") == "unused" or not use.used else "used"
    start = start_of(query.sole("from"))
    ids = use.unused if show == "unused" else [client_id for client_id, _ in use.used]
    shown = counted[length:]
    return console_page(
        200,
        "admin_overview.html",
        visitor,
        length=length,
        periods=[(each, _url(days=each, show=show)) for each in PERIODS],
        tokens=_chart(TOKENS, days, [use.by_day[day] for day in days], now),
        charts=event_charts(counted, now),
        failures=failures(shown),
        counted_until=time_at(counted[-1].counted_until, now),
        uncounted=sum(not day.is_complete for day in shown[:-1]),
        show=show,
        used=f"{len(use.used):,}",
        unused=f"{len(use.unused):,}{'' if use.looked_at_all else '+'}",
        used_url=_url(days=length),
        unused_url=_url(days=length, show="unused"),
        apps=_rows(use, ids[start : start + _APPS], settings, now),
        next_url=_url(days=length, show=show, **{"from": start + _APPS}) if len(ids) > start + _APPS else None,
    )


def event_charts(counted: Sequence[EventCounts], now: float) -> list[Chart]:
    """Return a chart per event for the second half of the days.

    A day that is not counted to its end is unknown, but today.
    """
    days = [each.day for each in counted]
    known = [each.is_complete or each.counted_until >= now - 2 * SETTLED for each in counted]
    return [
        _chart(
            title,
            days,
            [each.events.get(event, 0) if ok else None for each, ok in zip(counted, known, strict=True)],
            now,
        )
        for title, event in _CHARTS
    ]


def failures(counted: Sequence[EventCounts]) -> list[dict[str, Any]]:
    """Return how many sign-ins failed for which reason, the most frequent first, with shares of 100."""
    found = sum((Counter(day.events) for day in counted), Counter[str]())
    by_reason = {reason: found[name] for reason, name in FAILURES.items()}
    by_reason["another reason"] = found["sign_in_failed"] - sum(by_reason.values())
    rows = sorted((-count, reason) for reason, count in by_reason.items() if count > 0)
    return [
        {"reason": f"{reason[0].upper()}{reason[1:]}", "count": -count, "share": round(100 * count / rows[0][0])}
        for count, reason in rows
    ]


def app_chart(app: App, now: float) -> Chart:
    """Return the chart of one app, for its owner."""
    days = days_until(now, 2 * DAYS)
    return _chart(TOKENS, days, use_of(server().store, app.client_id, days), now)


def _chart(title: str, days: Sequence[str], numbers: Sequence[int | None], now: float) -> Chart:
    """Return the chart of the second half of `days`, compared with the first."""
    half = len(days) // 2
    return Chart(title, days[half:], numbers[half:], as_far(numbers[:half], now))


def _url(**query: object) -> str:
    return f"{ADMIN_OVERVIEW_PAGE.path}?{urlencode(query)}"


def _rows(use: AppUse, ids: Sequence[str], settings: Settings, now: float) -> list[dict[str, Any]]:
    tokens, most = dict(use.used), use.used[0][1] if use.used else 1
    apps = server().store.read_each([AppKey(client_id) for client_id in ids])
    return [
        {
            "client_id": client_id if app else "",
            "name": shown_name(app, settings) if app else "",
            "status": app.status if app else "",
            "tokens": tokens.get(client_id, 0),
            "share": round(100 * tokens.get(client_id, 0) / most),
            "last_used": day_at(app.last_used_at, now) if app else None,
        }
        for client_id, app in zip(ids, apps, strict=True)
    ]
