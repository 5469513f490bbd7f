"""The ports: what the logic asks of storage, what is atomic, and what the loser of a race sees.

All reads are strongly consistent. A store that can't answer raises TemporarilyUnavailable and nothing else; then
nothing was changed, or the same call may be made again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, overload

from gatepost.model import (
    App,
    Approval,
    Attempts,
    Code,
    Grant,
    Login,
    PendingRequest,
    PublicKey,
    Revocation,
    Session,
    User,
)

R_co = TypeVar("R_co", covariant=True)
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")


class Key(Generic[R_co]):
    """Where a record lies; the parameter is the record's class."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class AppKey(Key[App]):
    """An app by its key."""

    client_id: str


@dataclass(frozen=True, slots=True)
class CodeKey(Key[Code]):
    """A code by its hash."""

    code_hash: str


@dataclass(frozen=True, slots=True)
class GrantKey(Key[Grant]):
    """A grant by its id."""

    grant_id: str


@dataclass(frozen=True, slots=True)
class RevokedTokenKey(Key[Revocation]):
    """The revocation of a single access token by its `jti`."""

    jti: str


@dataclass(frozen=True, slots=True)
class UserKey(Key[User]):
    """An account by its id."""

    user_id: str


@dataclass(frozen=True, slots=True)
class LoginKey(Key[Login]):
    """What a normalized user name opens."""

    name: str


@dataclass(frozen=True, slots=True)
class AttemptsKey(Key[Attempts]):
    """The failed sign-ins for a name, by the name's hash: it may hold anything that people type."""

    name_hash: str


@dataclass(frozen=True, slots=True)
class ApprovalKey(Key[Approval]):
    """What a user approved for an app."""

    user_id: str
    client_id: str


@dataclass(frozen=True, slots=True)
class SessionKey(Key[Session]):
    """A session by the hash of its cookie."""

    session_hash: str


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
    def read(
        self, a: Key[A], b: Key[B], c: Key[C], d: Key[D], e: Key[E], /
    ) -> tuple[A | None, B | None, C | None, D | None, E | None]: ...


class AppStore(Protocol):
    """Registered apps."""

    def create_app(self, app: App, *, limit: int) -> None:
        """Write `app`, its name and its owner's count in one step, or nothing.

        Raises Conflict("name") if the owner has an app of that name, Conflict("owner") at `limit` apps.
        """

    def delete_app(self, app: App) -> None:
        """Remove `app`, its name and its place in the owner's count in one step; nothing if it is gone already."""

    def set_app_status(self, client_id: str, status: str, *, grants_valid_from: int) -> None:
        """Change the status; grants made until `grants_valid_from` are void from then on."""


class AccountStore(Protocol):
    """Accounts, sign-in counters and remembered approvals."""

    def create_user(self, user: User, login: Login) -> None:
        """Write the account and take its name and e-mail in one step, or nothing.

        Raises Conflict("user_name") or Conflict("email") if somebody has it.
        """

    def void_user_grants(self, user_id: str, *, status: str, grants_valid_from: int) -> None:
        """Set the status; what the user granted until `grants_valid_from` is void from then on."""

    def count_failure(self, name_hash: str, *, now: int, forget_at: int) -> None:
        """Add one failure; a counter whose end has passed starts anew. Concurrent failures all count."""

    def forget_failures(self, name_hash: str) -> None:
        """The name signed in: start from zero."""


class SessionStore(Protocol):
    """Browser sessions and the authorization requests that wait for an answer."""

    def start_session(self, session: Session) -> None:
        """Write the session."""

    def end_session(self, session_hash: str) -> None:
        """Remove the session; the cookie is nobody from then on."""

    def save_request(self, request: PendingRequest) -> None:
        """Keep a request until the user answers it."""

    def take_request(self, request_hash: str, session_hash: str) -> PendingRequest | None:
        """Remove the request that was shown to this session and return it.

        Of concurrent callers one gets it, the others None. Another session's request stays, and is None as well.
        """


class GrantStore(Protocol):
    """Grants and codes. All that decides about a grant is one item, so each change is one conditional write."""

    def approve(self, grant: Grant, *, user: User, code: Code | None, approval: Approval | None) -> None:
        """Write the grant with its code and the remembered approval, provided that `user` still stands as read.

        All or nothing. Raises Conflict("user") if the account was deactivated or its grants voided meanwhile: so
        whoever voids an account's grants and then lists them has seen every one.
        """

    def add_grant(self, grant: Grant) -> None:
        """Write a grant that needs no redemption."""

    def redeem(self, grant_id: str, *, attempt: str, now: int, idle_expires_at: int, expires_at: int) -> Grant | None:
        """Redeem the grant for `attempt` if nobody did, its time has not passed and it is not revoked.

        Returns the grant as it stands afterwards, None if there is none: the caller won if `redeemed_by` is its
        attempt. A repetition with the same attempt (a retry after a lost answer) sees that it won.
        """

    def rotate(self, grant_id: str, generation: int, *, now: int, idle_expires_at: int) -> Grant | None:
        """Advance the refresh token from `generation` to the next, if the grant stands there and is not revoked.

        Returns the grant as it stands afterwards, None if there is none. Of concurrent callers one advances it, and
        the others see its result.
        """

    def revoke_grant(self, grant_id: str, *, now: float, feed_until: int) -> None:
        """Mark the grant revoked and publish that to the feed in one step. Doing it again changes nothing."""

    def grants_of(self, user_id: str) -> Sequence[Grant]:
        """All grants of a user, in no order; also those that are revoked, expired or not redeemed."""


class FeedStore(Protocol):
    """Public keys and revocations: what an authorizer must know."""

    def publish(self, revocation: Revocation) -> None:
        """Add to the feed; a `jti` is also found by RevokedTokenKey."""

    def publish_key(self, key: PublicKey) -> None:
        """Add or replace a key of the JWK Set."""

    def feed(self, since: float | None) -> tuple[Sequence[PublicKey], Sequence[Revocation]]:
        """All keys and revocations, or, with `since` (epoch seconds), only the revocations from then on."""


class Store(Records, AppStore, AccountStore, SessionStore, GrantStore, FeedStore, Protocol):
    """Everything."""
