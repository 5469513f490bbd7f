"""Accounts, apps and audit entries as administrators see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatepost.audit_log.events import EVENTS
from gatepost.clients.owners import apps_of, completed
from gatepost.clients.scopes import CLIENT_CREDENTIALS, is_granted_by_update
from gatepost.console.formatting import shown_scopes, shown_standings, time_at
from gatepost.console.grant_texts import GRANTS
from gatepost.console.pages_base import Visitor, console_page
from gatepost.http.response import Response
from gatepost.model.records import App, AuditEntry, User
from gatepost.oauth.redirect_uris import host_of
from gatepost.runtime.wiring import server

_MOST_APPS = 50  # of an account, on its page


def user_row(user: User, now: float) -> dict[str, Any]:
    """Return an account as a row of a list."""
    return {
        "user_id": user.user_id,
        "user_name": user.user_name,
        "email": user.email,
        "email_confirmed": user.email_confirmed,
        "role": user.role,
        "status": user.status,
        "created": time_at(user.created_at, now),
    }


def app_row(app: App, owner: User | None, now: float) -> dict[str, Any]:
    """Return an app as a row of a list."""
    return {
        "client_id": app.client_id,
        "name": app.name,
        "url": app.url,
        "owner_name": owner.user_name if owner else "",
        "owner_id": app.owner,
        "confidential": app.confidential,
        "status": app.status,
        "status_reason": app.status_reason,
        "created": time_at(app.created_at, now),
        "redirect_hosts": sorted({host_of(uri) for uri in app.redirect_uris or filter(None, [app.url])}),
    }


def app_page(
    visitor: Visitor,
    app: App,
    owner: User,
    status: int,
    now: float,
    *,
    done: str | None,
    errors: Mapping[str, str],
    typed_owner: str = "",
) -> Response:
    """Return the page of one app: its requested and granted scopes, and its owner."""
    settings = server().settings
    app = app if app.own_scope is not None else completed(app, owner)
    return console_page(
        status,
        "admin_app.html",
        visitor,
        done=done,
        app={
            **app_row(app, owner, now),
            "redirect_uris": app.redirect_uris,
            "grants": [GRANTS[grant_type][0] for grant_type in app.grant_types],
            "owner_stopped": app.owner_stopped,
            "owner_scope": None if app.owner_scope is None else sorted(app.owner_scope),
            "acts_for_itself": CLIENT_CREDENTIALS in app.grant_types,
            "by_update": is_granted_by_update(app, settings),
        },
        scopes=shown_standings(app, settings),
        bound_seconds=settings.revocation_bound,
        version=app.version,
        typed_owner=typed_owner,
        errors=errors,
    )


def audit_row(entry: AuditEntry, now: float) -> dict[str, Any]:
    """Return an entry of the audit log as a row."""
    return {
        "at": time_at(entry.at, now),
        "actor": entry.actor_name,
        "event": EVENTS.get(entry.event, entry.event),
        "subject": entry.subject,
        "resources": entry.resources,
        "source_ip": entry.source_ip or (entry.request_id and f"request {entry.request_id}"),
    }


def user_page(
    visitor: Visitor, user: User, status: int, now: float, *, done: str | None, errors: Mapping[str, str]
) -> Response:
    """Return the page of one account."""
    settings = server().settings
    apps = sorted(apps_of(server().store, user.user_id), key=lambda app: app.name.casefold())
    scopes = [
        {"name": each.name, "description": each.description, "allowed": user.scope is None or each.name in user.scope}
        for each in shown_scopes(settings.scope, settings)
    ]
    return console_page(
        status,
        "admin_user.html",
        visitor,
        done=done,
        user=user_row(user, now),
        scope_rule="every" if user.scope is None else "chosen",
        scopes=scopes,
        apps=[app_row(app, user, now) | {"stopped": app.owner_stopped} for app in apps[:_MOST_APPS]],
        more_apps=max(0, len(apps) - _MOST_APPS),
        is_self=user.user_id == visitor.user.user_id,
        errors=errors,
    )
