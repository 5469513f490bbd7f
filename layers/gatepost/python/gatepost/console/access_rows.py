"""Sessions and connected apps as rows of a list, for their user and for administrators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gatepost.accounts.api_lists import granted_apis
from gatepost.accounts.connected_apps import Connection
from gatepost.authentication.browsers import shown_browser
from gatepost.authentication.sessions import last_use, public_id, session_stands
from gatepost.console.formatting import time_at
from gatepost.console.unvouched_apps import shown_name, stranger
from gatepost.model.records import App, User
from gatepost.model.sessions import Session, SignedInto
from gatepost.oauth.redirect_uris import host_of
from gatepost.settings import Settings
from gatepost.stores.ports.accounts import AccountStore
from gatepost.stores.ports.records import Records
from gatepost.stores.record_keys import AppKey

_MOST_COUNTED = 100


def connected(store: AccountStore, app: App) -> str:
    """Return the number of users connected with the app, "100+" beyond that."""
    count = store.connected_count(app.client_id, most=_MOST_COUNTED + 1)
    return f"{_MOST_COUNTED}+" if count > _MOST_COUNTED else str(count)


def apps_of_sessions(store: Records, settings: Settings, sign_ins: Iterable[SignedInto]) -> Mapping[str, Sequence[str]]:
    """Return the names of the apps that sessions signed in to, in order, by the `sid` of the session."""
    signed_in = list(sign_ins)
    keys = sorted({each.client_id for each in signed_in})
    apps = store.read_each([AppKey(key) for key in keys])
    found = {app.client_id: shown_name(app, settings) for app in apps if app is not None}
    names: dict[str, list[str]] = {}
    for each in signed_in:
        if each.client_id in found:
            names.setdefault(each.session_id, []).append(found[each.client_id])
    return {sid: sorted(of_session, key=str.casefold) for sid, of_session in names.items()}


def session_rows(
    sessions: Iterable[Session], user: User, now: float, *, apps: Mapping[str, Sequence[str]], current: str = ""
) -> list[dict[str, Any]]:
    """Return the valid sessions, newest first, with their `apps`. `current` is the hash of the one that looks."""
    living = [session for session in sessions if session_stands(session, user, now)]
    return [
        {
            "session_id": session.session_hash,
            "browser": shown_browser(session.device),
            "address": session.source_ip,
            "since": time_at(session.created_at, now),
            "last_used": time_at(last_use(session), now),
            "is_current": session.session_hash == current,
            "apps": apps.get(public_id(session), ()),
        }
        for session in sorted(living, key=lambda session: session.created_at, reverse=True)
    ]


def connection_rows(connections: Iterable[Connection], settings: Settings, now: float) -> list[dict[str, Any]]:
    """Return the apps that a user is connected with."""
    return [
        {
            "client_id": each.app.client_id,
            "name": each.app.name,
            "logo": each.app.logo,
            "unchecked": (unchecked := stranger(each.app, settings)),
            "host": "" if unchecked else host_of(each.app.document_url or each.app.url),
            "apis": granted_apis(each.by_audience, settings),
            "since": time_at(each.since, now),
            "last_used": time_at(each.last_used_at, now),
        }
        for each in connections
    ]
