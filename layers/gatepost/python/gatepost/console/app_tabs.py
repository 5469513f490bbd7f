"""The pages of one app for its owner: overview, problems, secrets, and what to try. Its settings are a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatepost.accounts.api_lists import app_at_resources, description_at
from gatepost.clients.owner_changes import MOST_SECRETS
from gatepost.clients.scopes import CLIENT_CREDENTIALS
from gatepost.console.app_pages import listed
from gatepost.console.app_problems import app_problems
from gatepost.console.formatting import shown_standings, time_at
from gatepost.console.grant_texts import GRANTS
from gatepost.console.openid_form import openid_shown
from gatepost.console.overview import app_chart
from gatepost.console.pages_base import Visitor, console_page
from gatepost.console.secret_pages import secret_rows
from gatepost.console.sign_in_snippets import sign_in_snippets
from gatepost.console.snippets import authorize_url, snippets_for
from gatepost.http.response import Response
from gatepost.identifiers import new_secret
from gatepost.model.records import App
from gatepost.resource import BELOW
from gatepost.routes import (
    AUTHORIZE,
    INTROSPECT,
    JWKS,
    METADATA,
    OPENID_LOGOUT,
    OPENID_METADATA,
    REVOKE,
    TOKEN,
    USERINFO,
)
from gatepost.runtime.wiring import server
from gatepost.settings import Settings

_MOST_TODAY = 3  # problems on the overview


def overview_page(visitor: Visitor, app: App, now: float, *, done: str | None) -> Response:
    """Return the page that an app opens with: its key, what went wrong today, its use, and what it is."""
    settings = server().settings
    shown = {
        **listed(app, now),
        "redirect_uris": app.redirect_uris,
        "grants": [GRANTS[grant_type][0] for grant_type in app.grant_types],
        "scopes": shown_standings(app, settings),
        "acts_for_itself": CLIENT_CREDENTIALS in app.grant_types,
        "openid": openid_shown(app, settings),
        "administered": time_at(app.administered_at, now) if app.administered_at else None,
    }
    today = [each for each in app_problems(app, now) if each["is_of_today"]]
    today.sort(key=lambda each: not each["proven"])  # what anybody can send comes last
    return console_page(
        200,
        "app.html",
        visitor,
        done=done,
        app=shown,
        use=app_chart(app, now),
        todays_problems=today[:_MOST_TODAY],
        support_contact=settings.support_contact,
    )


def problems_page(visitor: Visitor, app: App, now: float) -> Response:
    """Return the page of the refused requests of an app."""
    return console_page(200, "app_problems.html", visitor, app=app, refused_requests=app_problems(app, now))


def secrets_page(
    visitor: Visitor,
    app: App,
    status: int,
    now: float,
    *,
    done: str | None = None,
    errors: Mapping[str, str] | None = None,
    label: str = "",
) -> Response:
    """Return the page of an app's secrets; `label` is what was typed for a new one."""
    return console_page(
        status,
        "app_secrets.html",
        visitor,
        done=done,
        app=app,
        secrets=secret_rows(app, now),
        can_add_secret=len(app.secrets) < MOST_SECRETS,
        errors=errors or {},
        label=label,
    )


def try_page(visitor: Visitor, app: App) -> Response:
    """Return the page with a link, code and addresses to try an app with."""
    settings, verifier = server().settings, new_secret()
    return console_page(
        200,
        "app_try.html",
        visitor,
        app=app,
        authorize_url=authorize_url(app, settings, verifier),
        sign_in_snippets=sign_in_snippets(app, settings, verifier=verifier),
        snippets=snippets_for(app, settings, verifier=verifier),
        addresses=[(name, settings.issuer + path) for name, path in _addresses(settings)],
        apis=app_apis(app, settings, verifier),
        audience=settings.audience,
        support_contact=settings.support_contact,
    )


def app_apis(app: App, settings: Settings, verifier: str) -> list[dict[str, Any]]:
    """The configured resources that take a scope of the app, with a link that asks for a token for each."""
    return [
        {
            "name": target.name,
            "url": target.audience,
            "scopes": [
                {**each._asdict(), "description": description_at(target, each.name, settings)} for each in standings
            ],
            "acts_for_itself": CLIENT_CREDENTIALS in app.grant_types,
            "authorize_url": authorize_url(app, settings, verifier, target),
            "below": target.audience.endswith(BELOW),
        }
        for target, standings in app_at_resources(app, settings)
    ]


def _addresses(settings: Settings) -> list[tuple[str, str]]:
    """What a library is configured with, by what people call it."""
    openid = [("Userinfo", USERINFO.path), ("Sign-out", OPENID_LOGOUT.path)] if settings.openid else []
    return [
        ("Issuer", ""),
        ("Discovery", OPENID_METADATA.path if settings.openid else METADATA.path),
        ("Authorization", AUTHORIZE.path),
        ("Token", TOKEN.path),
        *openid,
        ("Introspection", INTROSPECT.path),
        ("Revocation", REVOKE.path),
        ("JWK Set", JWKS.path),
    ]
