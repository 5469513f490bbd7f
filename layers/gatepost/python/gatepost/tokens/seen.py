"""Access tokens whose signature was found to be genuine, so that a token that comes again costs a digest and no more.

What it keeps says nothing about time and revocation: who asks looks at both, every time.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict

from gatepost.tokens.access import Claims

MOST = 1000  # tokens, about a kilobyte each


class Seen:
    """The claims of the last `MOST` genuine tokens by the SHA-256 of their text: no token is kept itself."""

    def __init__(self, most: int = MOST) -> None:
        """Empty; beyond `most` tokens the oldest is forgotten."""
        self._most = most
        self._claims: OrderedDict[bytes, Claims] = OrderedDict()

    def get(self, token: str) -> Claims | None:
        """The claims of a token that was kept, None for any other text."""
        return self._claims.get(_digest(token))

    def keep(self, token: str, claims: Claims) -> None:
        """Remember a token whose signature is genuine."""
        self._claims[_digest(token)] = claims
        if len(self._claims) > self._most:
            self._claims.popitem(last=False)

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._claims)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
