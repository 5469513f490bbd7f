"""Port for accounts and the records that belong to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gatepost.model.feed import Revocation
from gatepost.model.links import Link
from gatepost.model.records import (
    Approval,
    Attempts,
    Login,
    User,
)
from gatepost.scope import Scope
from gatepost.stores.record_keys import UNCHANGED, Page, Unchanged


class AccountStore(Protocol):
    """Accounts, sign-in counters and remembered approvals."""

    def create_user(self, user: User, login: Login, *, link: Link | None = None) -> None:
        """Write the account and reserve its name, and its e-mail if confirmed, atomically.

        `link` is the one-time link that was used: it is deleted in the same step, here and in the other changes with
        one.
        Raises Conflict("user_name") or Conflict("email") if it is taken, Conflict("link") if the link was already used.
        """

    def void_user_grants(self, user_id: str, *, grants_valid_from: int, revocation: Revocation | None) -> None:
        """Void the user's grants up to the cutoff, and publish `revocation` if there is one, atomically.

        Does nothing if the account is gone.
        """

    def deactivate_user(
        self, user: User, *, valid_from: int, revocation: Revocation | None, besides: User | None
    ) -> None:
        """Deactivate the account, void its grants, sessions and devices up to the cutoff, publish `revocation`: atomic.

        `besides` is another account that must be an active administrator in the same step. Raises
        Conflict("administrator") if it no longer is one, Conflict("user") if the account is gone or its role is not
        that of `user`, or if its deletion was decided.
        """

    def begin_deletion(
        self, user: User, *, valid_from: int, revocation: Revocation | None, besides: User | None
    ) -> None:
        """Decide the deletion: the account is LEAVING, its grants up to the cutoff are void: atomic. Repeatable.

        `besides` as in `deactivate_user`. Raises Conflict("administrator"), and Conflict("user") if the account is gone
        or has neither the status of `user` nor this one. The role is not compared: read the account again.
        """

    def set_user_status(self, user_id: str, status: str, *, before: str = "") -> None:
        """Change only the status, from `before` if given, or else from any but LEAVING. Else does nothing."""

    def set_user_rights(
        self,
        user_id: str,
        *,
        role: str | Unchanged = UNCHANGED,
        scope: Scope | Unchanged | None = UNCHANGED,
        groups: tuple[str, ...] | Unchanged = UNCHANGED,
    ) -> None:
        """Change role, allowed scope (None: any scope of the server) and groups, each if it is given.

        Does nothing if the account is gone.
        """

    def demote(self, user_id: str, *, besides: User) -> None:
        """Make an administrator a user. Does nothing if the account is gone. `besides` as in `deactivate_user`."""

    def change_email(self, user: User, email: str, *, confirmed: bool, link: Link | None = None) -> None:
        """Replace the e-mail of `user`, and reserve it if it is confirmed, atomically.

        Raises Conflict("email") if it is taken, Conflict("user") if the account is gone, has another e-mail or was
        signed out everywhere meanwhile, Conflict("link").
        """

    def change_password(
        self, user: User, password_hash: str, *, sessions_valid_from: int, link: Link | None = None
    ) -> None:
        """Replace the password hash and void earlier sessions, atomically.

        Raises Conflict("user") if the account is gone, Conflict("link").
        """

    def void_sessions(self, user_id: str, *, sessions_valid_from: int) -> None:
        """Void earlier sessions. Does nothing if the account is gone."""

    def delete_user(self, user: User, *, revocation: Revocation, forget_at: int, besides: User | None = None) -> None:
        """Remove the account, its name and its e-mail and publish `revocation` atomically; then remove its approvals.

        Until `forget_at` no app can be created for it. Does nothing if it is gone. `besides` as in `deactivate_user`.
        Raises Conflict("user") if status, role or e-mail changed, Conflict("apps") while it has apps,
        Conflict("administrator").
        """

    def users(self, prefix: str, *, cursor: str | None, limit: int, descending: bool = False) -> Page[User]:
        """Return the accounts whose lower-case name begins with `prefix`, sorted by name. Eventually consistent."""

    def users_by_creation(self, *, cursor: str | None, limit: int, oldest_first: bool = False) -> Page[User]:
        """Return the accounts, newest first unless `oldest_first`. Eventually consistent.

        The cursor is that of `record_keys.user_position`; a malformed one starts at the beginning.
        """

    def note_sign_in(self, user_id: str, *, now: int) -> None:
        """Set the time of the last sign-in. Does nothing if the account is gone."""

    def approvals_of(self, user_id: str) -> Sequence[Approval]:
        """Return the user's approvals, unordered."""

    def forget_approval(self, user_id: str, client_id: str) -> None:
        """Remove an approval, so that consent is required again."""

    def approvals_to(self, client_id: str, *, cursor: str | None, limit: int) -> Page[Approval]:
        """Return the approvals of an app, sorted by user id. Eventually consistent."""

    def connected_count(self, client_id: str, *, most: int) -> int:
        """Return the number of users who approved an app, counted up to `most`. Eventually consistent."""

    def save_link(self, link: Link) -> None:
        """Save a one-time link."""

    def count_failure(self, name_hash: str, *, now: int, forget_at: int) -> int:
        """Count one failure; return how many there are, another number for each of concurrent callers.

        An expired counter restarts.
        """

    def reserve_attempt(self, name_hash: str, *, before: Attempts | None, free: int, now: int, forget_at: int) -> bool:
        """Count an attempt before it is made; return whether it was counted.

        Of any number of concurrent callers `free` are counted. Beyond that, one that still finds the counter at
        `before` is. An expired counter restarts.
        """

    def trust_device(self, name_hash: str, *, now: int, expires_at: int) -> None:
        """Start or restart the counter of a browser that signed in."""

    def replace_hash(self, name: str, before: Login, password_hash: str) -> None:
        """Replace the hash of the same password. Does nothing if the password was changed concurrently."""

    def forget_failures(self, name_hash: str) -> None:
        """Remove the counter of a name after a sign-in."""
