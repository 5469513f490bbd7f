"""Browser sessions and CSRF tokens."""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING

from gatepost.authentication.browsers import browser_of
from gatepost.errors import InvalidRequest, OAuthError
from gatepost.identifiers import digest, new_secret
from gatepost.model.records import ACTIVE, User
from gatepost.model.sessions import Session
from gatepost.observability.log import note
from gatepost.routes import AUTHORIZE, HOME
from gatepost.settings import Settings
from gatepost.stores.record_keys import SessionKey

if TYPE_CHECKING:
    from gatepost.stores.ports.accounts import AccountStore
    from gatepost.stores.ports.sessions import SessionStore

SESSION_COOKIE = "__Host-gatepost-session"
VISITOR_COOKIE = "__Host-gatepost-visitor"  # before sign-in: only binds a form to the browser that received it
DEVICE_COOKIE = "__Host-gatepost-device"  # of a browser that signed in before: failures elsewhere do not throttle it
_VISITOR = re.compile(r"[A-Za-z0-9_-]{43}")
_SESSION = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.[A-Za-z0-9_-]{43}", re.ASCII)
_PAGE = re.compile(r"/developer/(apps|grants|account|admin)(/[A-Za-z0-9-]+)*", re.ASCII)
_HOUR, _DAY = 3600, 86400
FORM_NOT_VALID = "this form is no longer valid; open the page again"


def start_session(
    store: SessionStore,
    settings: Settings,
    user_id: str,
    *,
    user_agent: str,
    source_ip: str,
    now: float,
    before: Session | None = None,
    replaced: str = "",
) -> str:
    """Start a session and return its cookie: the user id and 256 random bits, of which only the hash is stored.

    Of the header `user_agent` only the browser's name is kept. `before` is the session of the same user and browser
    whose place it takes: apps know it by the same `sid`. `replaced` is the hash of the cookie that the browser sent:
    however often it sends the form, the session that its last one began is found by it.
    """
    cookie = f"{user_id}.{new_secret()}"
    session = Session(
        session_hash=digest(cookie),
        user_id=user_id,
        created_at=int(now),
        expires_at=int(now) + settings.session_lifetime,
        device=browser_of(user_agent),
        signed_in_at=round(now, 3),
        source_ip=source_ip,
        sid=public_id(before) if before else "",
        replaced=replaced if before else "",
    )
    if before:
        store.keep_sign_ins(user_id, session.sid, ends_at=session.expires_at)
    try:
        store.start_session(session)
    except OAuthError:
        if before:  # it may be written all the same, and keep the name alive although nobody has its cookie
            store.end_session(user_id, session.session_hash)
        raise
    return cookie


def well_formed_visitor(cookie: str | None) -> str | None:
    """Return the value of a visitor cookie, None if this server can't have set it."""
    return cookie if cookie and _VISITOR.fullmatch(cookie) else None


def session_key(cookie: str | None) -> SessionKey | None:
    """Return the key of the session of a cookie, None if this server can't have set it."""
    form = _SESSION.fullmatch(cookie or "")
    return SessionKey(form[1], digest(form[0])) if form else None


def device_of(cookie: str | None) -> str:
    """Return the value of a device cookie, "" if this server can't have set it."""
    return cookie if cookie and _SESSION.fullmatch(cookie) else ""


def current_user(session: Session | None, user: User | None, now: float, *, status: str = ACTIVE) -> User | None:
    """Return the signed-in account if it has the status and the session is valid, else None."""
    if session is None or user is None or user.status != status:
        return None
    return user if session_stands(session, user, now) else None


def session_stands(session: Session, user: User, now: float) -> bool:
    """Whether the session is neither expired nor voided by a cutoff of its account."""
    return session.expires_at > now and session.created_at >= user.sessions_valid_from


def signed_in_at(session: Session) -> float:
    """Return when the user signed in, to the millisecond where the session knows it."""
    return session.signed_in_at or session.created_at


def public_id(session: Session) -> str:
    """Return the name of the session for apps (`sid`), from which neither its cookie nor its hash follows."""
    return session.sid or digest(f"sid:{session.session_hash}")


def last_use(session: Session) -> int:
    """Return when the session was last used for a page of the console, to the hour."""
    return max(session.last_used_at, session.created_at)


def note_use(store: SessionStore, session: Session, *, now: float) -> None:
    """Record the use of a session: one write an hour at most. No page fails because of it."""
    if now - last_use(session) < _HOUR:
        return
    try:
        store.touch_session(session, now=int(now))
    except OAuthError as error:
        note("session.use_not_noted", {"user_id": session.user_id, "reason": error.reason}, failed=True)


def note_sign_in(store: AccountStore, user: User, *, now: float) -> None:
    """Record that the account signed in: one write a day at most. No sign-in fails because of it."""
    if now - user.last_sign_in_at < _DAY:
        return
    try:
        store.note_sign_in(user.user_id, now=int(now))
    except OAuthError as error:
        note("account.sign_in_not_noted", {"user_id": user.user_id, "reason": error.reason}, failed=True)


def form_token(cookie: str) -> str:
    """Return the CSRF token of forms shown to the browser with this cookie."""
    return digest(f"form:{cookie}")


def check_form_token(cookie: str | None, presented: str | None) -> None:
    """Raise InvalidRequest unless the form was shown to the browser that sent it."""
    if cookie is None or presented is None:
        raise InvalidRequest(FORM_NOT_VALID, reason="no cookie or no form token")
    if not hmac.compare_digest(digest(form_token(cookie)), digest(presented)):
        raise InvalidRequest(FORM_NOT_VALID, reason="the form token is of another browser")


def safe_next(target: str | None) -> str:
    """Return the target after sign-in: an authorization request or a page of this server (RFC 9700 §4.11).

    A target that a browser might read as another origin or page is replaced by the console.
    """
    if target and _PAGE.fullmatch(target):
        return target
    if not target or not all("!" <= character <= "~" for character in target) or "\\" in target:
        return HOME.path
    path, _, query = target.partition("?")
    if path != AUTHORIZE.path or "#" in query:
        return HOME.path
    return f"{AUTHORIZE.path}?{query}"
