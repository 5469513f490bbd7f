"""Where grants and codes are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gatepost.model.records import (
    Approval,
    Code,
    Grant,
    Login,
    PendingRequest,
    User,
)
from gatepost.stores.record_keys import AttemptsKey


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
