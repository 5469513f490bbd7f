"""The fake: every port over dictionaries and one lock. For tests of the logic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import Any

from gatepost.errors import Conflict
from gatepost.model import (
    ACTIVE,
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
from gatepost.stores.ports import (
    AppKey,
    ApprovalKey,
    AttemptsKey,
    CodeKey,
    GrantKey,
    Key,
    LoginKey,
    RevokedTokenKey,
    SessionKey,
    UserKey,
)


class MemoryStore:
    """All records of one process."""

    def __init__(self) -> None:
        """An empty store."""
        self._lock = Lock()
        self._records: dict[Key[Any], Any] = {}
        self._requests: dict[str, PendingRequest] = {}
        self._emails: set[str] = set()
        self._keys: dict[str, PublicKey] = {}
        self._feed: list[Revocation] = []
        self.round_trips = 0

    def read(self, *keys: Key[Any]) -> Any:
        """See Records."""
        with self._lock:
            self.round_trips += 1
            return tuple(self._records.get(key) for key in keys)

    def create_app(self, app: App, *, limit: int) -> None:
        """See AppStore."""
        with self._lock:
            owned = [
                record for record in self._records.values() if isinstance(record, App) and record.owner == app.owner
            ]
            if any(other.name.casefold() == app.name.casefold() for other in owned):
                raise Conflict("name")
            if len(owned) >= limit:
                raise Conflict("owner")
            self._records[AppKey(app.client_id)] = app

    def delete_app(self, app: App) -> None:
        """See AppStore."""
        with self._lock:
            self._records.pop(AppKey(app.client_id), None)

    def set_app_status(self, client_id: str, status: str, *, grants_valid_from: int) -> None:
        """See AppStore."""
        with self._lock:
            key = AppKey(client_id)
            if key in self._records:
                self._records[key] = replace(self._records[key], status=status, grants_valid_from=grants_valid_from)

    def create_user(self, user: User, login: Login) -> None:
        """See AccountStore."""
        with self._lock:
            key = LoginKey(user.user_name.casefold())
            if key in self._records:
                raise Conflict("user_name")
            if user.email and user.email.casefold() in self._emails:
                raise Conflict("email")
            self._records[key] = login
            self._records[UserKey(user.user_id)] = user
            if user.email:
                self._emails.add(user.email.casefold())

    def void_user_grants(self, user_id: str, *, status: str, grants_valid_from: int) -> None:
        """See AccountStore."""
        with self._lock:
            key = UserKey(user_id)
            if key in self._records:
                self._records[key] = replace(self._records[key], status=status, grants_valid_from=grants_valid_from)

    def count_failure(self, name_hash: str, *, now: int, forget_at: int) -> None:
        """See AccountStore."""
        with self._lock:
            key = AttemptsKey(name_hash)
            before = self._records.get(key)
            failures = before.failures if before and before.expires_at > now else 0
            self._records[key] = Attempts(failures=failures + 1, last_failure_at=now, expires_at=forget_at)

    def forget_failures(self, name_hash: str) -> None:
        """See AccountStore."""
        with self._lock:
            self._records.pop(AttemptsKey(name_hash), None)

    def start_session(self, session: Session) -> None:
        """See SessionStore."""
        with self._lock:
            self._records[SessionKey(session.session_hash)] = session

    def end_session(self, session_hash: str) -> None:
        """See SessionStore."""
        with self._lock:
            self._records.pop(SessionKey(session_hash), None)

    def save_request(self, request: PendingRequest) -> None:
        """See SessionStore."""
        with self._lock:
            self._requests[request.request_hash] = request

    def take_request(self, request_hash: str, session_hash: str) -> PendingRequest | None:
        """See SessionStore."""
        with self._lock:
            request = self._requests.get(request_hash)
            if request is None or request.session_hash != session_hash:
                return None
            return self._requests.pop(request_hash)

    def approve(self, grant: Grant, *, user: User, code: Code | None, approval: Approval | None) -> None:
        """See GrantStore."""
        with self._lock:
            standing = self._records.get(UserKey(user.user_id))
            if standing is None or standing.status != ACTIVE or standing.grants_valid_from != user.grants_valid_from:
                raise Conflict("user")
            self._records[GrantKey(grant.grant_id)] = grant
            if code is not None:
                self._records[CodeKey(code.code_hash)] = code
            if approval is not None:
                self._records[ApprovalKey(approval.user_id, approval.client_id)] = approval

    def add_grant(self, grant: Grant) -> None:
        """See GrantStore."""
        with self._lock:
            self.round_trips += 1
            self._records[GrantKey(grant.grant_id)] = grant

    def redeem(self, grant_id: str, *, attempt: str, now: int, idle_expires_at: int, expires_at: int) -> Grant | None:
        """See GrantStore."""
        with self._lock:
            self.round_trips += 1
            key = GrantKey(grant_id)
            grant: Grant | None = self._records.get(key)
            if grant is None or grant.redeemed_by or grant.redeem_before <= now or grant.revoked_at:
                return grant
            won = replace(
                grant, redeemed_by=attempt, idle_expires_at=idle_expires_at, expires_at=expires_at, last_used_at=now
            )
            self._records[key] = won
            return won

    def rotate(self, grant_id: str, generation: int, *, now: int, idle_expires_at: int) -> Grant | None:
        """See GrantStore."""
        with self._lock:
            self.round_trips += 1
            key = GrantKey(grant_id)
            grant: Grant | None = self._records.get(key)
            if grant is None or grant.generation != generation or grant.revoked_at:
                return grant
            turned = replace(
                grant, generation=generation + 1, rotated_at=now, last_used_at=now, idle_expires_at=idle_expires_at
            )
            self._records[key] = turned
            return turned

    def revoke_grant(self, grant_id: str, *, now: float, feed_until: int) -> None:
        """See GrantStore."""
        with self._lock:
            key = GrantKey(grant_id)
            grant: Grant | None = self._records.get(key)
            if grant is not None and not grant.revoked_at:
                self._records[key] = replace(grant, revoked_at=int(now))
                self._feed.append(Revocation(kind="grant", subject=grant_id, revoked_at=now, expires_at=feed_until))

    def grants_of(self, user_id: str) -> Sequence[Grant]:
        """See GrantStore."""
        with self._lock:
            return [r for r in self._records.values() if isinstance(r, Grant) and r.user_id == user_id]

    def publish(self, revocation: Revocation) -> None:
        """See FeedStore."""
        with self._lock:
            self._feed.append(revocation)
            if revocation.kind == "jti":
                self._records[RevokedTokenKey(revocation.subject)] = revocation

    def publish_key(self, key: PublicKey) -> None:
        """See FeedStore."""
        with self._lock:
            self._keys[key.kid] = key

    def feed(self, since: float | None) -> tuple[Sequence[PublicKey], Sequence[Revocation]]:
        """See FeedStore."""
        with self._lock:
            self.round_trips += 1
            keys = list(self._keys.values()) if since is None else []
            return keys, [entry for entry in self._feed if since is None or entry.revoked_at >= since]
