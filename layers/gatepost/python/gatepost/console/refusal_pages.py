"""The pages of the authorization endpoint for errors that no app receives."""

from __future__ import annotations

from urllib.parse import quote

from gatepost.console.pages_base import page, render_page, session_place
from gatepost.errors import OAuthError, printable
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.oauth.redirect_differences import Difference, UnprovenRedirectURI, nearest
from gatepost.oauth.redirect_uris import host_of
from gatepost.routes import LOGIN_PAGE
from gatepost.runtime.environment import settings


def render_refusal(error: OAuthError, request: Request) -> Response:
    """Render an error for people; for a redirect URI that is not the app's, with what its owner has to fix.

    Only the owner, signed in, sees what is registered and how it differs: others could find it out part by part.
    """
    if not isinstance(error, UnprovenRedirectURI):
        return render_page(error, request)
    if error.proven:
        return _for_owner(error, request)
    return page(
        error.status,
        "refused_redirect.html",
        app_name=error.app.name,
        app_url=error.app.url,
        app_host=host_of(error.app.url) if error.app.url else "",
        sent=_sent(error),
        sign_in_url=None if session_place(request) else f"{LOGIN_PAGE.path}?next={_here(request)}",
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
    return printable(error.sent) if error.sent else None


def _shown(difference: Difference) -> Difference:
    return difference._replace(sent=None if difference.sent is None else printable(difference.sent))


def _here(request: Request) -> str:
    return quote(f"{request.path}?{request.raw_query}", safe="")
