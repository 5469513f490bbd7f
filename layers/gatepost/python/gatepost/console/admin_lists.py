"""The administrators' list of apps: search, order, filters and pages, all in the address.

It is read from the index by status and creation. The names of apps are in no index, so one is looked for among a
limited number of apps per page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urlencode

from gatepost.authentication.sign_in import normalized
from gatepost.clients.scopes import asks_for_more, is_granted_by_update
from gatepost.console.admin_pages import app_row
from gatepost.console.pages_base import Visitor, console_page
from gatepost.http.response import Response
from gatepost.identifiers import is_id, names_document
from gatepost.model.records import ACTIVE, DEACTIVATED, DOCUMENTS, PENDING, App, User
from gatepost.oauth.parameters import Parameters
from gatepost.routes import ADMIN_APPS_PAGE
from gatepost.runtime.wiring import server
from gatepost.settings import Settings
from gatepost.stores.record_keys import UserKey, app_key, app_position

_APPS = 15  # per page, which stays below 30 kB
_PART = 100  # apps per query of a filter or a search
_MOST_READ = 300  # apps read for one page of a filter or a search, shown or not
_LONGEST_QUERY = 500  # the URL of a metadata document
_STATUSES = (PENDING, ACTIVE, DEACTIVATED)
_FILTERS: Mapping[str, Callable[[App, Settings], bool]] = {
    "asking": asks_for_more,
    DOCUMENTS: lambda app, _: app.owner == DOCUMENTS,
    "update": is_granted_by_update,
}
_OLDEST = "oldest"  # the other order


def apps_page(
    query: Parameters,
    visitor: Visitor,
    status: int,
    now: float,
    *,
    opened: Mapping[str, str | None] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    """Return the apps of one status or filter; by default the pending ones first, then the active ones.

    With `q`, those whose name contains it, or the one with that key.
    """
    wanted = query.sole("status") or ""
    wanted = wanted if wanted in (*_STATUSES, *_FILTERS) else ""
    typed, order = (query.sole("q") or "")[:_LONGEST_QUERY], _OLDEST if query.sole("order") == _OLDEST else ""
    apps, cursor = _apps(wanted, typed, query.sole("cursor"), oldest_first=order == _OLDEST)
    owners = _owners(apps)
    path, kept = ADMIN_APPS_PAGE.path, {"status": wanted, "q": typed}
    following = next_query({**kept, "order": order}, cursor)
    return console_page(
        status,
        "admin_apps.html",
        visitor,
        done=query.sole("done"),
        apps=[app_row(app, owner, server().settings, now) for app, owner in zip(apps, owners, strict=True)],
        status=wanted,
        query=typed,
        order=order,
        orders=order_links(path, kept, {"": "Newest first", _OLDEST: "Oldest first"}),
        next_url=f"{path}?{following}" if following else None,
        opened=opened,
        errors=errors or {},
    )


def _owners(apps: Sequence[App]) -> list[User | None]:
    """Return the owner of each app, None of one that nobody owns."""
    owned = list(dict.fromkeys(app.owner for app in apps if not app.is_stranger))
    found = dict(zip(owned, server().store.read_each([UserKey(owner) for owner in owned]), strict=True))
    return [found.get(app.owner) for app in apps]


def _apps(wanted: str, typed: str, cursor: str | None, *, oldest_first: bool) -> tuple[list[App], str | None]:
    name = normalized(typed)
    if is_id(name) or names_document(typed):
        (app,) = server().store.read(app_key(typed if names_document(typed) else name))
        return [app] if app else [], None
    statuses = (wanted,) if wanted in _STATUSES else _STATUSES
    return _apps_from(statuses, cursor, _shows(wanted, name), oldest_first=oldest_first)


def _shows(wanted: str, name: str) -> Callable[[App], bool] | None:
    """Return which of the apps that are read to show, None for every one."""
    rule, settings = _FILTERS.get(wanted), server().settings
    if rule is None and not name:
        return None
    return lambda app: (rule is None or rule(app, settings)) and name in normalized(app.name)


def _apps_from(
    statuses: Sequence[str], cursor: str | None, shows: Callable[[App], bool] | None, *, oldest_first: bool
) -> tuple[list[App], str | None]:
    """Return a page of apps across statuses; its cursor is a status and a position in it.

    If not every app is shown it may hold fewer than fit, since the number of apps read for one page is limited too.
    """
    reached, _, position = (cursor or "").partition(":")
    start = statuses.index(reached) if reached in statuses else 0
    apps: list[App] = []
    looked = 0
    for number, status in enumerate(statuses[start:], start):
        after = position if status == reached and position else None
        for app, is_last in _read(status, after, _PART if shows else _APPS, oldest_first=oldest_first):
            looked += 1
            if shows is None or shows(app):
                apps.append(app)
            if len(apps) == _APPS or looked == _MOST_READ:
                rest = statuses[number + 1 :]
                beginning = f"{rest[0]}:" if rest else None
                return apps, beginning if is_last else f"{status}:{app_position(app)}"
    return apps, None


def _read(status: str, cursor: str | None, part: int, *, oldest_first: bool) -> Iterator[tuple[App, bool]]:
    """Yield the apps of a status, part by part, with whether each is the last one."""
    while True:
        page = server().store.apps_with_status(status, cursor=cursor, limit=part, oldest_first=oldest_first)
        for number, app in enumerate(page.items, 1):
            yield app, page.cursor is None and number == len(page.items)
        cursor = page.cursor
        if cursor is None:
            return


def next_query(kept: Mapping[str, str], cursor: str | None) -> str:
    """Return the query of the next page, "" at the end."""
    return urlencode({**{name: value for name, value in kept.items() if value}, "cursor": cursor}) if cursor else ""


def order_links(path: str, kept: Mapping[str, str], orders: Mapping[str, str]) -> list[dict[str, str]]:
    """Return a link to each order of a list, with its search and filters."""
    given = {name: value for name, value in kept.items() if value}
    found = []
    for order, text in orders.items():
        asked = urlencode({**given, **({"order": order} if order else {})})
        found.append({"order": order, "text": text, "url": f"{path}?{asked}" if asked else path})
    return found
