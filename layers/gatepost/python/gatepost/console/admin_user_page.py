"""An account as administrators see it: its access and apps, and why a sign-in may have failed.

Every read is of a key or of one partition of a table or an index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gatepost.accounts.connected_apps import connections_of
from gatepost.authentication.factors import NAMES
from gatepost.authentication.sign_in import name_key
from gatepost.authentication.throttling import name_gate
from gatepost.clients.owners import apps_of
from gatepost.console.access_rows import apps_of_sessions, connection_rows, session_rows
from gatepost.console.admin_pages import app_row, user_row
from gatepost.console.audit_rows import latest
from gatepost.console.formatting import duration, shown_scopes, start_of, time_at
from gatepost.console.pages_base import Visitor, console_page
from gatepost.errors import NotFound
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.identifiers import id_in
from gatepost.model.records import ACTIVE, User
from gatepost.routes import ADMIN_USER_PAGE
from gatepost.runtime.wiring import mailer, server
from gatepost.stores.audit_lists import user_list
from gatepost.stores.record_keys import UserKey

_MOST_APPS = 50  # of an account, on its page
_MOST_SESSIONS = 10
_CONNECTIONS = 10  # per page


def user_of(request: Request) -> User:
    """Return the account of the path. Raises NotFound."""
    (user,) = server().store.read(UserKey(id_in(request.path_parameters["user_id"])))
    if user is None:
        raise NotFound("there is no such account")
    return user


def user_page(
    request: Request,
    visitor: Visitor,
    user: User,
    status: int,
    *,
    done: str | None = None,
    errors: Mapping[str, str] | None = None,
    typed_groups: str | None = None,
) -> Response:
    """Return the page of one account; `from` in the query is where its list of connected apps starts."""
    settings, store, now = server().settings, server().store, request.now
    apps = sorted(apps_of(store, user.user_id), key=lambda app: app.name.casefold())
    scopes = [
        {"name": each.name, "description": each.description, "allowed": user.scope is None or each.name in user.scope}
        for each in shown_scopes(settings.scope - settings.openid_scope, settings)
    ]
    found, sign_ins = store.sign_ins_of(user.user_id)
    names = apps_of_sessions(store, settings, sign_ins)
    sessions = session_rows(found, user, now, apps=names, current=visitor.session.session_hash)
    return console_page(
        status,
        "admin_user.html",
        visitor,
        done=done,
        user=user_row(user, now),
        signing_in=_signing_in(user, sessions, now),
        sessions=sessions[:_MOST_SESSIONS],
        more_sessions=max(0, len(sessions) - _MOST_SESSIONS),
        **_connections(user, start_of(request.query().sole("from")), now),
        **latest(user_list(user.user_id), now, user=user.user_name),
        bound_seconds=settings.revocation_bound,
        scope_rule="every" if user.scope is None else "chosen",
        scopes=scopes,
        groups="\n".join(user.groups) if typed_groups is None else typed_groups,
        groups_claim=settings.groups_claim,
        apps=[app_row(app, user, settings, now) | {"stopped": app.owner_stopped} for app in apps[:_MOST_APPS]],
        more_apps=max(0, len(apps) - _MOST_APPS),
        is_self=user.user_id == visitor.user.user_id,
        errors=errors or {},
    )


def _signing_in(user: User, sessions: Sequence[Mapping[str, Any]], now: float) -> dict[str, Any]:
    """Return the last sign-in, and the failures of name and address with the longer wait that follows from them.

    A browser that signed in before has a counter of its own, which only its cookie leads to; so has a network.
    """
    keys = [name_key(each) for each in (user.user_name, user.email if user.email_confirmed else "") if each]
    found = [attempts for key in keys for attempts in server().store.read(key)]
    living = [attempts for attempts in found if attempts is not None and attempts.expires_at > now]
    wait = max((name_gate("", attempts, server().settings).wait(now) for attempts in living), default=0)
    return {
        "factors": list(NAMES.values()),
        "can_reset": mailer() is not None and user.status == ACTIVE and user.email_confirmed,
        "last": sessions[0] if sessions else None,
        "failures": sum(attempts.failures for attempts in living),
        "last_failure": time_at(max(attempts.last_failure_at for attempts in living), now) if living else None,
        "wait": duration(wait) if wait else "",
    }


def _connections(user: User, start: int, now: float) -> dict[str, Any]:
    found = connections_of(server().store, user, now=now)
    following = start + _CONNECTIONS
    path = ADMIN_USER_PAGE.at(user_id=user.user_id)
    return {
        "connections": connection_rows(found[start:following], server().settings, now),
        "connected": len(found),
        "more_connections_url": f"{path}?from={following}#connected" if len(found) > following else None,
    }
