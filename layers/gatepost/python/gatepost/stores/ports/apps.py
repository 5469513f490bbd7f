"""Port for apps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gatepost.model.feed import Revocation
from gatepost.model.logo import Logo
from gatepost.model.permits import Permit
from gatepost.model.records import (
    App,
    User,
)
from gatepost.stores.record_keys import Page


class AppStore(Protocol):
    """Registered apps."""

    def create_app(self, app: App, *, owner: User, limit: int) -> None:
        """Write `app`, its name and its owner's count atomically, provided that `owner` is unchanged.

        So when an owner is deactivated or limited and its apps are counted afterwards, the count includes every app
        that has the old status.
        Raises Conflict("user") if status or limit of the account changed meanwhile, Conflict("name") if the owner has
        an app of that name, Conflict("owner") at `limit` apps.
        """

    def keep_document(self, app: App, *, before: App | None, ttl: int, revocation: Revocation | None = None) -> None:
        """Write the app of a metadata document, if it is still as `before`: not there if None, else at that version.

        Of one that is there only what the document says changes, and its status with the cutoff of grants if that is
        another one. `revocation` is published with it. The record may go at `ttl`, unless an administrator
        changes its status until then. Raises Conflict("version").
        """

    def register_app(self, app: App, *, permit_hash: str = "", now: int) -> None:
        """Write an app that nobody owns, and count a use of the permit of that hash if there is one, atomically.

        Raises Conflict("permit") if the permit is unknown, expired or used up.
        """

    def save_permit(self, permit: Permit) -> None:
        """Save an initial access token."""

    def permits(self) -> Sequence[Permit]:
        """Return the newest initial access tokens, at most a hundred, those that ended among them until they go.

        The list may lag behind.
        """

    def remove_permit(self, permit_hash: str) -> None:
        """Remove an initial access token, if it is there."""

    def app_count(self, owner: str) -> int:
        """Return the number of an owner's apps."""

    def delete_app(self, app: App, *, revocation: Revocation) -> bool:
        """Remove the app with its current name and its count, if it has an owner, atomically.

        `revocation` is published with it, unless the app was never used and so has no tokens. Returns whether it was
        used. Does nothing if the app is gone. An app that nobody owns has neither name nor count.
        """

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
        """Change the status, and publish `revocation` if there is one, atomically. Does nothing if the app is gone.

        The app is of the next version then, and its record no longer goes by itself. With `before`, raises
        Conflict("version") unless the app is still at that version.
        Grants made up to `grants_valid_from` become void; None leaves that cutoff unchanged.
        """

    def update_app(self, app: App, *, before: App, revocation: Revocation | None = None) -> None:
        """Replace the fields that an owner may change, if the app is still at the version of `before`, atomically.

        So with status and granted look, which are written only if they differ. `revocation` is published with it.
        `app.version` is the next one. Raises Conflict("version") if it was changed or deleted meanwhile,
        Conflict("name") if the owner has another app of the new name.
        """

    def complete_app(self, app: App, *, owner: User) -> None:
        """Write the fields that an app of an older release lacks: `own_scope` and its owner's status; same version.

        Raises Conflict("version") if it was changed or completed meanwhile, Conflict("user") if `owner` was.
        """

    def set_app_scopes(self, app: App, *, before: App, revocation: Revocation | None) -> None:
        """Replace an administrator's grants if the app is at the version of `before`, and publish `revocation`: atomic.

        `app.version` is the next one. Raises Conflict("version").
        """

    def set_owner_standing(self, app: App, *, revocation: Revocation | None) -> None:
        """Set `owner_scope` and `owner_stopped` if `app.owner` still owns the app, and publish `revocation`; atomic."""

    def hand_over_app(self, app: App, *, before: App, owner: User, revocation: Revocation | None = None) -> None:
        """Make `owner` the owner, with the app's name and both counts, atomically and regardless of the limit of apps.

        `revocation` is published with it.
        `app` has the new owner, its status, and the next version. Raises Conflict("version"), Conflict("user") if the
        new owner is not active, changed or gone, Conflict("name") if it has an app of that name.
        """

    def set_app_logo(
        self, app: App, *, before: App, logo: Logo | None, ttl: int | None = None, revocation: Revocation | None = None
    ) -> None:
        """Write the logo that `app` names, or remove the one that it had, with what that changes of the app: atomic.

        The logo may go at `ttl`; None: it stays. `revocation` is published with it. `app.version` is the next one.
        Raises Conflict("version").
        """

    def keep_logo(self, client_id: str, ttl: int) -> None:
        """Let an app's logo go at `ttl`, if it is there."""

    def void_approvals(self, client_id: str, *, approvals_valid_from: int, grants_too: bool = False) -> None:
        """Void approvals up to the cutoff, and grants if asked to, unless a later one is set; nothing if it is gone."""

    def touch_app(self, app: App, *, secret_id: str, now: int) -> bool:
        """Record the use of the app, and of its secret if any. Returns False and does nothing if the app changed.

        An app with `kept_unused` expires so long after it.
        """

    def apps_of(self, owner: str, *, cursor: str | None, limit: int) -> Page[App]:
        """Return the apps of an owner, newest first. Eventually consistent."""

    def apps_with_status(self, status: str, *, cursor: str | None, limit: int, oldest_first: bool = False) -> Page[App]:
        """Return all apps with a status, newest first or oldest first. Eventually consistent."""
