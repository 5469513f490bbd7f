"""Access tokens whose signature was found to be genuine, so that a token that comes again costs a digest and no more.

What is kept says nothing about time, revocation and whom the token is for: all are looked at every time. It belongs to
the keys that it was verified by, and goes with them.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gatepost.settings import Settings
from gatepost.tokens.access_token import Claims, Verifier, genuine_claims, still_good

MOST = 1000  # tokens, about a kilobyte each


class Seen:
    """The claims of the last `MOST` genuine tokens by the SHA-256 of their text: no token is kept itself."""

    def __init__(self, most: int = MOST) -> None:
        """Empty; beyond `most` tokens the oldest is forgotten."""
        self._most = most
        self._claims: OrderedDict[bytes, Claims] = OrderedDict()

    def get(self, digest: bytes) -> Claims | None:
        """The claims of a token that was kept, by the digest of its text; None for any other text."""
        return self._claims.get(digest)

    def keep(self, digest: bytes, claims: Claims) -> None:
        """Remember a token whose signature is genuine."""
        self._claims[digest] = claims
        if len(self._claims) > self._most:
            self._claims.popitem(last=False)

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._claims)


class Known(NamedTuple):
    """Keys by their ids, and the tokens that were verified by them: a container takes another one for other keys."""

    keys: Mapping[str, Verifier]
    seen: Seen

    @classmethod
    def by(cls, keys: Iterable[tuple[str, Verifier]]) -> Known:
        """With no token yet."""
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
