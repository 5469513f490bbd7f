"""/developer/admin: users, apps and the audit list, for administrators."""

import re
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from gatepost import accounts
from gatepost.admin_views import app_row, audit_row, user_page, user_row
from gatepost.apps import activate_app, app_key, deactivate_app
from gatepost.auditing import write_audit
from gatepost.errors import Forbidden, InvalidRequest, NotFound
from gatepost.http import Request, Response
from gatepost.model import ACTIVE, ADMINISTRATOR, DEACTIVATED, PENDING, USER, App, User
from gatepost.routes import (
    ADMIN_APPS_PAGE,
    ADMIN_AUDIT_PAGE,
    ADMIN_CHANGE_APP,
    ADMIN_CHANGE_USER,
    ADMIN_USER_PAGE,
    ADMIN_USERS_PAGE,
)
from gatepost.scope import Scope
from gatepost.sign_in import normalized
from gatepost.stores.keys import UserKey
from gatepost.web import Visitor, back_to, console_endpoint, console_page
from gatepost.wiring import server

_PAGE = 20
_APPS = 15  # of one page, which stays below 30 kB
_LONGEST_REASON = 200
_STATUSES = (PENDING, ACTIVE, DEACTIVATED)
_USER_ID = re.compile(r"[0-9a-f-]{36}", re.ASCII)


def show_users(request: Request, visitor: Visitor) -> Response:
    """GET /developer/admin."""
    _check_administrator(visitor)
    query = request.query()
    typed = query.sole("q") or ""
    page = server().store.users(normalized(typed)[:40], cursor=query.sole("cursor"), limit=_PAGE)
    following = urlencode({"q": typed, "cursor": page.cursor}) if page.cursor else None
    return console_page(
        200,
        "admin_users.html",
        visitor,
        users=[user_row(user, request.now) for user in page.items],
        query=typed,
        next_url=f"{ADMIN_USERS_PAGE.path}?{following}" if following else None,
    )


def show_user(request: Request, visitor: Visitor) -> Response:
    """GET /developer/admin/users/{user_id}."""
    _check_administrator(visitor)
    return user_page(visitor, _user_of(request), 200, request.now, done=request.query().sole("done"), errors={})


def change_user(request: Request, visitor: Visitor) -> Response:
    """POST /developer/admin/users/{user_id}: one action a form. Nobody changes their own role or status."""
    _check_administrator(visitor)
    form, user, store, settings = request.form(), _user_of(request), server().store, server().settings
    action = form.text("action")
    if user.user_id == visitor.user.user_id and action != "scope":
        errors = {"role" if action == "role" else "status": "You can't change this of your own account."}
        return user_page(visitor, user, 400, request.now, done=None, errors=errors)
    event = "user_rights_changed"
    if action == "deactivate":
        accounts.deactivate_user(store, user, now=time.time())
        event = "user_deactivated"
    elif action in ("reactivate", "approve"):
        accounts.activate_user(store, user)
        event = "user_approved" if user.status == PENDING else "user_reactivated"
    elif action == "role" and form.text("role") in (USER, ADMINISTRATOR):
        store.set_user_rights(user.user_id, role=form.text("role"))
    elif action == "scope" and form.text("scope_rule") == "every":
        store.set_user_rights(user.user_id, scope=None)
    elif action == "scope":
        chosen = Scope(form.all("scope")) & settings.scope
        store.set_user_rights(user.user_id, scope=chosen)
    else:
        raise InvalidRequest("the form is not complete")
    write_audit(request, event, actor=visitor.user, subject=user.user_name)
    return back_to(ADMIN_USER_PAGE.at(user_id=user.user_id), "user_changed")


def show_apps(request: Request, visitor: Visitor) -> Response:
    """GET /developer/admin/apps; with `app` in the query, the form that deactivates one is open."""
    wanted = request.query().sole("app")
    (app,) = server().store.read(app_key(wanted)) if wanted else (None,)
    return _apps_page(request, visitor, 200, opened=_opened(app, "", None) if app else None)


def change_app(request: Request, visitor: Visitor) -> Response:
    """POST /developer/admin/apps/{client_id}: approve, activate, or deactivate with a reason."""
    _check_administrator(visitor)
    form, store = request.form(), server().store
    (app,) = store.read(app_key(request.path_parameters["client_id"]))
    if app is None:
        raise NotFound("there is no such app")
    action, reason = form.text("action"), form.text("reason").strip()
    if action == "deactivate":
        if not 1 <= len(reason) <= _LONGEST_REASON:
            error = f"Give a reason of at most {_LONGEST_REASON} characters: the owner reads it."
            return _apps_page(request, visitor, 400, opened=_opened(app, reason, error))
        deactivate_app(store, app, reason=reason, now=time.time())
    elif action in ("approve", "activate"):
        activate_app(store, app, now=time.time())
    else:
        raise InvalidRequest("the form is not complete")
    event = "app_deactivated" if action == "deactivate" else "app_approved"
    write_audit(request, event, actor=visitor.user, client_id=app.client_id, subject=app.name)
    return back_to(ADMIN_APPS_PAGE.path, event)


def show_audit(request: Request, visitor: Visitor) -> Response:
    """GET /developer/admin/audit: a day at a time."""
    _check_administrator(visitor)
    query, today = request.query(), datetime.fromtimestamp(request.now, UTC).date()
    day = _day(query.sole("day"), today)
    page = server().store.entries(day.isoformat(), cursor=query.sole("cursor"), limit=_PAGE)
    path = ADMIN_AUDIT_PAGE.path
    following = urlencode({"day": day.isoformat(), "cursor": page.cursor}) if page.cursor else None
    return console_page(
        200,
        "admin_audit.html",
        visitor,
        entries=[audit_row(entry, request.now) for entry in page.items],
        day=day.isoformat(),
        previous_day_url=f"{path}?day={day - timedelta(days=1)}",
        next_day_url=f"{path}?day={day + timedelta(days=1)}" if day < today else None,
        next_url=f"{path}?{following}" if following else None,
    )


handler = console_endpoint(
    "admin",
    {
        ADMIN_USERS_PAGE.key: show_users,
        ADMIN_USER_PAGE.key: show_user,
        ADMIN_CHANGE_USER.key: change_user,
        ADMIN_APPS_PAGE.key: show_apps,
        ADMIN_CHANGE_APP.key: change_app,
        ADMIN_AUDIT_PAGE.key: show_audit,
    },
)


def _opened(app: App, reason: str, error: str | None) -> dict[str, str | None]:
    """The form that deactivates an app, with what was typed."""
    return {"client_id": app.client_id, "name": app.name, "reason": reason, "error": error}


def _apps_page(request: Request, visitor: Visitor, status: int, *, opened: dict[str, str | None] | None) -> Response:
    """The apps of one status; without a filter the pending ones first, then those that work."""
    _check_administrator(visitor)
    query = request.query()
    wanted = query.sole("status") if query.sole("status") in _STATUSES else None
    apps, cursor = _apps_from((wanted,) if wanted else _STATUSES, query.sole("cursor"))
    owners = server().store.read_each([UserKey(app.owner) for app in apps])
    following = urlencode({"status": wanted or "", "cursor": cursor}) if cursor else None
    return console_page(
        status,
        "admin_apps.html",
        visitor,
        done=query.sole("done"),
        apps=[app_row(app, owner, request.now) for app, owner in zip(apps, owners, strict=True)],
        status=wanted or "",
        next_url=f"{ADMIN_APPS_PAGE.path}?{following}" if following else None,
        opened=opened,
    )


def _apps_from(statuses: Sequence[str], cursor: str | None) -> tuple[list[App], str | None]:
    """A page of apps that goes from one status to the next; its cursor is a status and where to go on in that."""
    reached, _, position = (cursor or "").partition(":")
    start = statuses.index(reached) if reached in statuses else 0
    apps: list[App] = []
    for name in statuses[start:]:
        after = position if name == reached and position else None
        page = server().store.apps_with_status(name, cursor=after, limit=_APPS - len(apps))
        apps += page.items
        if page.cursor:
            return apps, f"{name}:{page.cursor}"
        if len(apps) == _APPS:
            rest = statuses[statuses.index(name) + 1 :]
            return apps, f"{rest[0]}:" if rest else None
    return apps, None


def _check_administrator(visitor: Visitor) -> None:
    if visitor.user.role != ADMINISTRATOR:
        raise Forbidden("only administrators may see this page", user_id=visitor.user.user_id)


def _user_of(request: Request) -> User:
    user_id = request.path_parameters["user_id"]
    (user,) = server().store.read(UserKey(user_id if _USER_ID.fullmatch(user_id) else "none"))
    if user is None:
        raise NotFound("there is no such account")
    return user


def _day(typed: str | None, today: date) -> date:
    try:
        return min(date.fromisoformat(typed or ""), today)
    except ValueError:
        return today
