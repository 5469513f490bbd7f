"""Back-channel logout (OpenID Connect Back-Channel Logout §2): apps are told that a session ended.

Every step may happen again: a message is delivered at least once, and to be told of a logout twice does no harm.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlencode

from gatepost.authentication.sessions import current_user, public_id
from gatepost.errors import OAuthError, TemporarilyUnavailable, about
from gatepost.grants.token_response import id_token_algorithm
from gatepost.model.fetching import Fetcher, FetchFailed, FetchRefused, Outbound
from gatepost.model.logout import LogoutNotice, SessionEnd
from gatepost.model.records import ACTIVE, App, User
from gatepost.model.sessions import Session, SignedInto
from gatepost.oauth.server import Server
from gatepost.observability.log import note
from gatepost.stores.ports.logouts import LogoutQueue
from gatepost.stores.record_keys import AppKey, UserKey
from gatepost.tokens.logout_token import issue_logout_token

LONGEST_WAIT = 60  # seconds for which an end that was announced may be still to come: longer than any request
_PAUSE = 5
_DONE, _TOO_MANY = (200, 204), 429  # §2.8; a response that asks to come again later


class LogoutRefused(OAuthError):
    """The app takes no logout token, or its URL may not be called: it is not asked again."""

    code = "logout_refused"


def announce_to_apps(server: Server, queue: LogoutQueue, end: SessionEnd, now: float) -> None:
    """Queue a notice for each app of the user's sessions that have ended, also of those that nothing announced.

    The account is read before the sessions: one that began meanwhile in the place of another is then among them. If
    what was announced has not happened yet, it is announced once more, until that can't happen any more.
    """
    (user,) = server.store.read(UserKey(end.user_id))
    sessions, sign_ins = server.store.sign_ins_of(end.user_id)
    standing = [each for each in sessions if current_user(each, user, now)]
    known = {public_id(each) for each in standing}
    over = [each for each in sign_ins if each.session_id not in known and each.ends_at > now]
    keys = sorted({each.client_id for each in over})
    apps = dict(zip(keys, server.store.read_each([AppKey(key) for key in keys]), strict=True))
    for each in over:
        if _is_told(apps[each.client_id]):
            queue.send(_notice(each))
        server.store.forget_sign_in(each)
    if not _has_happened(end, user, standing) and now - end.at < LONGEST_WAIT:
        queue.send(end, delay=_PAUSE)


def tell_app(server: Server, fetcher: Fetcher, notice: LogoutNotice, now: float) -> None:
    """Send the logout token. Raises TemporarilyUnavailable if the app may take it later, LogoutRefused if it won't."""
    (app,) = server.store.read(AppKey(notice.client_id))
    if app is None or not _is_told(app):
        return  # it was changed meanwhile
    signer = server.keys.signer(now, id_token_algorithm(app))
    token = issue_logout_token(
        signer, server.settings, sub=notice.user_id, client_id=app.identifier, sid=notice.session_id, now=now
    )
    request = Outbound(
        method="POST",
        url=app.backchannel_logout_uri,
        body=urlencode({"logout_token": token}),
        content_type="application/x-www-form-urlencoded",
    )
    try:
        status = _status(fetcher, request)
    except OAuthError as error:
        error.facts["user_id"] = notice.user_id
        raise about(error, app.client_id, proven=True) from None
    note("logout.told", {"client_id": app.client_id, "user_id": notice.user_id, "status": status})


def _status(fetcher: Fetcher, request: Outbound) -> int:
    """Return the status of an app that was told. Raises TemporarilyUnavailable and LogoutRefused."""
    try:
        status = fetcher.fetch(request).status
    except FetchRefused as error:
        raise LogoutRefused("not told", reason="the app's URL may not be called", detail=error.reason) from None
    except FetchFailed as error:
        raise TemporarilyUnavailable("not told", reason="no response of the app", detail=error.reason) from None
    if status == _TOO_MANY or status >= 500:
        raise TemporarilyUnavailable("not told", reason="the app's server failed", detail=f"status {status}")
    if status not in _DONE:
        raise LogoutRefused("not told", reason="the app refused the logout token", detail=f"status {status}")
    return status


def owed(user: User | None, sessions: Collection[Session], sign_ins: Collection[SignedInto], now: float) -> bool:
    """Whether an app may still have to be told of the end of a session."""
    known = {public_id(each) for each in sessions if current_user(each, user, now)}
    return any(each.session_id not in known and each.ends_at > now for each in sign_ins)


def _is_told(app: App | None) -> bool:
    return app is not None and app.works and bool(app.backchannel_logout_uri)


def _notice(signed_into: SignedInto) -> LogoutNotice:
    return LogoutNotice(user_id=signed_into.user_id, session_id=signed_into.session_id, client_id=signed_into.client_id)


def _has_happened(end: SessionEnd, user: User | None, standing: Collection[Session]) -> bool:
    if user is None or user.status != ACTIVE:
        return True
    if end.session_hash:
        return all(each.session_hash != end.session_hash for each in standing)
    if end.valid_from:
        return user.sessions_valid_from >= end.valid_from
    return not standing
