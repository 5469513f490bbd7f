"""Where apps are kept."""

from __future__ import annotations

from typing import Protocol

from gatepost.model.feed import Revocation
from gatepost.model.records import (
    App,
    User,
)
from gatepost.stores.record_keys import Page


class AppStore(Protocol):
    """Registered apps."""

    def create_app(self, app: App, *, owner: User, limit: int) -> None:
        """Write `app`, its name and its owner's count in one step, or nothing, provided that `owner` stands as read.

        So whoever stops or limits an owner and then counts the apps has counted every one that does not know of it.
        Raises Conflict("user") if status or limit of the account are other ones meanwhile, Conflict("name") if the
        owner has an app of that name, Conflict("owner") at `limit` apps.
        """

    def app_count(self, owner: str) -> int:
        """How many apps an owner has."""

    def delete_app(self, app: App, *, revocation: Revocation) -> bool:
        """Remove the app with its name, whatever it is called by now, and its count: one step.

        `revocation` is published with it, unless the app was never used: then it has no tokens. Returns whether it was.
        Nothing if the app is gone already.
        """

    def set_app_status(
        self,
        client_id: str,
        status: str,
        *,
        reason: str,
        grants_valid_from: int | None,
        revocation: Revocation | None = None,
    ) -> None:
        """Change the status, and publish `revocation` if there is one, in one step. Nothing if the app is gone.

        Grants made until `grants_valid_from` are void from then on; None leaves that date as it stands.
        """

    def update_app(self, app: App, *, before: App) -> None:
        """Replace what an owner may change, if the app still stands at the version of `before`, in one step.

        `app.version` is the next one. Raises Conflict("version") if it was changed or deleted meanwhile,
        Conflict("name") if the owner has another app of the new name.
        """

    def complete_app(self, app: App, *, owner: User) -> None:
        """Write what an app from before lacks: `own_scope` and how its owner stands. The version stays.

        Raises Conflict("version") if it was changed or completed meanwhile, Conflict("user") if `owner` was.
        """

    def set_app_scopes(self, app: App, *, before: App, revocation: Revocation | None) -> None:
        """Replace what an administrator granted, if the app stands at the version of `before`, and publish: one step.

        `app.version` is the next one. Raises Conflict("version").
        """

    def set_owner_standing(self, app: App, *, revocation: Revocation | None) -> None:
        """Replace `owner_scope` and `owner_stopped` while `app.owner` owns it, and publish: one step; else nothing."""

    def hand_over_app(self, app: App, *, before: App, owner: User) -> None:
        """Make `owner` the owner, with its name and both counts in one step, whatever the limit of apps.

        `app` has the new owner, how that stands, and the next version. Raises Conflict("version"), Conflict("user") if
        the new owner is not active, changed or gone, Conflict("name") if it has an app of that name.
        """

    def void_approvals(self, client_id: str, *, approvals_valid_from: int) -> None:
        """Make approvals until then count no more, if none later does already. Nothing if the app is gone."""

    def touch_app(self, app: App, *, secret_id: str, now: int) -> bool:
        """Note that the app, and its secret if one was used, was used now. False, and nothing, if the app changed."""

    def apps_of(self, owner: str, *, cursor: str | None, limit: int) -> Page[App]:
        """The apps of an owner, newest first. Eventually consistent."""

    def apps_with_status(self, status: str, *, cursor: str | None, limit: int) -> Page[App]:
        """The apps of everybody, newest first. Eventually consistent."""
