"""Accounts, apps and audit entries as administrators see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatepost.clients.owners import completed
from gatepost.clients.scopes import CLIENT_CREDENTIALS, is_granted_by_update, lost_grants
from gatepost.console.admin_app_people import connected_people
from gatepost.console.app_problems import app_problems
from gatepost.console.audit_rows import latest
from gatepost.console.formatting import day_at, shown_standings, time_at
from gatepost.console.grant_texts import GRANTS
from gatepost.console.pages_base import Visitor, console_page
from gatepost.console.unvouched_apps import stranger
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.model.records import App, User
from gatepost.oauth.redirect_lists import redirect_hosts
from gatepost.runtime.wiring import server
from gatepost.settings import Settings
from gatepost.stores.audit_lists import app_list


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
        "last_sign_in": day_at(user.last_sign_in_at, now),
    }


def app_row(app: App, owner: User | None, settings: Settings, now: float) -> dict[str, Any]:
    """Return an app as a row of a list."""
    return {
        "client_id": app.client_id,
        "name": app.name,
        "url": app.url,
        "owner_name": owner.user_name if owner else "",
        "owner_id": app.owner,
        "stranger": app.owner if app.is_stranger else "",
        "unchecked": stranger(app, settings),
        "document_url": app.document_url,
        "confidential": app.confidential,
        "status": app.status,
        "status_reason": app.status_reason,
        "created": time_at(app.created_at, now),
        "version": app.version,
        "redirect_hosts": redirect_hosts(app),
    }


def app_page(
    request: Request,
    visitor: Visitor,
    app: App,
    owner: User | None,
    status: int,
    *,
    done: str | None = None,
    errors: Mapping[str, str] | None = None,
    typed_owner: str = "",
) -> Response:
    """Return the page of one app: its requested and granted scopes, its owner if any, and its connected users."""
    settings, now = server().settings, request.now
    app = app if app.is_complete else completed(app, owner)
    return console_page(
        status,
        "admin_app.html",
        visitor,
        done=done,
        app={
            **app_row(app, owner, settings, now),
            "redirect_uris": app.redirect_uris,
            "grants": [GRANTS[grant_type][0] for grant_type in app.grant_types],
            "owner_stopped": app.owner_stopped,
            "owner_scope": None if app.owner_scope is None else sorted(app.owner_scope),
            "acts_for_itself": CLIENT_CREDENTIALS in app.grant_types,
            "by_update": is_granted_by_update(app, settings),
            "lost": sorted(lost_grants(app) & settings.scope),
            "last_used": day_at(app.last_used_at, now),
        },
        **connected_people(app, request.query().sole("people"), now),
        refused_requests=app_problems(app, now) if app.is_stranger else None,
        **latest(app_list(app.client_id), now, app=app.client_id),
        scopes=shown_standings(app, settings),
        bound_seconds=settings.revocation_bound,
        version=app.version,
        typed_owner=typed_owner,
        errors=errors or {},
    )
