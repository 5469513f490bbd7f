"""Shared parts of the console's functions: pages as responses, cookies, the signed-in user, error pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

from gatepost.authentication.sessions import (
    FORM_NOT_VALID,
    SESSION_COOKIE,
    VISITOR_COOKIE,
    check_form_token,
    current_user,
    form_token,
    note_use,
    session_key,
    well_formed_visitor,
)
from gatepost.console import pages
from gatepost.errors import Forbidden, InvalidRequest, OAuthError
from gatepost.http.entry_point import endpoint
from gatepost.http.request import Request
from gatepost.http.response import Response, html_response, redirect
from gatepost.identifiers import new_secret
from gatepost.model.records import ACTIVE, ADMINISTRATOR, LEAVING, User
from gatepost.model.sessions import Session
from gatepost.oauth.server import Server
from gatepost.routes import AUTHORIZE, HOME, LOGIN_PAGE, OPENID_LOGOUT
from gatepost.runtime.environment import settings
from gatepost.runtime.wiring import server
from gatepost.stores.record_keys import SessionKey, UserKey

# shown on a page after an action; the redirect names it in its query
DONE = {
    "app_changed": "The app was changed.",
    "unchanged": "Nothing was changed. This is the current state.",
    "app_deleted": "The app was deleted. Its tokens will stop working.",
    "secret_ended": "The secret was ended.",
    "disconnected": "The app was disconnected.",
    "all_disconnected": "All apps were disconnected.",
    "password_changed": "Your password was changed. You were signed out everywhere else.",
    "email_changed": "Your e-mail address was changed.",
    "mail_sent": "We have sent a link to the new address. Open it within one hour, where you are signed in.",
    "session_ended": "The session was ended.",
    "app_approved": "The app is now active.",
    "app_deactivated": "The app was deactivated. Its tokens will stop working.",
    "scopes_granted": "The app's scopes were changed.",
    "app_handed_over": "The app was transferred to its new owner.",
    "app_ended": "The app was deleted. Its tokens will stop working.",
    "unused_ended": "Unused apps were deleted.",
    "permit_withdrawn": "The token was revoked. No more apps can register with it.",
    "user_changed": "The account was changed.",
    "user_invited": "The invitation was sent. The account appears here once it is accepted.",
    "reset_sent": "A link for a new password was sent.",
    "sessions_ended": "All sessions of the account were ended.",
}
_FROM_AN_APP = (
    "Open the app itself and start again from there. If you end up here again, its developers have to fix it: show "
    "them the lines below."
)
_HERE = "Go back and try again."
_NOT_ANSWERED = "An app sent you here with a request that this server can't accept."
_OF_APPS = (AUTHORIZE.path, OPENID_LOGOUT.path)  # where apps send people
_VISIT = 3600  # seconds for which a visitor's form is valid
_COOKIE = "Path=/; Secure; HttpOnly; SameSite=Lax"


def page(
    status: int,
    template: str,
    /,
    *,
    form_targets: Sequence[str] = (),
    cookies: Sequence[str] = (),
    **context: object,
) -> Response:
    """Return a page of `pages/templates`, with the settings that every page shows."""
    made = pages.render(template, form_targets=tuple(form_targets), service_name=settings().service_name, **context)
    return html_response(status, made.html, made.content_security_policy, cookies=cookies)


def render_page(error: OAuthError, request: Request) -> Response:
    """Render an error for people: before a redirect URI is proven, or without an app to redirect to."""
    ours, apps = error.status >= 500, request.path in _OF_APPS
    return page(
        error.status if error.status != 401 else 400,
        "error.html",
        title="Something went wrong" if ours else "This request can't be completed",
        message=_NOT_ANSWERED if apps and not ours else _sentence(error.description),
        advice="Try again in a moment." if ours else _FROM_AN_APP if apps else _HERE,
        error=None if ours else f"{error.code}: {error.description}" if apps else error.code,
        request_id=request.request_id,
        support_contact=settings().support_contact,
    )


class Visitor(NamedTuple):
    """The user who is signed in to a browser, with the session and the form token of its pages."""

    user: User
    session: Session
    form_token: str
    administers: User | None = None  # the owner of the app that is shown to an administrator


def visitor_of(request: Request, session: Session | None, user: User | None, *, status: str = ACTIVE) -> Visitor | None:
    """Return the visitor of the records read at `session_place`; None if not signed in."""
    cookie, current = request.cookie(SESSION_COOKIE), current_user(session, user, request.now, status=status)
    if cookie is None or session is None or current is None:
        return None
    return Visitor(user=current, session=session, form_token=form_token(cookie))


def session_place(request: Request) -> SessionKey | None:
    """Return the key of the browser's session, None without a cookie that this server can have set."""
    return session_key(request.cookie(SESSION_COOKIE))


def signed_in(server: Server, request: Request, *, leaving: bool = False) -> Visitor | None:
    """Return the signed-in visitor, None if there is none: one round trip.

    With `leaving` also the owner of an account whose deletion is not finished.
    """
    place = session_place(request)
    if place is None:
        return None
    session, user = server.store.read(place, UserKey(place.user_id))
    status = LEAVING if leaving and user is not None and user.status == LEAVING else ACTIVE
    return visitor_of(request, session, user, status=status)


def console_page(
    status: int,
    template: str,
    visitor: Visitor,
    /,
    *,
    done: str | None = None,
    **context: Any,
) -> Response:
    """Return a page of the console. `done` is a key of DONE, from the query of a redirect."""
    return page(
        status,
        template,
        user_name=visitor.user.user_name,
        is_admin=visitor.user.role == ADMINISTRATOR,
        form_token=visitor.form_token,
        done=DONE.get(done or ""),
        administers=visitor.administers,
        **context,
    )


def console_endpoint(
    name: str,
    pages: Mapping[str, Callable[[Request, Visitor], Response]],
    *,
    administrators_only: bool = False,
    uploads: Mapping[str, int] = MappingProxyType({}),
    leaving: Callable[[Request, Visitor], Response] | None = None,
) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """Return the handler of a console function: one page per route for signed-in users; others are sent to sign in.

    A form post must come from a page of this session. With `administrators_only` other users get Forbidden on every
    page. `uploads` are the routes with a file in the form, and the bytes of their largest form. `leaving` is the one
    page, at all routes, for accounts whose deletion is not finished.
    """

    @endpoint(name, render_page)
    def handler(request: Request) -> Response:
        visitor = signed_in(server(), request, leaving=leaving is not None)
        if visitor is None:
            return redirect(f"{LOGIN_PAGE.path}?next={quote(request.path if request.method == 'GET' else HOME.path)}")
        if administrators_only and visitor.user.role != ADMINISTRATOR:
            raise Forbidden("only administrators may see this page", user_id=visitor.user.user_id)
        if request.method == "POST":
            check_origin(request)
            check_form_token(request.cookie(SESSION_COOKIE), _sent_token(request, uploads.get(request.route_key)))
        if leaving is not None and visitor.user.status == LEAVING:
            return leaving(request, visitor)
        note_use(server().store, visitor.session, now=request.now)
        return pages[request.route_key](request, visitor)

    return handler


def _sent_token(request: Request, largest: int | None) -> str | None:
    if largest is None:
        return request.form().one("form_token")
    from gatepost.http.upload import upload_in  # for one route

    return upload_in(request, largest=largest).texts.get("form_token")


def back_to(path: str, done: str) -> Response:
    """Redirect after a form post to a page that confirms the action."""
    return redirect(f"{path}?done={done}")


def check_origin(request: Request) -> None:
    """Raise InvalidRequest if a form was posted by a page of another origin (ASVS V3)."""
    origin = request.headers.get("origin")
    if origin is not None and origin != settings().issuer:
        raise InvalidRequest(FORM_NOT_VALID, reason="posted from another origin")


def visitor_cookie(request: Request) -> str:
    """Return the value that binds a form to a browser without a session; a new one if it has none."""
    return well_formed_visitor(request.cookie(VISITOR_COOKIE)) or new_secret()


def check_visitor_form(request: Request) -> None:
    """Raise InvalidRequest unless the form was shown to this browser, against login CSRF (RFC 9700 §4.7)."""
    check_origin(request)
    cookie = well_formed_visitor(request.cookie(VISITOR_COOKIE))
    check_form_token(cookie, request.form().one("form_token"))


def visitor_page(
    status: int, template: str, request: Request, *, cookies: Sequence[str] = (), **context: Any
) -> Response:
    """Return a page with a form for a browser without a session."""
    cookie = visitor_cookie(request)
    cookies = (*cookies, set_cookie(VISITOR_COOKIE, cookie, max_age=_VISIT))
    return page(status, template, cookies=cookies, form_token=form_token(cookie), **context)


def set_cookie(name: str, value: str, *, max_age: int) -> str:
    """Return a Set-Cookie value; `max_age` in seconds, 0 removes the cookie."""
    return f"{name}={value}; Max-Age={max_age}; {_COOKIE}"


def to_login(request: Request, raw_query: str) -> Response:
    """Redirect to the sign-in page, which then returns to this path with `raw_query`."""
    return redirect(f"{LOGIN_PAGE.path}?next={quote(f'{request.path}?{raw_query}', safe='')}")


def _sentence(description: str) -> str:
    return f"{description[:1].upper()}{description[1:]}."
