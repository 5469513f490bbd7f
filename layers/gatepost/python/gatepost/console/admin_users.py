"""The administrators' list of accounts: search, filters, order and pages, all in the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatepost.accounts.search import BY_NAME, MOST_READ, OLDEST, Found, Search, find_users
from gatepost.console.admin_lists import next_query, order_links
from gatepost.console.admin_pages import user_row
from gatepost.console.pages_base import Visitor, console_page
from gatepost.http.response import Response
from gatepost.model.records import ACTIVE, ADMINISTRATOR, DEACTIVATED, LEAVING, PENDING, USER
from gatepost.oauth.parameters import Parameters
from gatepost.routes import ADMIN_USERS_PAGE
from gatepost.runtime.wiring import server

_USERS = 20  # per page
_LONGEST_QUERY = 254
_ORDERS = {"": "Newest first", OLDEST: "Oldest first", BY_NAME: "By name"}
_STATUSES = {ACTIVE: "Active", PENDING: "Pending", DEACTIVATED: "Deactivated", LEAVING: "Being deleted"}
_FILTERS = {
    "role": ("Role", {"": "Any", ADMINISTRATOR: "Administrator", USER: "User"}),
    "status": ("Status", {"": "Any", **_STATUSES}),
    "sign_in": (
        "Last sign-in",
        {"": "Any", "month": "Within 30 days", "quarter": "Not within 90 days", "none": "None recorded"},
    ),
}


def users_page(query: Parameters, visitor: Visitor, now: float) -> Response:
    """Return the accounts that the query asks for, newest first unless it says otherwise."""
    chosen = {name: _one_of(query.sole(name), values) for name, (_, values) in _FILTERS.items()}
    order, cursor = _one_of(query.sole("order"), _ORDERS), query.sole("cursor")
    search = Search((query.sole("q") or "")[:_LONGEST_QUERY].strip(), **chosen)
    found = find_users(server().store, search, cursor=cursor, order=order, limit=_USERS, now=now)
    kept = {"q": search.text, **chosen}
    following = next_query({**kept, "order": order}, found.cursor)
    return console_page(
        200,
        "admin_users.html",
        visitor,
        done=query.sole("done"),
        users=[user_row(user, now) for user in found.users],
        query=search.text,
        filters=[
            {"name": name, "label": label, "value": chosen[name], "options": list(values.items())}
            for name, (label, values) in _FILTERS.items()
        ],
        narrowed=search.is_narrow,
        totals=_totals(found) if cursor is None else None,
        order=order,
        orders=order_links(ADMIN_USERS_PAGE.path, kept, _ORDERS),
        is_full=len(found.users) == _USERS,
        next_url=f"{ADMIN_USERS_PAGE.path}?{following}" if following else None,
    )


def _totals(found: Found) -> dict[str, Any]:
    """Return the numbers of the accounts that match; `more` if not all accounts were read."""
    counted, administrators = found.counted, found.counted.get(ADMINISTRATOR, 0)
    total = administrators + counted.get(USER, 0)
    parts = [f"{counted[status]:,} {text.lower()}" for status, text in _STATUSES.items() if counted.get(status)]
    if administrators:
        parts.append(f"{administrators:,} administrator{'s' * (administrators != 1)}")
    return {"total": total, "parts": parts, "more": not found.complete, "most": MOST_READ}


def _one_of(value: str | None, values: Mapping[str, str]) -> str:
    return value if value in values and value is not None else ""
