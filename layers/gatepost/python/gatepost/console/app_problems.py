"""The section of an app's page with its refused requests."""

from __future__ import annotations

from typing import Any

from gatepost.clients.refused_requests import shown_problems
from gatepost.console.formatting import time_at
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

_DAY = 86_400


def app_problems(app: App, now: float) -> list[dict[str, Any]]:
    """The last refused requests of an app, newest first."""
    return [
        {
            "reason": each.reason,
            "detail": each.detail,
            "endpoint": _ENDPOINTS.get(each.endpoint, each.endpoint),
            "error": each.error,
            "times": each.times,
            "proven": each.proven,
            "last": time_at(each.last_at, now),
            "is_of_today": each.last_at > now - _DAY,
            "since": time_at(each.first_at, now),
        }
        for each in shown_problems(server().store.problems_of(app.client_id), now)
    ]
