"""A cache of access tokens with verified signatures, so that a repeated token costs one digest.

Times and revocation are not cached; they are checked every time. A cache belongs to the keys that verified its tokens
and is discarded with them.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gatepost.settings import Settings
from gatepost.tokens.access_token import Claims, Verifier, still_good, verify_access_token

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


class Known(NamedTuple):
    """Keys by `kid` with their cache of verified tokens; replaced when the keys change."""

    keys: Mapping[str, Verifier]
    seen: Seen

    @classmethod
    def by(cls, keys: Iterable[tuple[str, Verifier]]) -> Known:
        """Return the keys with an empty cache."""
        return cls(dict(keys), Seen())

    def claims(self, token: str, settings: Settings, now: float) -> Claims:
        """Return as `verify_access_token`; the signature is verified once."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        claims = self.seen.get(digest)
        if claims is None:
            claims = verify_access_token(token, self.keys, settings, now)
            self.seen.keep(digest, claims)
        else:
            still_good(claims, self.keys, settings, now)
        return claims
