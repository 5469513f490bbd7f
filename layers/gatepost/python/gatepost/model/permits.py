"""The record of an initial access token (RFC 7591 §3)."""

from __future__ import annotations

from typing import NamedTuple


class Permit(NamedTuple):
    """A token with which apps register themselves; the token itself was shown once and is not stored."""

    permit_hash: str
    created_at: int
    expires_at: int
    uses: int
    most_uses: int

    def counts(self, now: float) -> bool:
        """Whether one more app can be registered with it."""
        return self.uses < self.most_uses and now < self.expires_at
