"""The section of an app's page with its refused requests."""

from __future__ import annotations

from typing import Any

from gatepost.clients.refused_requests import Kind, shown_problems
from gatepost.console.formatting import Time, time_at
from gatepost.model.counts import DAY
from gatepost.model.records import App
from gatepost.routes import AUTHORIZE, INTROSPECT, OPENID_LOGOUT, REVOKE, TOKEN
from gatepost.runtime.wiring import server

_ENDPOINTS = {
    "authorize": AUTHORIZE.path,
    "token": TOKEN.path,
    "revoke": REVOKE.path,
    "introspect": INTROSPECT.path,
    "logout": OPENID_LOGOUT.path,
    "backchannel_logout": "back-channel logout",
}


def app_problems(app: App, now: float) -> list[dict[str, Any]]:
    """The refused requests of an app and what else was ignored, by kind, the last one first."""
    return [_shown(each, now) for each in shown_problems(server().store.problems_of(app.client_id), now)]


def _shown(kind: Kind, now: float) -> dict[str, Any]:
    newest = kind.newest
    reason, _, remedy = newest.reason.partition(". ")
    last = time_at(newest.last_at, now)
    return {
        "reason": f"{reason}." if remedy else reason,
        "remedy": remedy,
        "detail": newest.detail,
        "endpoint": _ENDPOINTS.get(newest.endpoint, newest.endpoint),
        "error": newest.error,
        "count": _count(kind, time_at(kind.first_at, now)),
        "proven": newest.proven,
        "last": last,
        "is_of_today": newest.last_at > now - DAY,
    }


def _count(kind: Kind, first: Time | None) -> str:
    """Return "12 times today", "3 times today, 15 since 2026-12-01" or "15 times since 2026-12-01", up to the time."""
    since = f"since {first.exact[:10]}" if first else ""
    if kind.times == 1:
        return "Once, at"
    if kind.today == kind.times:
        said = f"{kind.today} times today"
    elif kind.today:
        said = f"{'Once' if kind.today == 1 else f'{kind.today} times'} today, {kind.times} {since}"
    else:
        said = f"{kind.times} times {since}"
    return f"{said}, the last at"
