"""The administrators' list of all apps: by status, or by pending decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from gatepost.clients.scopes import asks_for_more, is_granted_by_update
from gatepost.console.admin_pages import app_row
from gatepost.console.pages_base import Visitor, console_page
from gatepost.http.response import Response
from gatepost.model.records import ACTIVE, DEACTIVATED, PENDING, App
from gatepost.oauth.parameters import Parameters
from gatepost.routes import ADMIN_APPS_PAGE
from gatepost.runtime.wiring import server
from gatepost.settings import Settings
from gatepost.stores.record_keys import UserKey

_APPS = 15  # per page, which stays below 30 kB
_MOST_READ = 300  # apps read for one page of a filter, shown or not
_STATUSES = (PENDING, ACTIVE, DEACTIVATED)
_FILTERS: Mapping[str, Callable[[App, Settings], bool]] = {
    "asking": asks_for_more,
    "update": is_granted_by_update,
}


def apps_page(
    query: Parameters, visitor: Visitor, status: int, now: float, *, opened: Mapping[str, str | None] | None
) -> Response:
    """Return the apps of one status or filter; by default the pending ones first, then the active ones."""
    wanted = query.sole("status") or ""
    wanted = wanted if wanted in (*_STATUSES, *_FILTERS) else ""
    statuses = (wanted,) if wanted in _STATUSES else _STATUSES
    apps, cursor = _apps_from(statuses, query.sole("cursor"), wanted)
    owners = server().store.read_each([UserKey(app.owner) for app in apps])
    following = urlencode({"status": wanted, "cursor": cursor}) if cursor else None
    return console_page(
        status,
        "admin_apps.html",
        visitor,
        done=query.sole("done"),
        apps=[app_row(app, owner, now) for app, owner in zip(apps, owners, strict=True)],
        status=wanted,
        next_url=f"{ADMIN_APPS_PAGE.path}?{following}" if following else None,
        opened=opened,
    )


def _apps_from(statuses: Sequence[str], cursor: str | None, wanted: str) -> tuple[list[App], str | None]:
    """Return a page of apps across statuses; its cursor is a status and a position in it.

    With a filter it may hold fewer apps than fit, since the number of apps read for one page is limited too.
    """
    reached, _, position = (cursor or "").partition(":")
    start = statuses.index(reached) if reached in statuses else 0
    shows, settings = _FILTERS.get(wanted), server().settings
    apps: list[App] = []
    looked = 0
    for number, name in enumerate(statuses[start:], start):
        after = position if name == reached and position else None
        while True:
            page = server().store.apps_with_status(name, cursor=after, limit=_APPS - len(apps))
            apps += [app for app in page.items if shows is None or shows(app, settings)]
            looked += len(page.items)
            after = page.cursor
            if after is None or len(apps) == _APPS or looked >= _MOST_READ:
                break
        if after is not None:
            return apps, f"{name}:{after}"
        if len(apps) == _APPS or looked >= _MOST_READ:
            rest = statuses[number + 1 :]
            return apps, f"{rest[0]}:" if rest else None
    return apps, None
