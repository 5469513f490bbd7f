"""The way back of a visitor who waits for a mail: where they came from, and the page of a link that no longer works."""

from __future__ import annotations

from urllib.parse import quote, unquote

from gatepost.accounts.links import LINK_LIFETIME, LinkGone
from gatepost.authentication.sessions import safe_next
from gatepost.console.pages_base import set_cookie, visitor_page
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.routes import AUTHORIZE
from gatepost.runtime.wiring import server

RETURN_COOKIE = "__Host-gatepost-return"
_LONGEST = 3000  # characters of the cookie; a longer request begins anew in the app


def remembering(target: str) -> str:
    """Return the Set-Cookie that keeps an authorization request until its visitor has opened the mailed link.

    Any other target removes the cookie. The request is stored nowhere else: only the browser that asked for the mail
    goes on with it.
    """
    value = quote(target, safe="/?=&:+")
    if not target.startswith(f"{AUTHORIZE.path}?") or len(value) > _LONGEST:
        return set_cookie(RETURN_COOKIE, "", max_age=0)
    return set_cookie(RETURN_COOKIE, value, max_age=LINK_LIFETIME)


def remembered_target(request: Request) -> str:
    """Return where the visitor came from: the authorization request of the cookie, or the console."""
    return safe_next(unquote(request.cookie(RETURN_COOKIE) or ""))


def link_gone_page(request: Request, error: LinkGone, *, of_password: bool) -> Response:
    """Return the page for a mailed link that no longer works, the same for every account and for none."""
    shown = visitor_page(
        error.status,
        "link_gone.html",
        request,
        of_password=of_password,
        registration_open=server().settings.registration != "closed",
        next=remembered_target(request),
    )
    return shown._replace(facts={"error": error.code, "reason": error.reason})
