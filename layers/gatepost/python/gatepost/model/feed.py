"""The records of the feed, all that an authorizer needs to know: keys and revocations. Times as in `model`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RevocationKind = Literal["jti", "grant", "client", "user", "key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """An entry of the feed: tokens that name `subject` are refused; of a client or user, those issued until then."""

    kind: RevocationKind
    subject: str
    revoked_at: float
    expires_at: int  # when no such token can live any more


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A verification key as it stands in the JWK Set (RFC 7517); `expires_at` 0 while it may still sign.

    `ended_at` is when it was ended before its time: its private half leaked, and nothing that it signed counts.
    """

    kid: str
    jwk: str  # JSON
    expires_at: int = 0
    ended_at: int = 0

    @property
    def until(self) -> float:
        """When what it signed is refused: 0 for a key that was ended, infinity for one that may still sign."""
        return 0 if self.ended_at else self.expires_at or float("inf")

    def stands(self, now: float) -> bool:
        """Whether what it signed may still be accepted."""
        return self.until > now
