"""Where accounts and what belongs to them are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gatepost.model.feed import Revocation
from gatepost.model.records import (
    Approval,
    Attempts,
    Link,
    Login,
    User,
)
from gatepost.scope import Scope
from gatepost.stores.record_keys import UNCHANGED, Page, Unchanged


class AccountStore(Protocol):
    """Accounts, sign-in counters and remembered approvals."""

    def create_user(self, user: User, login: Login, *, link: Link | None = None) -> None:
        """Write the account and take its name, and its e-mail if it is confirmed, in one step, or nothing.

        `link` is what asked for it: it is used up in the same step, here and in the other changes that have one.
        Raises Conflict("user_name") or Conflict("email") if somebody has it, Conflict("link") if it was used already.
        """

    def void_user_grants(self, user_id: str, *, grants_valid_from: int, revocation: Revocation | None) -> None:
        """Void what was granted until then, and publish `revocation` if there is one: one step.

        Nothing if the account is gone.
        """

    def deactivate_user(
        self, user: User, *, valid_from: int, revocation: Revocation | None, besides: User | None
    ) -> None:
        """Stop the account, void what was granted, signed in and trusted until then, publish `revocation`: one step.

        `besides` is another account that must be an active administrator in the same step. Raises
        Conflict("administrator") if it is none any more, Conflict("user") if the account is gone or its role is another
        one than that of `user`.
        """

    def set_user_status(self, user_id: str, status: str) -> None:
        """Change the status and nothing else. Nothing if the account is gone."""

    def set_user_rights(
        self, user_id: str, *, role: str | Unchanged = UNCHANGED, scope: Scope | Unchanged | None = UNCHANGED
    ) -> None:
        """Change role, allowed scope (None: whatever the server offers) or both. Nothing if the account is gone."""

    def demote(self, user_id: str, *, besides: User) -> None:
        """Make an administrator a user. Nothing if the account is gone. `besides` as in `deactivate_user`."""

    def change_email(self, user: User, email: str, *, confirmed: bool, link: Link | None = None) -> None:
        """Replace the e-mail of `user`, and take it if it is confirmed, in one step.

        Raises Conflict("email") if it is taken, Conflict("user") if the account is gone, has another one or was signed
        out everywhere meanwhile, Conflict("link").
        """

    def change_password(
        self, user: User, password_hash: str, *, sessions_valid_from: int, link: Link | None = None
    ) -> None:
        """Replace the password hash and void the sessions from before, in one step.

        Raises Conflict("user") if the account is gone, Conflict("link").
        """

    def void_sessions(self, user_id: str, *, sessions_valid_from: int) -> None:
        """Void what was signed in before. Nothing if the account is gone."""

    def delete_user(self, user: User, *, revocation: Revocation, forget_at: int, besides: User | None = None) -> None:
        """Remove the account, its name and its e-mail and publish `revocation` in one step; then its approvals.

        Until `forget_at` no app can be made for it. Nothing if it is gone. `besides` as in `deactivate_user`.
        Raises Conflict("user") if status, role or e-mail are other ones by now, Conflict("apps") while it has apps,
        Conflict("administrator").
        """

    def users(self, prefix: str, *, cursor: str | None, limit: int) -> Page[User]:
        """Accounts whose name in lower case begins with `prefix`, by name. Eventually consistent."""

    def approvals_of(self, user_id: str) -> Sequence[Approval]:
        """What a user approved, in no order."""

    def forget_approval(self, user_id: str, client_id: str) -> None:
        """The user is asked again."""

    def connected_count(self, client_id: str, *, most: int) -> int:
        """How many users approved an app, counted up to `most`. Eventually consistent."""

    def save_link(self, link: Link) -> None:
        """Keep a one-time link."""

    def count_failure(self, name_hash: str, *, now: int, forget_at: int) -> None:
        """Add one failure; a counter whose end has passed starts anew. Concurrent failures all count."""

    def reserve_attempt(self, name_hash: str, *, before: Attempts | None, free: int, now: int, forget_at: int) -> bool:
        """Count an attempt before it is made; returns whether it was counted.

        Of any number of concurrent callers `free` are counted. Beyond, one that still finds the counter at `before` is.
        A counter whose end has passed starts anew.
        """

    def trust_device(self, name_hash: str, *, now: int, expires_at: int) -> None:
        """Begin, or begin anew, the counter of a browser that signed in."""

    def replace_hash(self, name: str, before: Login, password_hash: str) -> None:
        """Replace the hash of the same password. Nothing if the password was changed meanwhile."""

    def forget_failures(self, name_hash: str) -> None:
        """The name signed in: start from zero."""
