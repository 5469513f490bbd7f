"""Port for grants and codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gatepost.model.records import (
    Approval,
    Code,
    Grant,
    Login,
    User,
)
from gatepost.model.sessions import PendingRequest, Session, SignedInto
from gatepost.stores.record_keys import AttemptsKey


class GrantStore(Protocol):
    """Grants and codes. All state of a grant is one item, so each change is one conditional write."""

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
        """Write the grant with its code and the remembered approval, provided that `user` is unchanged; atomic.

        `request` is the submitted consent request: it is removed in the same step, so after a failure it can be
        submitted again. `attempts` is a counter to reset in the same step after a right password. `signed_into` is
        recorded; an earlier sign-in of the session to the app keeps its first time.
        Raises Conflict("user") if the account was deactivated, its grants voided, or its limit or groups changed
        meanwhile, so that listing an account's grants after such a change finds every one; with `login`, also if the
        password was changed meanwhile; with `session`, also if it ended meanwhile, so that listing sign-ins after its
        end finds every one.
        Raises Conflict("request") if the request was submitted concurrently.
        """

    def add_grant(self, grant: Grant) -> None:
        """Write a grant that needs no redemption."""

    def redeem(self, grant_id: str, *, attempt: str, now: int, idle_expires_at: int, expires_at: int) -> Grant | None:
        """Redeem the grant for `attempt` unless it is redeemed, past its redemption time or revoked.

        Returns the resulting grant, None if there is none: the caller won if `redeemed_by` is its attempt. A retry with
        the same attempt after a lost response sees that it won.
        """

    def rotate(
        self, grant_id: str, generation: int, *, attempt: str, now: int, idle_expires_at: int, token_lifetime: int
    ) -> Grant | None:
        """Advance the refresh token from `generation` to the next, if that is current and the grant is not revoked.

        Returns the resulting grant, None if there is none: the caller rotated it if `rotated_by` is its attempt. Of
        concurrent callers one does, and the others see its result.
        """

    def revoke_grant(self, grant_id: str, *, now: float, feed_until: int, part: int = 0) -> None:
        """Mark the grant revoked and publish that to a partition of the feed, atomically; idempotent."""

    def mark_revoked(self, grant_id: str, *, now: int, unredeemed: bool = False, generation: int = 0) -> bool:
        """Mark the grant revoked without publishing; return whether it is marked now.

        For a grant whose tokens are revoked by another entry, or, with `unredeemed`, one that must not have been
        redeemed, or, with its `generation`, one that must not have been refreshed.
        """

    def delete_grants(self, user_id: str) -> None:
        """Remove every grant of a deleted user."""

    def grants_of(self, user_id: str) -> Sequence[Grant]:
        """Return all grants of a user, unordered, including revoked, expired and unredeemed ones."""
