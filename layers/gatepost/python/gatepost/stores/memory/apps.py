"""The fake of ports.AppStore."""

from __future__ import annotations

from dataclasses import replace

from gatepost.errors import Conflict
from gatepost.feed import Revocation
from gatepost.model import App
from gatepost.stores.keys import AppKey, Page
from gatepost.stores.memory.records import MemoryRecords, page_of


class MemoryApps(MemoryRecords):
    """See ports.AppStore."""

    def create_app(self, app: App, *, limit: int) -> None:
        """See AppStore."""
        with self._lock:
            self._check_name(app)
            owned = [other for other in self._all(App) if other.owner == app.owner]
            if len(owned) >= limit or app.owner in self._closed:
                raise Conflict("owner")
            self._records[AppKey(app.client_id)] = app

    def delete_app(self, app: App, *, revocation: Revocation) -> None:
        """See AppStore."""
        with self._lock:
            if self._records.pop(AppKey(app.client_id), None) is not None:
                self._feed.append(revocation)

    def set_app_status(
        self,
        client_id: str,
        status: str,
        *,
        reason: str,
        grants_valid_from: int | None,
        revocation: Revocation | None = None,
    ) -> None:
        """See AppStore."""
        changes: dict[str, object] = {"status": status, "status_reason": reason}
        if grants_valid_from is not None:
            changes["grants_valid_from"] = grants_valid_from
        self._change(AppKey(client_id), revocation, **changes)

    def update_app(self, app: App, *, before: App) -> None:
        """See AppStore."""
        with self._lock:
            standing: App | None = self._records.get(AppKey(app.client_id))
            if standing is None or standing.version != before.version:
                raise Conflict("version")
            self._check_name(app)
            self._records[AppKey(app.client_id)] = replace(
                standing,
                name=app.name,
                url=app.url,
                redirect_uris=app.redirect_uris,
                grant_types=app.grant_types,
                scope=app.scope,
                secrets=app.secrets,
                version=app.version,
            )

    def touch_app(self, app: App, *, secret_id: str, now: int) -> None:
        """See AppStore."""
        with self._lock:
            standing: App | None = self._records.get(AppKey(app.client_id))
            if standing is None or standing.version != app.version:
                return
            secrets = tuple(
                replace(secret, last_used_at=now) if secret.secret_id == secret_id else secret
                for secret in standing.secrets
            )
            self._records[AppKey(app.client_id)] = replace(standing, last_used_at=now, secrets=secrets)

    def apps_of(self, owner: str, *, cursor: str | None, limit: int) -> Page[App]:
        """See AppStore."""
        with self._lock:
            apps = [app for app in self._all(App) if app.owner == owner]
        return page_of(apps, created, cursor=cursor, limit=limit, newest_first=True)

    def apps_with_status(self, status: str, *, cursor: str | None, limit: int) -> Page[App]:
        """See AppStore."""
        with self._lock:
            apps = [app for app in self._all(App) if app.status == status]
        return page_of(apps, created, cursor=cursor, limit=limit, newest_first=True)

    def _check_name(self, app: App) -> None:
        for other in self._all(App):
            same_owner = other.owner == app.owner and other.client_id != app.client_id
            if same_owner and other.name.casefold() == app.name.casefold():
                raise Conflict("name")


def created(app: App) -> str:
    """What apps are sorted by: when they were made, then their key."""
    return f"{app.created_at:012d}#{app.client_id}"
