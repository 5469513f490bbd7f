"""An app as a row of a list, and the form that makes or changes one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatepost.accounts.api_lists import apis_of_scope
from gatepost.clients.owner_changes import AppDetails
from gatepost.clients.scopes import granted_for_users, granted_to_itself, overall_policy
from gatepost.clients.withdrawal import Withdrawal, at_stake
from gatepost.console.access_rows import connected
from gatepost.console.formatting import ShownScope, day_at, shown_scopes, time_at
from gatepost.console.grant_texts import GRANTS
from gatepost.console.openid_form import lines_of, openid_values, typed_openid
from gatepost.console.pages_base import Visitor, console_page
from gatepost.errors import InvalidScope
from gatepost.grants import is_offered
from gatepost.http.response import Response
from gatepost.model.records import App
from gatepost.oauth.parameters import Parameters
from gatepost.oidc.app_details import OpenIDDetails
from gatepost.routes import CREATE_APP, UPDATE_APP
from gatepost.runtime.wiring import server
from gatepost.scope import OPENID_SCOPES, Scope, parse_scope
from gatepost.settings import APPROVED, ID_TOKEN_ALGORITHMS


def listed(app: App, now: float) -> dict[str, Any]:
    """Return an app as a row of a list."""
    return {
        "client_id": app.client_id,
        "name": app.name,
        "logo": app.logo,
        "url": app.url,
        "confidential": app.confidential,
        "status": app.status,
        "status_reason": app.status_reason,
        "connected": connected(server().store, app),
        "last_used": day_at(app.last_used_at, now),
        "created": time_at(app.created_at, now),
    }


def form_page(
    visitor: Visitor,
    status: int,
    app: App | None,
    values: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
    *,
    withdraws: Withdrawal | None = None,
    confirm_name: str = "",
) -> Response:
    """Return the form for a new app, or the settings of `app`, once more if what it `withdraws` has to be confirmed.

    `confirm_name` is the name that was typed to delete the app.
    """
    settings = server().settings
    grants = [
        {
            "name": name,
            "label": label,
            "sentence": sentence,
            "warning": warning,
            "available": is_offered(name, settings),
        }
        for name, (label, sentence, warning) in GRANTS.items()
    ]
    return console_page(
        status,
        "app_form.html",
        visitor,
        mode="edit" if app else "create",
        action=UPDATE_APP.at(client_id=app.client_id) if app else CREATE_APP.path,
        app=app,
        confirm_name=confirm_name,
        values=values,
        kind_fixed=app is not None,
        grants=grants,
        scopes=sorted((_offered(each, app) for each in shown_scopes(settings.scope, settings)), key=_by_need),
        errors=errors or {},
        withdraws=withdraws,
        at_stake=at_stake(app, settings, visitor.administers or visitor.user) if app else None,
        openid=settings.openid,
        tells_of_logouts=settings.tells_of_logouts,
        signs_userinfo=settings.signs_userinfo,
        algorithms=ID_TOKEN_ALGORITHMS,
        version=app.version if app else 0,
    )


def _offered(scope: ShownScope, app: App | None) -> dict[str, Any]:
    """Return a scope that an app may request, with its policies and the decisions about `app`."""
    settings, name = server().settings, scope.name
    policy = overall_policy(name, settings)
    granted = app is not None and policy == APPROVED and name in granted_to_itself(app)
    marked = app is not None and name in granted_for_users(app)
    return {
        "name": name,
        "description": scope.description,
        "itself": "granted" if granted else policy,
        "users": ("marked" if marked else "restricted") if name in settings.restricted_scopes else "open",
        "apis": [each.name for each in apis_of_scope(name, settings)] if name in settings.resource_scopes else [],
    }


def _by_need(scope: Mapping[str, Any]) -> tuple[int, bool, str]:
    """The order of scopes in the form: for sign-in first, and last what an administrator has to grant."""
    name, of_sign_in = scope["name"], list(OPENID_SCOPES)
    return of_sign_in.index(name) if name in of_sign_in else len(of_sign_in), scope["users"] != "open", name


def stored_values(app: App) -> dict[str, Any]:
    """Return the initial values of the form for an app."""
    return {
        "name": app.name,
        "url": app.url,
        "redirect_uris": "\n".join(app.redirect_uris),
        "kind": "confidential" if app.confidential else "public",
        "grant_types": list(app.grant_types),
        "scope": sorted(app.scope),
        **openid_values(OpenIDDetails.of(app)),
    }


def typed_values(form: Parameters, app: App | None = None) -> dict[str, Any]:
    """Return the submitted values, to be shown again."""
    kind = form.text("kind") if app is None else stored_values(app)["kind"]
    return {
        "name": form.text("name"),
        "url": form.text("url"),
        "redirect_uris": form.text("redirect_uris"),
        "kind": "public" if kind == "public" else "confidential",
        "grant_types": list(form.all("grant_types")),
        "scope": list(form.all("scope")),
        **{name: form.text(name) for name in openid_values(OpenIDDetails())},
    }


def typed_details(form: Parameters, app: App | None = None) -> AppDetails:
    """Return the submitted details, to be validated; malformed scopes count as none."""
    try:
        scope = parse_scope(" ".join(form.all("scope")))
    except InvalidScope:
        scope = Scope()
    return AppDetails(
        name=form.text("name"),
        url=form.text("url").strip(),
        redirect_uris=lines_of(form.text("redirect_uris")),
        grant_types=form.all("grant_types"),
        confidential=app.confidential if app else form.text("kind") != "public",
        scope=scope,
        openid=typed_openid(form) if server().settings.openid else None,
    )
