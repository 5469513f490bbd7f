"""Apps that authenticated in the last seconds, which a container does not read again (`app_cache_seconds`).

Tokens of such an app are dated when it was read (`Server.issued_at`): a cutoff that was set since then voids them like
those that were issued before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from gatepost.clients.use import is_noted
from gatepost.errors import InvalidClient
from gatepost.model.records import App
from gatepost.oauth.client_authentication import Credentials, Requester, authenticated, used_secret
from gatepost.oauth.server import Server
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AppKey, Key, app_key

MOST = 1_000  # apps of one container


class RecentApps:
    """The apps of one container, each with the time of the request that read it."""

    def __init__(self, seconds: int) -> None:
        """Keep each app for `seconds`, counted from the request that read it."""
        self._seconds = seconds
        self._kept: dict[str, tuple[App, float]] = {}

    @contextmanager
    def serving(self, server: Server, credentials: Credentials, now: float) -> Iterator[Server]:
        """Return the server for one request, whose first key of the first read must be that of the requesting app.

        The app is taken from memory only if the credentials are those of the kept version, so that a new secret counts
        at once. It is kept if the request succeeds, and read again after one that failed.
        """
        requester, read_at = self._usable(credentials, now)
        reading = _Reading(server.store, app_key(credentials.client_id), requester.app if requester else None)
        try:
            yield server._replace(store=cast("Store", reading), app_read_at=read_at, requester=requester)
        except BaseException:
            self._kept.pop(credentials.client_id, None)
            raise
        if reading.found is not None:  # the request succeeded, so it was authenticated
            requester = Requester(reading.found, used_secret(reading.found, credentials))
            if _is_settled(requester, now):
                self._keep(requester.app, now)

    def _usable(self, credentials: Credentials, now: float) -> tuple[Requester | None, float | None]:
        """Return the authenticated app and when it was read; None, and forget it, if it must be read."""
        app, read_at = self._kept.get(credentials.client_id, (None, now))
        if app is not None and 0 <= now - read_at < self._seconds:
            with suppress(InvalidClient):
                requester = authenticated(app, credentials, now)
                if _is_settled(requester, now):
                    return requester, read_at
        self._kept.pop(credentials.client_id, None)
        return None, None

    def _keep(self, app: App, now: float) -> None:
        if len(self._kept) >= MOST:
            del self._kept[next(iter(self._kept))]
        self._kept[app.identifier] = app, now


class _Reading:
    """A store that reads the requesting app only if it is not at hand."""

    def __init__(self, store: Any, key: AppKey, at_hand: App | None) -> None:
        self._store, self._key, self._at_hand = store, key, at_hand
        self.found: App | None = None

    def read(self, *keys: Key[Any]) -> Any:
        """See ports.Records. A second key of the same app, that of a token, is read."""
        if keys[0] != self._key:
            return self._store.read(*keys)
        if self._at_hand is not None:
            # a batch even of one record: roles allow no single read of what is otherwise read with the app
            return (self._at_hand, *(self._store.read(keys[1], *keys[1:])[1:] if keys[1:] else ()))
        found = self._store.read(*keys)
        self.found = found[0]
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def _is_settled(requester: Requester, now: float) -> bool:
    """Whether a request has nothing to write to its app's item."""
    return requester.app.is_complete and is_noted(requester, now)
