"""Sessions and connected apps as rows of a list, for their user and for administrators."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gatepost.accounts.api_lists import granted_apis
from gatepost.accounts.connected_apps import Connection
from gatepost.authentication.browsers import shown_browser
from gatepost.authentication.sessions import last_use, session_stands
from gatepost.console.formatting import time_at
from gatepost.model.records import App, User
from gatepost.model.sessions import Session
from gatepost.oauth.redirect_uris import host_of
from gatepost.settings import Settings
from gatepost.stores.ports.accounts import AccountStore

_MOST_COUNTED = 100


def connected(store: AccountStore, app: App) -> str:
    """Return the number of users connected with the app, "100+" beyond that."""
    count = store.connected_count(app.client_id, most=_MOST_COUNTED + 1)
    return f"{_MOST_COUNTED}+" if count > _MOST_COUNTED else str(count)


def session_rows(sessions: Iterable[Session], user: User, now: float, *, current: str = "") -> list[dict[str, Any]]:
    """Return the valid sessions, newest first. `current` is the hash of the one that looks at them."""
    living = [session for session in sessions if session_stands(session, user, now)]
    return [
        {
            "session_id": session.session_hash,
            "browser": shown_browser(session.device),
            "address": session.source_ip,
            "since": time_at(session.created_at, now),
            "last_used": time_at(last_use(session), now),
            "is_current": session.session_hash == current,
        }
        for session in sorted(living, key=lambda session: session.created_at, reverse=True)
    ]


def connection_rows(connections: Iterable[Connection], settings: Settings, now: float) -> list[dict[str, Any]]:
    """Return the apps that a user is connected with."""
    return [
        {
            "client_id": each.app.client_id,
            "name": each.app.name,
            "host": host_of(each.app.url),
            "apis": granted_apis(each.by_audience, settings),
            "since": time_at(each.since, now),
            "last_used": time_at(each.last_used_at, now),
        }
        for each in connections
    ]
