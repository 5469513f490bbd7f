"""Sign-in through a page: the requesting app, the submitted credentials, and the new session."""

from __future__ import annotations

from urllib.parse import urlsplit

from gatepost.authentication.factors.password import SignIn
from gatepost.authentication.sessions import (
    DEVICE_COOKIE,
    SESSION_COOKIE,
    VISITOR_COOKIE,
    device_of,
    note_sign_in,
    safe_next,
    session_stands,
    start_session,
)
from gatepost.authentication.sign_in import login_key, login_keys, normalized, refuse
from gatepost.authentication.throttling import account_key, device_key
from gatepost.console.pages_base import session_place, set_cookie
from gatepost.errors import InvalidRequest
from gatepost.http.request import Request
from gatepost.http.response import Response, redirect
from gatepost.identifiers import digest, names_document
from gatepost.model.records import ACTIVE, LEAVING, App, Login, User
from gatepost.model.sessions import Session
from gatepost.oauth.parameters import Parameters
from gatepost.oauth.redirect_uris import form_target, proven_redirect_uri, redirect_uri_fault
from gatepost.routes import ACCOUNT_PAGE
from gatepost.runtime.wiring import server
from gatepost.stores.ports.sessions import SessionStore
from gatepost.stores.record_keys import SessionKey, UserKey, app_key


def app_behind(target: str) -> tuple[App | None, tuple[str, ...]]:
    """Return the app that sent the visitor to `target`, and the targets of redirects from a form there.

    Of a metadata document that was not fetched yet only the targets can be told, by what the request says.
    """
    query = Parameters(urlsplit(target).query)
    client_id = query.sole("client_id")
    if client_id is None:
        return None, ()
    (app,) = server().store.read(app_key(client_id))
    sent = query.sole("redirect_uri")
    if app is None and names_document(client_id) and server().settings.takes_documents:
        return None, (form_target(sent),) if sent and redirect_uri_fault(sent) is None else ()
    if app is None or not app.works:
        return None, ()
    try:
        return app, (form_target(proven_redirect_uri(app, sent)),)
    except InvalidRequest:
        return app, ()


def offered_sign_in(request: Request, user_name: str, password: str, *, typed: str = "") -> SignIn:
    """Read what the check of a password submitted in a browser needs: one round trip.

    `typed` is the name or address that stands for the user name, "" for itself.
    """
    store, device = server().store, device_of(request.cookie(DEVICE_COOKIE))
    typed = typed or user_name
    keys = (
        *login_keys(user_name, typed, request.source_ip),
        account_key(normalized(user_name), request.now),
    )
    login, attempts, network_attempts, account_attempts, device_attempts = (
        store.read(*keys, device_key(device)) if device else (*store.read(*keys), None)
    )
    return SignIn(
        user_name=user_name,
        typed=typed,
        password=password,
        source_ip=request.source_ip,
        login=login,
        attempts=attempts,
        network_attempts=network_attempts,
        device=device,
        device_attempts=device_attempts,
        account_attempts=account_attempts,
    )


def _ended_successor(store: SessionStore, before: SessionKey) -> Session | None:
    """End the session that took the place of `before` already, and return it: the browser sent the form twice."""
    for each in store.sessions_of(before.user_id):
        if each.replaced == before.session_hash:
            return store.end_session(before.user_id, each.session_hash)
    return None


def enter(
    request: Request,
    user: User,
    target: str | None,
    *,
    login: Login | None = None,
    voided: Session | None = None,
) -> Response:
    """Start a session, ending the browser's previous one, and redirect to `target`.

    `login` is the one that the password was checked with. With OpenID Connect the previous session, if it is the same
    user's, then lives on in the new one for the apps that it signed in to; so does `voided`, which the user's own
    request has just voided.
    An account whose deletion is not finished goes where that can be done: its session counts nowhere else.
    Anyone who deactivates an account or changes its password lists its sessions afterwards: either this one is among
    them, or the change is seen here.
    Raises InvalidGrant in the latter case.
    """
    store, settings = server().store, server().settings
    before = session_place(request)
    ended = store.end_session(before.user_id, before.session_hash) if before else None
    continued = voided
    if settings.openid and login and before and before.user_id == user.user_id:
        ended = ended or _ended_successor(store, before)
        continued = ended if ended and session_stands(ended, user, request.now) else voided
    user_agent = request.headers.get("user-agent", "")
    cookie = start_session(
        *(store, settings, user.user_id),
        user_agent=user_agent,
        source_ip=request.source_ip,
        now=request.now,
        before=continued if settings.openid else None,
        replaced=before.session_hash if before else "",
    )
    account, stands = None, False
    try:
        account, standing = store.read(UserKey(user.user_id), login_key(user.user_name))
        stands = account is not None and account.status in (ACTIVE, LEAVING) and login in (None, standing)
    finally:
        if not stands:  # also if the account can't be read: the session's cookie was not sent
            store.end_session(user.user_id, digest(cookie))
    if account is None or not stands:
        refuse("account changed while signing in")
    note_sign_in(store, account, now=request.now)
    cookies = (
        set_cookie(SESSION_COOKIE, cookie, max_age=settings.session_lifetime),
        set_cookie(VISITOR_COOKIE, "", max_age=0),
    )
    target = ACCOUNT_PAGE.path if user.status == LEAVING else safe_next(target)
    return redirect(target, cookies=cookies, facts={"user_id": user.user_id})
