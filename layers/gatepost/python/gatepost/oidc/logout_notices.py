"""Back-channel logout (OpenID Connect Back-Channel Logout §2): apps are told that a session ended.

Every step may happen again: a message is delivered at least once, and to be told of a logout twice does no harm.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeGuard

from gatepost.authentication.sessions import current_user, public_id
from gatepost.model.logout import LogoutNotice, SessionEnd
from gatepost.model.records import ACTIVE, App, User
from gatepost.model.sessions import Session, SignedInto
from gatepost.oauth.server import Server
from gatepost.stores.ports.logouts import LogoutQueues
from gatepost.stores.record_keys import AppKey, UserKey

LONGEST_WAIT = 60  # seconds for which an end that was announced may be still to come: longer than any request
_PAUSE = 5


def announce_to_apps(server: Server, queues: LogoutQueues, end: SessionEnd, now: float) -> None:
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
        app = apps[each.client_id]
        if is_told(app):
            (queues.slow if app.is_stranger else queues.first).send(_notice(each))
        server.store.forget_sign_in(each)
    if not _has_happened(end, user, standing) and now - end.at < LONGEST_WAIT:
        queues.first.send(end, delay=_PAUSE)


def owed(user: User | None, sessions: Collection[Session], sign_ins: Collection[SignedInto], now: float) -> bool:
    """Whether an app may still have to be told of the end of a session."""
    known = {public_id(each) for each in sessions if current_user(each, user, now)}
    return any(each.session_id not in known and each.ends_at > now for each in sign_ins)


def is_told(app: App | None) -> TypeGuard[App]:
    """Whether an app is to be told of logouts."""
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
