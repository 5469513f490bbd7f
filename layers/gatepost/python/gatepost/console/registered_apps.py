"""/developer/admin/registered: apps that registered themselves, for administrators to see and to end."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from gatepost.audit_log.writing import write_audit
from gatepost.clients.lifecycle import delete_app
from gatepost.clients.registration_permits import MOST_APPS, MOST_DAYS, new_permit
from gatepost.console.access_rows import connected
from gatepost.console.admin_pages import app_row
from gatepost.console.formatting import day_at, time_at
from gatepost.console.pages_base import Visitor, back_to, console_page
from gatepost.errors import InvalidRequest
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.model.records import REGISTERED, App
from gatepost.routes import ADMIN_CHANGE_REGISTERED, ADMIN_REGISTERED_PAGE
from gatepost.runtime.wiring import server
from gatepost.settings import WITH_TOKEN
from gatepost.stores.record_keys import app_key

_APPS = 15  # per page
_PART = 100
_MOST_ENDED = 100  # by one press
_HOUR = 3600  # an app that just registered is about to be used


def show_registered(request: Request, visitor: Visitor) -> Response:
    """GET /developer/admin/registered."""
    return _page(request, visitor, 200)


def change_registered(request: Request, visitor: Visitor) -> Response:
    """POST /developer/admin/registered: end one app or all that nobody used, make or withdraw a token."""
    form = request.form()
    if wanted := form.text("end"):
        (app,) = server().store.read(app_key(wanted))
        if app is not None and app.owner == REGISTERED:
            _end(request, visitor, app)
        return back_to(ADMIN_REGISTERED_PAGE.path, "app_ended")
    with_tokens = server().settings.dynamic_registration == WITH_TOKEN
    if wanted := form.text("withdraw"):
        if with_tokens and any(permit.permit_hash == wanted for permit in server().store.permits()):
            server().store.remove_permit(wanted)
            write_audit(server(), request, "permit_withdrawn", actor=visitor.user)
        return back_to(ADMIN_REGISTERED_PAGE.path, "permit_withdrawn")
    if form.text("action") == "end_unused":
        for app in _unused(request.now):
            _end(request, visitor, app)
        return back_to(ADMIN_REGISTERED_PAGE.path, "unused_ended")
    if form.text("action") == "permit" and with_tokens:
        return _new_permit(request, visitor)
    raise InvalidRequest("the form is incomplete")


REGISTERED_APPS = {
    ADMIN_REGISTERED_PAGE.key: show_registered,
    ADMIN_CHANGE_REGISTERED.key: change_registered,
}


def _page(
    request: Request, visitor: Visitor, status: int, *, token: str = "", errors: dict[str, str] | None = None
) -> Response:
    query, settings, now = request.query(), server().settings, request.now
    takes_tokens = settings.dynamic_registration == WITH_TOKEN
    page = server().store.apps_of(REGISTERED, cursor=query.sole("cursor"), limit=_APPS)
    following = urlencode({"cursor": page.cursor}) if page.cursor else ""
    return console_page(
        status,
        "admin_registered.html",
        visitor,
        done=query.sole("done"),
        apps=[_row(app, now) for app in page.items if not app.is_expired(now)],
        mode=settings.dynamic_registration,
        takes_tokens=takes_tokens,
        permits=_permits(now) if takes_tokens else [],
        token=token,
        errors=errors or {},
        next_url=f"{ADMIN_REGISTERED_PAGE.path}?{following}" if following else None,
    )


def _row(app: App, now: float) -> dict[str, Any]:
    return {
        **app_row(app, None, server().settings, now),
        "last_used": day_at(app.last_used_at, now),
        "connected": connected(server().store, app),
    }


def _permits(now: float) -> list[dict[str, Any]]:
    """Return the tokens with which apps can still register themselves."""
    return [
        {
            "permit_hash": permit.permit_hash,
            "created": time_at(permit.created_at, now),
            "left": permit.most_uses - permit.uses,
            "most": permit.most_uses,
            "ends": time_at(permit.expires_at, now),
        }
        for permit in server().store.permits()
        if permit.counts(now)
    ]


def _unused(now: float) -> list[App]:
    """Return apps that nobody has used since they registered; their list may lag behind."""
    found: list[App] = []
    cursor: str | None = None
    while len(found) < _MOST_ENDED:
        page = server().store.apps_of(REGISTERED, cursor=cursor, limit=_PART)
        found += [app for app in page.items if not app.last_used_at and app.created_at < now - _HOUR]
        cursor = page.cursor
        if cursor is None:
            break
    return found[:_MOST_ENDED]


def _end(request: Request, visitor: Visitor, app: App) -> None:
    delete_app(server().store, app, now=time.time())
    write_audit(server(), request, "registration_ended", actor=visitor.user, client_id=app.client_id, subject=app.name)


def _new_permit(request: Request, visitor: Visitor) -> Response:
    """Make a token; the page shows it once."""
    typed = {name: request.form().text(name).strip() for name in ("apps", "days")}
    numbers = {name: int(text) if text.isascii() and text.isdigit() else 0 for name, text in typed.items()}
    limits = {"apps": MOST_APPS, "days": MOST_DAYS}
    errors = {
        name: f"Type a number from 1 to {most}." for name, most in limits.items() if not 1 <= numbers[name] <= most
    }
    if errors:
        return _page(request, visitor, 400, errors=errors)
    token = new_permit(server().store, **numbers, now=request.now)
    write_audit(server(), request, "permit_created", actor=visitor.user)
    return _page(request, visitor, 200, token=token)
