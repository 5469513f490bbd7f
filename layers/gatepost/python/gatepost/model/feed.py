"""The records of the revocation feed, the authorizer's only data: keys and revocations. Times as in `model`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gatepost.settings import LONGEST_LIFETIME

RevocationKind = Literal["jti", "grant", "client", "user", "key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """An entry of the feed: tokens that name `subject` are rejected; of a client or user, those issued up to then."""

    kind: RevocationKind
    subject: str
    revoked_at: float
    expires_at: int  # when every such token has expired


def everything_of(kind: RevocationKind, subject: str, at: float) -> Revocation:
    """Return the entry that revokes every token of a client, user or grant issued up to `at`."""
    return Revocation(kind=kind, subject=subject, revoked_at=at, expires_at=int(at) + LONGEST_LIFETIME)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A verification key in the JWK Set (RFC 7517); `expires_at` is 0 while it may still sign.

    `ended_at` is the time of an early withdrawal: the private key leaked, and none of its signatures count.
    """

    kid: str
    jwk: str  # JSON
    expires_at: int = 0
    ended_at: int = 0

    @property
    def until(self) -> float:
        """The time from which its signatures are rejected: 0 for a withdrawn key, infinity if it may still sign."""
        return 0 if self.ended_at else self.expires_at or float("inf")

    def stands(self, now: float) -> bool:
        """Whether its signatures may still be accepted."""
        return self.until > now
