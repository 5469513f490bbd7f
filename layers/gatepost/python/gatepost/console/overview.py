"""The administrators' overview: the use of apps, and counts of events, over 30 days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from gatepost.audit_log.counting import SETTLED, counted_days
from gatepost.clients.app_use import AppUse, use_of, use_of_apps
from gatepost.console.charts import Chart
from gatepost.console.formatting import day_at, time_at
from gatepost.console.pages_base import Visitor, console_page
from gatepost.console.unvouched_apps import shown_name
from gatepost.http.response import Response
from gatepost.model.counts import EventCounts, days_until
from gatepost.model.records import App
from gatepost.oauth.parameters import Parameters
from gatepost.routes import ADMIN_OVERVIEW_PAGE
from gatepost.runtime.wiring import server
from gatepost.settings import Settings
from gatepost.stores.record_keys import AppKey

_APPS = 20  # per page
_CHARTS = (
    ("Sign-ins", "signed_in"),
    ("Failed sign-ins", "sign_in_failed"),
    ("New accounts", "registered"),
    ("Approvals", "approved"),
)
TOKENS = "Tokens"


def overview_page(query: Parameters, visitor: Visitor, now: float) -> Response:
    """Return the overview; `show=unused` lists the apps that are not used, `from` is a position in the list."""
    settings, days = server().settings, days_until(now)
    use = use_of_apps(server().store, now)
    counted = counted_days(server().store, settings, now)
    show = "unused" if query.sole("show") == "unused" else "used"
    start = _position(query.sole("from"))
    ids = use.unused if show == "unused" else [client_id for client_id, _ in use.used]
    following = urlencode({"show": show, "from": start + _APPS}) if len(ids) > start + _APPS else None
    return console_page(
        200,
        "admin_overview.html",
        visitor,
        tokens=Chart(TOKENS, days, use.by_day),
        charts=event_charts(counted, now),
        counted_until=time_at(counted[-1].counted_until, now),
        uncounted=sum(not day.is_complete for day in counted[:-1]),
        show=show,
        used=f"{len(use.used):,}",
        unused=f"{len(use.unused):,}{'' if use.looked_at_all else '+'}",
        apps=_rows(use, ids[start : start + _APPS], settings, now),
        next_url=f"{ADMIN_OVERVIEW_PAGE.path}?{following}" if following else None,
    )


def event_charts(counted: Sequence[EventCounts], now: float) -> list[Chart]:
    """Return a chart per event; a day that is not counted to its end is unknown, but today."""
    days = [each.day for each in counted]
    known = [each.is_complete or each.counted_until >= now - 2 * SETTLED for each in counted]
    return [
        Chart(title, days, [each.events.get(event, 0) if ok else None for each, ok in zip(counted, known, strict=True)])
        for title, event in _CHARTS
    ]


def app_chart(app: App, now: float) -> Chart:
    """Return the chart of one app, for its owner."""
    return Chart(TOKENS, days_until(now), use_of(server().store, app.client_id, now))


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


def _position(typed: str | None) -> int:
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) <= 6 else 0
