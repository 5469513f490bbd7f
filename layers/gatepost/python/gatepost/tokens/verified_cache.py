"""A cache of access tokens with verified signatures, so that a repeated token costs one digest.

What is kept says nothing about time, revocation and whom the token is for: all are looked at every time. It belongs to
the keys that it was verified by, and goes with them.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gatepost.settings import Settings
from gatepost.tokens.access_token import Claims, Verifier, check_audience, genuine_claims, still_good

MOST = 1000  # tokens, about a kilobyte each


class Seen:
    """The claims of the last `MOST` authentic tokens by the SHA-256 of their text; tokens themselves are not stored."""

    def __init__(self, most: int = MOST) -> None:
        """Start empty; beyond `most` tokens the oldest is dropped."""
        self._most = most
        self._claims: OrderedDict[bytes, Claims] = OrderedDict()

    def get(self, digest: bytes) -> Claims | None:
        """Return the cached claims by the digest of a token's text, None if there are none."""
        return self._claims.get(digest)

    def keep(self, digest: bytes, claims: Claims) -> None:
        """Cache the claims of a token whose signature was verified."""
        self._claims[digest] = claims
        if len(self._claims) > self._most:
            self._claims.popitem(last=False)

    def __len__(self) -> int:
        """Return the number of cached tokens."""
        return len(self._claims)


class OfOneAPI(ABC):
    """Tokens that must be for one API. A subclass verifies them in `genuine`."""

    _settings: Settings

    def claims(self, token: str, now: float, audience: str | None = None) -> Claims:
        """Return the claims of a genuine, living token for `audience`, the settings' own if it is None.

        Raises InvalidToken otherwise, TemporarilyUnavailable if the cache is too old to decide.
        """
        claims = self.genuine(token, now)
        check_audience(claims, self._settings.audience if audience is None else audience)
        return claims

    @abstractmethod
    def genuine(self, token: str, now: float) -> Claims:
        """Return the same for any audience: for introspection, never for an API that accepts the token."""


class Known(NamedTuple):
    """Keys by `kid` with their cache of verified tokens; replaced when the keys change."""

    keys: Mapping[str, Verifier]
    seen: Seen

    @classmethod
    def by(cls, keys: Iterable[tuple[str, Verifier]]) -> Known:
        """Return the keys with an empty cache."""
        return cls(dict(keys), Seen())

    def claims(self, token: str, settings: Settings, now: float) -> Claims:
        """As `genuine_claims`, of any audience; the signature is looked at once."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        claims = self.seen.get(digest)
        if claims is None:
            claims = genuine_claims(token, self.keys, settings, now)
            self.seen.keep(digest, claims)
        else:
            still_good(claims, self.keys, settings, now)
        return claims
