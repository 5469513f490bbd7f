"""The ports: what the logic asks of storage, what is atomic, and what the loser of a race sees.

All reads are strongly consistent. A store that can't answer raises TemporarilyUnavailable and nothing else; then
nothing was changed, or the same call may be made again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar, overload

from gatepost.model.feed import PublicKey, Revocation
from gatepost.model.records import (
    App,
    Approval,
    Attempts,
    AuditEntry,
    Code,
    Grant,
    Link,
    Login,
    PendingRequest,
    Session,
    User,
)
from gatepost.scope import Scope
from gatepost.stores.record_keys import UNCHANGED, AttemptsKey, Key, Page, Unchanged

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")


class Records(Protocol):
    """Reading. One call is one round trip, however many keys; records come in the order of the keys, None if absent.

    Expired records come back as they are: who reads compares `expires_at` with now.
    """

    @overload
    def read(self, a: Key[A], /) -> tuple[A | None]: ...
    @overload
    def read(self, a: Key[A], b: Key[B], /) -> tuple[A | None, B | None]: ...
    @overload
    def read(self, a: Key[A], b: Key[B], c: Key[C], /) -> tuple[A | None, B | None, C | None]: ...
    @overload
    def read(self, a: Key[A], b: Key[B], c: Key[C], d: Key[D], /) -> tuple[A | None, B | None, C | None, D | None]: ...
    @overload
    def read(
        self, a: Key[A], b: Key[B], c: Key[C], d: Key[D], e: Key[E], /
    ) -> tuple[A | None, B | None, C | None, D | None, E | None]: ...

    def read_each(self, keys: Sequence[Key[A]]) -> Sequence[A | None]:
        """As `read`, for many keys of one kind: a round trip for every hundred."""


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


class SessionStore(Protocol):
    """Browser sessions and the authorization requests that wait for an answer."""

    def start_session(self, session: Session) -> None:
        """Write the session."""

    def end_session(self, user_id: str, session_hash: str) -> None:
        """Remove the session; the cookie is nobody from then on."""

    def sessions_of(self, user_id: str) -> Sequence[Session]:
        """All sessions of a user, also those that are over."""

    def save_request(self, request: PendingRequest) -> None:
        """Keep a request until the user answers it."""

    def take_request(self, request: PendingRequest) -> None:
        """Remove a request that its user refuses. Of concurrent callers, and of those of `approve`, one does.

        Raises Conflict("request") if it was answered meanwhile, or was not shown to the session that it names.
        """


class GrantStore(Protocol):
    """Grants and codes. All that decides about a grant is one item, so each change is one conditional write."""

    def approve(
        self,
        grant: Grant,
        *,
        user: User,
        code: Code | None,
        approval: Approval | None,
        request: PendingRequest | None = None,
        login: Login | None = None,
        attempts: AttemptsKey | None = None,
    ) -> None:
        """Write the grant with its code and the remembered approval, provided that `user` still stands as read.

        `request` is what the user answered: it is removed in the same step, so a failure leaves it to be answered
        again. All or nothing. Raises Conflict("user") if the account was deactivated or its grants voided meanwhile,
        so whoever voids an account's grants and then lists them has seen every one; with `login`, also if the password
        was changed meanwhile. `attempts` is the counter that a right password gives back, in the same step.
        Raises Conflict("request") if the request was answered meanwhile.
        """

    def add_grant(self, grant: Grant) -> None:
        """Write a grant that needs no redemption."""

    def redeem(self, grant_id: str, *, attempt: str, now: int, idle_expires_at: int, expires_at: int) -> Grant | None:
        """Redeem the grant for `attempt` if nobody did, its time has not passed and it is not revoked.

        Returns the grant as it stands afterwards, None if there is none: the caller won if `redeemed_by` is its
        attempt. A repetition with the same attempt (a retry after a lost answer) sees that it won.
        """

    def rotate(self, grant_id: str, generation: int, *, attempt: str, now: int, idle_expires_at: int) -> Grant | None:
        """Advance the refresh token from `generation` to the next, if the grant stands there and is not revoked.

        Returns the grant as it stands afterwards, None if there is none: the caller turned it if `rotated_by` is its
        attempt. Of concurrent callers one does, and the others see its result.
        """

    def revoke_grant(self, grant_id: str, *, now: float, feed_until: int) -> None:
        """Mark the grant revoked and publish that to the feed in one step. Doing it again changes nothing."""

    def mark_revoked(self, grant_id: str, *, now: int, unredeemed: bool = False) -> bool:
        """Mark the grant revoked and publish nothing; returns whether it is marked now.

        For a grant whose tokens end by another entry, or with `unredeemed` one that must not have been redeemed.
        """

    def delete_grants(self, user_id: str) -> None:
        """Remove every grant of a user who is gone."""

    def grants_of(self, user_id: str) -> Sequence[Grant]:
        """All grants of a user, in no order; also those that are revoked, expired or not redeemed."""


class FeedReader(Protocol):
    """Public keys and revocations: what an authorizer must know."""

    def public_keys(self) -> Sequence[PublicKey]:
        """The keys of the JWK Set, also those that are over."""

    def feed(self, since: float | None) -> tuple[Sequence[PublicKey], Sequence[Revocation]]:
        """All keys and revocations, or, with `since` (epoch seconds), only the revocations from then on."""


class FeedStore(FeedReader, Protocol):
    """The same, and what is added to it."""

    def publish(self, revocation: Revocation) -> None:
        """Add to the feed; a `jti` is also found by RevokedTokenKey, and added once."""

    def publish_key(self, key: PublicKey) -> None:
        """Add or replace a key of the JWK Set. Raises Conflict("key") if it was ended: it never comes back."""

    def adopt_keys(self) -> None:
        """Take over, in one step, what only the version before of this software has written of keys.

        Keys that are not known, and ends that came sooner. To be called before a key is published: readers take
        the keys of that version only as long as there are no others.
        """

    def end_key(self, key: PublicKey, *, revocation: Revocation) -> None:
        """Take a key, published or not, out of the JWK Set for good and publish `revocation`, in one step.

        `key.ended_at` says when.
        """


class AuditStore(Protocol):
    """Who did what when."""

    def record(self, entry: AuditEntry, *, keep_until: int) -> None:
        """Add an entry; it may be removed after `keep_until`."""

    def entries(self, day: str, *, cursor: str | None, limit: int) -> Page[AuditEntry]:
        """The entries of a day (UTC, "2026-11-24"), newest first."""


class Store(Records, AppStore, AccountStore, SessionStore, GrantStore, FeedStore, AuditStore, Protocol):
    """Everything."""
