"""Administrators end an account's sessions and the access of apps to it. Each is audited."""

from __future__ import annotations

import time

from gatepost.accounts.connected_apps import connections_of, disconnect
from gatepost.accounts.removal import end_grants, sign_out_everywhere
from gatepost.audit_log.writing import write_audit
from gatepost.console.admin_user_page import user_of
from gatepost.console.pages_base import Visitor, back_to
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.model.records import User
from gatepost.routes import (
    ADMIN_DISCONNECT,
    ADMIN_DISCONNECT_ALL,
    ADMIN_END_SESSION,
    ADMIN_END_SESSIONS,
    ADMIN_USER_PAGE,
)
from gatepost.runtime.wiring import server
from gatepost.stores.record_keys import app_key


def end_session(request: Request, visitor: Visitor) -> Response:
    """POST /developer/admin/users/{user_id}/sessions/{session_id}/end."""
    user, session_hash = user_of(request), request.path_parameters["session_id"]
    known = any(each.session_hash == session_hash for each in server().store.sessions_of(user.user_id))
    if known:
        server().store.end_session(user.user_id, session_hash)
        write_audit(server(), request, "session_ended", actor=visitor.user, subject=user.user_name, about=user.user_id)
    return _back(user, "session_ended")


def end_sessions(request: Request, visitor: Visitor) -> Response:
    """POST /developer/admin/users/{user_id}/sessions/end: links that were mailed for the account are void too."""
    user = user_of(request)
    sign_out_everywhere(server().store, user, now=time.time())
    write_audit(server(), request, "sessions_ended", actor=visitor.user, subject=user.user_name, about=user.user_id)
    return _back(user, "sessions_ended")


def end_access(request: Request, visitor: Visitor) -> Response:
    """POST /developer/admin/users/{user_id}/grants/{client_id}/revoke: as the user's own revocation."""
    user, store = user_of(request), server().store
    client_id = app_key(request.path_parameters["client_id"]).client_id
    known = {each.app.client_id: each.app for each in connections_of(store, user, now=request.now)}
    disconnect(store, user, client_id, now=request.now)
    if client_id in known:
        app = known[client_id]
        for event, subject, about in (
            ("access_ended", app.name, ""),
            ("access_ended_to", user.user_name, user.user_id),
        ):
            write_audit(
                *(server(), request, event), actor=visitor.user, client_id=client_id, subject=subject, about=about
            )
    return _back(user, "disconnected")


def end_every_access(request: Request, visitor: Visitor) -> Response:
    """POST /developer/admin/users/{user_id}/grants/revoke."""
    user = user_of(request)
    if end_grants(server().store, user, now=time.time()):
        write_audit(
            server(), request, "every_access_ended", actor=visitor.user, subject=user.user_name, about=user.user_id
        )
    return _back(user, "all_disconnected")


ENDINGS = {
    ADMIN_END_SESSION.key: end_session,
    ADMIN_END_SESSIONS.key: end_sessions,
    ADMIN_DISCONNECT.key: end_access,
    ADMIN_DISCONNECT_ALL.key: end_every_access,
}


def _back(user: User, done: str) -> Response:
    return back_to(ADMIN_USER_PAGE.at(user_id=user.user_id), done)
