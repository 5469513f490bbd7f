"""What the functions that people see share: pages as responses, cookies, who is signed in, errors as pages."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from gatepost import pages
from gatepost.errors import InvalidRequest, OAuthError
from gatepost.http import Request, Response, html_response, redirect
from gatepost.model import ACTIVE, Session, User, digest, new_secret
from gatepost.routes import LOGIN_PAGE
from gatepost.server import Server
from gatepost.sessions import FORM_NOT_VALID, SESSION_COOKIE, VISITOR_COOKIE, living, well_formed
from gatepost.stores.ports import SessionKey, UserKey
from gatepost.wiring import settings

_COOKIE = "Path=/; Secure; HttpOnly; SameSite=Lax"


def page(
    status: int, template: str, *, form_targets: Sequence[str] = (), cookies: Sequence[str] = (), **context: object
) -> Response:
    """A page of `pages/templates`, with the settings that every page shows."""
    made = pages.render(template, form_targets=tuple(form_targets), service_name=settings().service_name, **context)
    return html_response(status, made.html, made.content_security_policy, cookies=cookies)


def render_page(error: OAuthError, request: Request) -> Response:
    """An error for people: what is raised before a redirect URI is proven, and whatever has no app to go to."""
    ours = error.status >= 500
    return page(
        error.status if error.status != 401 else 400,
        "error.html",
        title="This did not work" if ours else "This request can't be completed",
        message=_sentence(error.description),
        advice="Try again in a moment." if ours else "Go back to the app and start again.",
        developer_hint=None if ours else f"The request was refused with {error.code}: {error.description}.",
        request_id=request.request_id,
        support_contact=settings().support_contact,
    )


def session_cookie(request: Request) -> str | None:
    """The value of the session cookie, None if the browser has none that this server can have set."""
    return well_formed(request.cookies.get(SESSION_COOKIE))


def current_session(session: Session | None, user: User | None, now: float) -> tuple[Session, User] | None:
    """Session and account, if both still stand."""
    session = living(session, now)
    if session is None or user is None or user.status != ACTIVE:
        return None
    return session, user


def signed_in(server: Server, request: Request) -> tuple[Session, User] | None:
    """Who is signed in: two round trips. None if nobody is, or the account may not act any more."""
    cookie = session_cookie(request)
    if cookie is None:
        return None
    (session,) = server.store.read(SessionKey(digest(cookie)))
    if session is None:
        return None
    (user,) = server.store.read(UserKey(session.user_id))
    return current_session(session, user, request.now)


def check_origin(request: Request) -> None:
    """Raise InvalidRequest if a form was posted by a page of another origin (ASVS V3)."""
    origin = request.headers.get("origin")
    if origin is not None and origin != settings().issuer:
        raise InvalidRequest(FORM_NOT_VALID, reason="posted from another origin")


def visitor_cookie(request: Request) -> str:
    """The value that binds a form to a browser that is not signed in; a new one if it has none."""
    return well_formed(request.cookies.get(VISITOR_COOKIE)) or new_secret()


def set_cookie(name: str, value: str, *, max_age: int) -> str:
    """A Set-Cookie value; `max_age` in seconds, 0 removes the cookie."""
    return f"{name}={value}; Max-Age={max_age}; {_COOKIE}"


def to_login(request: Request, raw_query: str) -> Response:
    """Ask to sign in, then come back to this path with `raw_query`."""
    return redirect(f"{LOGIN_PAGE.path}?next={quote(f'{request.path}?{raw_query}', safe='')}")


def _sentence(description: str) -> str:
    return f"{description[:1].upper()}{description[1:]}."
