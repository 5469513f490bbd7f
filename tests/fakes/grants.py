"""The fakes of ports.GrantStore and ports.FeedStore."""

from __future__ import annotations

from collections.abc import Sequence

from gatepost.errors import Conflict
from gatepost.model.feed import Compacted, Listed, Marked, Partitions, PublicKey, Revocation, mark
from gatepost.model.records import ACTIVE, Approval, Code, Grant, Login, User
from gatepost.model.sessions import PendingRequest, Session, SignedInto
from gatepost.stores.record_keys import (
    ApprovalKey,
    AttemptsKey,
    CodeKey,
    GrantKey,
    LoginKey,
    RequestKey,
    RevokedTokenKey,
    SessionKey,
    SignedIntoKey,
    UserKey,
)
from tests.fakes.compaction import MemoryCompactor
from tests.fakes.records import MemoryRecords


class MemoryGrants(MemoryRecords):
    """See ports.GrantStore and ports.FeedStore."""

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
        signed_into: SignedInto | None = None,
        session: Session | None = None,
    ) -> None:
        with self._lock:
            self.round_trips += 1
            standing = self._records.get(UserKey(user.user_id))
            if standing is None or standing.status != ACTIVE or _rights(standing) != _rights(user):
                raise Conflict("user")
            if login is not None and self._records.get(LoginKey(user.user_name.casefold())) != login:
                raise Conflict("user")
            if session is not None and not self._session_stands(session, standing):
                raise Conflict("user")
            if request is not None:
                key = RequestKey(request.user_id, request.request_hash)
                if self._records.pop(key, None) is None:
                    raise Conflict("request")
            if attempts is not None:
                self._records.pop(attempts, None)
            self._records[GrantKey(grant.grant_id)] = grant
            if code is not None:
                self._records[CodeKey(code.code_hash)] = code
            if approval is not None:
                self._records[ApprovalKey(approval.user_id, approval.client_id)] = approval
            if signed_into is not None:
                at = SignedIntoKey(signed_into.user_id, signed_into.session_id, signed_into.client_id)
                earlier: SignedInto = self._records.get(at, signed_into)
                self._records[at] = signed_into._replace(first_at=earlier.first_at)

    def _session_stands(self, session: Session, user: User) -> bool:
        found = self._records.get(SessionKey(session.user_id, session.session_hash))
        return found is not None and user.sessions_valid_from <= session.created_at

    def add_grant(self, grant: Grant) -> None:
        with self._lock:
            self.round_trips += 1
            self._records[GrantKey(grant.grant_id)] = grant

    def redeem(self, grant_id: str, *, attempt: str, now: int, idle_expires_at: int, expires_at: int) -> Grant | None:
        with self._lock:
            self.round_trips += 1
            key = GrantKey(grant_id)
            grant: Grant | None = self._records.get(key)
            if grant is None or grant.redeemed_by or grant.redeem_before <= now or grant.revoked_at:
                return grant
            won = grant._replace(
                redeemed_by=attempt,
                redeemed_at=now,
                idle_expires_at=idle_expires_at,
                expires_at=expires_at,
                last_used_at=now,
            )
            self._records[key] = won
            return won

    def rotate(
        self, grant_id: str, generation: int, *, attempt: str, now: int, idle_expires_at: int, token_lifetime: int
    ) -> Grant | None:
        with self._lock:
            self.round_trips += 1
            key = GrantKey(grant_id)
            grant: Grant | None = self._records.get(key)
            if grant is None or grant.generation != generation or grant.revoked_at:
                return grant
            turned = grant._replace(
                generation=generation + 1,
                rotated_by=attempt,
                rotated_at=now,
                last_used_at=now,
                idle_expires_at=idle_expires_at,
                token_lifetime=token_lifetime,
            )
            self._records[key] = turned
            return turned

    def revoke_grant(self, grant_id: str, *, now: float, feed_until: int, part: int = 0) -> None:
        with self._lock:
            key = GrantKey(grant_id)
            grant: Grant | None = self._records.get(key)
            if grant is not None and not grant.revoked_at:
                self._records[key] = grant._replace(revoked_at=int(now))
                entry = Revocation(kind="grant", subject=grant_id, revoked_at=now, expires_at=feed_until)
                self._publish(entry, part)

    def mark_revoked(self, grant_id: str, *, now: int, unredeemed: bool = False, generation: int = 0) -> bool:
        with self._lock:
            key = GrantKey(grant_id)
            grant: Grant | None = self._records.get(key)
            turned = grant is not None and generation not in (0, grant.generation)
            if grant is None or grant.revoked_at or turned or (unredeemed and grant.redeemed_by):
                return grant is not None and bool(grant.revoked_at)
            self._records[key] = grant._replace(revoked_at=now)
            return True

    def delete_grants(self, user_id: str) -> None:
        with self._lock:
            for grant in self._all(Grant):
                if grant.user_id == user_id:
                    del self._records[GrantKey(grant.grant_id)]

    def grants_of(self, user_id: str) -> Sequence[Grant]:
        with self._lock:
            return [r for r in self._records.values() if isinstance(r, Grant) and r.user_id == user_id]

    def publish(self, revocation: Revocation, *, part: int = 0) -> None:
        with self._lock:
            if revocation.kind == "jti":
                key = RevokedTokenKey(revocation.subject)
                if key in self._records:
                    return
                self._records[key] = revocation
            self._publish(revocation, part)

    def _publish(self, revocation: Revocation, part: int) -> None:
        if part:
            marked = Marked(mark(revocation.kind, revocation.subject), revocation.expires_at)
            self._marked.append((part, revocation.revoked_at, marked))
        else:
            self._feed.append(revocation)

    def publish_key(self, key: PublicKey) -> None:
        with self._lock:
            if any(key.kid in place and place[key.kid].ended_at for place in (self._keys, self._earlier_keys)):
                raise Conflict("key")
            self._keys[key.kid] = self._earlier_keys[key.kid] = key

    def adopt_keys(self) -> None:
        with self._lock:
            for kid, key in self._earlier_keys.items():
                if kid not in self._keys or key.until < self._keys[kid].until:
                    self._keys[kid] = key

    def end_key(self, key: PublicKey, *, revocation: Revocation) -> None:
        with self._lock:
            self._keys[key.kid] = self._earlier_keys[key.kid] = key
            self._feed.append(revocation)

    def public_keys(self) -> Sequence[PublicKey]:
        with self._lock:
            return list((self._keys or self._earlier_keys).values())

    def publish_handle_key(self, key: bytes) -> None:
        with self._lock:
            self._handle_key = key or self._handle_key

    def listed(self) -> Listed:
        return Listed(self.public_keys(), self._compactor.compaction(), self._handle_key)

    def segments(self, names: Sequence[str]) -> Sequence[bytes]:
        return self._compactor.segments(names)

    def compactor(self) -> MemoryCompactor:
        return self._compactor

    def standing(self) -> tuple[Sequence[PublicKey], Compacted]:
        return self.public_keys(), self._compactor.compacted()

    def parts(self) -> Partitions:
        return self._compactor.parts

    def marked(self, since: float, parts: int) -> Sequence[Marked]:
        with self._lock:
            return [marked for part, at, marked in self._marked if part <= parts and at >= since]

    def feed(self, since: float) -> Sequence[Revocation]:
        """See FeedStore. An entry is written at the time of its revocation."""
        with self._lock:
            self.round_trips += 1
            return [entry for entry in self._feed if entry.revoked_at >= since]


def _rights(user: User) -> tuple[object, ...]:
    return user.grants_valid_from, user.scope, user.groups
