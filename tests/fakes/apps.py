"""The fake of ports.AppStore."""

from __future__ import annotations

from collections.abc import Sequence

from gatepost.errors import Conflict
from gatepost.model.feed import Revocation
from gatepost.model.logo import Logo
from gatepost.model.permits import Permit
from gatepost.model.records import ACTIVE, App, User
from gatepost.stores.record_keys import AppKey, LogoKey, Page, PermitKey, UserKey, app_position
from tests.fakes.records import MemoryRecords, page_of

_SHOWN = "name looks redirect_uris grant_types scope approvals_valid_from version"
_OF_DOCUMENT = f"{_SHOWN} fresh_until logo logo_uri"
_DETAILS = (
    f"{_SHOWN} url secrets default_scope registered post_logout_redirect_uris backchannel_logout_uri"
    " id_token_signed_response_alg userinfo_signed_response_alg"
)


class MemoryApps(MemoryRecords):
    """See ports.AppStore."""

    def create_app(self, app: App, *, owner: User, limit: int) -> None:
        with self._lock:
            self._check_stands(owner, ACTIVE)
            self._check_name(app)
            owned = [other for other in self._all(App) if other.owner == app.owner]
            if len(owned) >= limit or app.owner in self._closed:
                raise Conflict("owner")
            self._records[AppKey(app.client_id)] = app

    def delete_app(self, app: App, *, revocation: Revocation) -> bool:
        with self._lock:
            standing: App | None = self._records.pop(AppKey(app.client_id), None)
            self._records.pop(LogoKey(app.client_id), None)
            used = standing is not None and standing.last_used_at > 0
            self._feed += [revocation] if used else []
            return used

    def set_app_status(
        self,
        client_id: str,
        status: str,
        *,
        reason: str,
        grants_valid_from: int | None,
        revocation: Revocation | None = None,
        before: App | None = None,
    ) -> None:
        changes: dict[str, object] = {"status": status, "status_reason": reason}
        if grants_valid_from is not None:
            changes["grants_valid_from"] = grants_valid_from
        with self._lock:
            if before:
                self._at_version(before)
            app: App | None = self._records.get(AppKey(client_id))
            if app is None:
                return
            self._records[AppKey(client_id)] = app._replace(version=app.version + 1, **changes)  # type: ignore[arg-type]
            self._feed += [revocation] if revocation else []
            self.goes_at.pop(client_id, None)

    def update_app(self, app: App, *, before: App, revocation: Revocation | None = None) -> None:
        with self._lock:
            standing = self._withdrawn(self._at_version(before), app, before)
            self._check_name(app)
            self._take(_DETAILS, app, standing, revocation)

    def keep_document(self, app: App, *, before: App | None, ttl: int, revocation: Revocation | None = None) -> None:
        with self._lock:
            standing: App | None = self._records.get(AppKey(app.client_id))
            if before is not None:
                standing = self._withdrawn(self._at_version(before), app, before)
            elif standing is not None:
                raise Conflict("version")
            self._take(_OF_DOCUMENT, app, standing or app, revocation)
            self.goes_at[app.client_id] = ttl

    def register_app(self, app: App, *, permit_hash: str = "", now: int) -> None:
        with self._lock:
            if AppKey(app.client_id) in self._records:
                raise Conflict("client_id")
            if permit_hash:
                permit: Permit | None = self._records.get(PermitKey(permit_hash))
                if permit is None or not permit.counts(now):
                    raise Conflict("permit")
                self._records[PermitKey(permit_hash)] = permit._replace(uses=permit.uses + 1)
            self._records[AppKey(app.client_id)] = app

    def save_permit(self, permit: Permit) -> None:
        with self._lock:
            self._records[PermitKey(permit.permit_hash)] = permit

    def permits(self) -> Sequence[Permit]:
        with self._lock:
            found = [each for each in self._records.values() if isinstance(each, Permit)]
        return sorted(found, key=lambda each: (each.created_at, each.permit_hash), reverse=True)[:100]

    def remove_permit(self, permit_hash: str) -> None:
        with self._lock:
            self._records.pop(PermitKey(permit_hash), None)

    def app_count(self, owner: str) -> int:
        with self._lock:
            return len([app for app in self._all(App) if app.owner == owner and not app.is_stranger])

    def complete_app(self, app: App, *, owner: User) -> None:
        with self._lock:
            standing: App | None = self._records.get(AppKey(app.client_id))
            if standing is None or standing.version != app.version or standing.own_scope is not None:
                raise Conflict("version")
            self._check_stands(owner, owner.status)
            self._take("own_scope own_scope_by_update owner_scope owner_stopped", app, standing)

    def set_app_scopes(self, app: App, *, before: App, revocation: Revocation | None) -> None:
        with self._lock:
            names = "own_scope own_scope_by_update marked_scope granted_look version"
            self._take(names, app, self._at_version(before), revocation)

    def set_owner_standing(self, app: App, *, revocation: Revocation | None) -> None:
        with self._lock:
            standing: App | None = self._records.get(AppKey(app.client_id))
            if standing is not None and standing.owner == app.owner:
                self._take("owner_scope owner_stopped", app, standing, revocation)

    def hand_over_app(self, app: App, *, before: App, owner: User, revocation: Revocation | None = None) -> None:
        with self._lock:
            standing = self._at_version(before)
            self._check_name(app)
            self._check_stands(owner, ACTIVE)
            self._take("owner owner_scope owner_stopped version", app, standing, revocation)

    def set_app_logo(
        self, app: App, *, before: App, logo: Logo | None, ttl: int | None = None, revocation: Revocation | None = None
    ) -> None:
        with self._lock:
            standing = self._withdrawn(self._at_version(before), app, before)
            names = "logo logo_uri version administered_at approvals_valid_from looks"
            self._take(names, app, standing, revocation)
            self._records[LogoKey(app.client_id)] = logo
            if logo is None:
                del self._records[LogoKey(app.client_id)]

    def keep_logo(self, client_id: str, ttl: int) -> None:
        """TTL is not the fake's."""

    def void_approvals(self, client_id: str, *, approvals_valid_from: int, grants_too: bool = False) -> None:
        with self._lock:
            app: App | None = self._records.get(AppKey(client_id))
            if app is None:
                return
            app = app._replace(approvals_valid_from=max(app.approvals_valid_from, approvals_valid_from))
            if grants_too:
                app = app._replace(grants_valid_from=max(app.grants_valid_from, approvals_valid_from))
            self._records[AppKey(client_id)] = app

    def touch_app(self, app: App, *, secret_id: str, now: int) -> bool:
        with self._lock:
            standing: App | None = self._records.get(AppKey(app.client_id))
            if standing is None or standing.version != app.version:
                return False
            secrets = tuple(
                secret._replace(last_used_at=now) if secret.secret_id == secret_id else secret
                for secret in standing.secrets
            )
            self._records[AppKey(app.client_id)] = standing._replace(last_used_at=now, secrets=secrets)
            return True

    def apps_of(self, owner: str, *, cursor: str | None, limit: int) -> Page[App]:
        with self._lock:
            apps = [app for app in self._all(App) if app.owner == owner]
        return page_of(apps, app_position, cursor=cursor, limit=limit, newest_first=True)

    def apps_with_status(self, status: str, *, cursor: str | None, limit: int, oldest_first: bool = False) -> Page[App]:
        with self._lock:
            apps = [app for app in self._all(App) if app.status == status]
        return page_of(apps, app_position, cursor=cursor, limit=limit, newest_first=not oldest_first)

    def _take(self, names: str, app: App, standing: App, revocation: Revocation | None = None) -> None:
        """Write the standing app with the fields of `app` that are named."""
        taken = {name: getattr(app, name) for name in names.split()}
        self._records[AppKey(app.client_id)] = standing._replace(**taken)
        self._feed += [revocation] if revocation else []

    def _at_version(self, app: App) -> App:
        standing: App | None = self._records.get(AppKey(app.client_id))
        if standing is None or standing.version != app.version:
            raise Conflict("version")
        return standing

    def _withdrawn(self, standing: App, app: App, before: App) -> App:
        """Return the standing app with what a change withdraws, as far as it differs."""
        names = ("status", "grants_valid_from", "granted_look")
        return standing._replace(**{n: getattr(app, n) for n in names if getattr(app, n) != getattr(before, n)})

    def _check_stands(self, user: User, status: str) -> None:
        standing: User | None = self._records.get(UserKey(user.user_id))
        if standing is None or (standing.status, standing.scope) != (status, user.scope):
            raise Conflict("user")

    def _check_name(self, app: App) -> None:
        if app.is_stranger:
            return
        for other in self._all(App):
            same_owner = other.owner == app.owner and other.client_id != app.client_id
            if same_owner and other.name.casefold() == app.name.casefold():
                raise Conflict("name")
