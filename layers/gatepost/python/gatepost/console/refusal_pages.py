"""The pages of the authorization endpoint for errors that no app receives."""

from __future__ import annotations

from urllib.parse import quote

from gatepost.clients.vouching import is_vouched_for
from gatepost.console.pages_base import page, render_page, session_place
from gatepost.endpoints.authorization import StoppedApp
from gatepost.errors import OAuthError
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.model.records import ACTIVE
from gatepost.oauth.redirect_differences import Difference, UnprovenRedirectURI, nearest
from gatepost.oauth.redirect_uris import host_of
from gatepost.quoting import printable
from gatepost.routes import LOGIN_PAGE
from gatepost.runtime.environment import settings


def render_refusal(error: OAuthError, request: Request) -> Response:
    """Render an error for people; for its owner, with what keeps the app from being active, or what has to be fixed.

    Only the owner, signed in, sees which redirect URIs are registered and what differs: others could find it out part
    by part.
    """
    if isinstance(error, StoppedApp) and error.proven and error.app.status != ACTIVE:
        return _stopped(error, request)
    if not isinstance(error, UnprovenRedirectURI):
        return render_page(error, request)
    if error.proven:
        return _for_owner(error, request)
    known = is_vouched_for(error.app, settings())
    return page(
        error.status,
        "refused_redirect.html",
        app_name=error.app.name if known else "",
        app_url=error.app.url if known else "",
        app_host=host_of(error.app.url) if known and error.app.url else "",
        sent=_sent(error),
        sign_in_url=None
        if session_place(request) or error.app.is_stranger
        else f"{LOGIN_PAGE.path}?next={_here(request)}",
        request_id=request.request_id,
        support_contact=settings().support_contact,
    )


def _stopped(error: StoppedApp, request: Request) -> Response:
    return page(
        error.status,
        "refused_app_owner.html",
        app_name=error.app.name,
        client_id=error.app.client_id,
        status=error.app.status,
        status_reason=error.app.status_reason,
        request_id=request.request_id,
        support_contact=settings().support_contact,
    )


def _for_owner(error: UnprovenRedirectURI, request: Request) -> Response:
    found = nearest(error.app, error.sent) if error.sent else None
    return page(
        error.status,
        "refused_redirect_owner.html",
        app_name=error.app.name,
        client_id=error.app.client_id,
        sent=_sent(error),
        nearest=found.uri if found else None,
        by_origin=not error.app.redirect_uris,
        differences=[_shown(each) for each in found.differences] if found else (),
        fault=error.fault,
        request_id=request.request_id,
    )


def _sent(error: UnprovenRedirectURI) -> str | None:
    return _visible(error.sent) if error.sent else None


def _shown(difference: Difference) -> Difference:
    return difference._replace(sent=None if difference.sent is None else _visible(difference.sent))


def _visible(sent: str) -> str:
    """Return what was sent as printable ASCII, with open boxes for spaces: at an end nobody would see them."""
    return printable(sent).replace(" ", "\N{OPEN BOX}")


def _here(request: Request) -> str:
    return quote(f"{request.path}?{request.raw_query}", safe="")
