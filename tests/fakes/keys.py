"""The fake of the server's keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gatepost.errors import TemporarilyUnavailable
from gatepost.tokens.access_token import Signer
from gatepost.tokens.signing_keys import RefreshKey

REFRESH_KEY = RefreshKey(kid="r1", key="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", active_from=0)


@dataclass
class FixedKeys:
    """server.Keys with one signing key; `missing` makes it a server without keys."""

    signing: Signer
    refreshing: Sequence[RefreshKey] = (REFRESH_KEY,)
    missing: bool = False

    def signer(self, now: float, alg: str = "") -> Signer:
        if self.missing or alg not in ("", self.signing.alg):
            raise TemporarilyUnavailable("the server has no keys yet")
        return self.signing

    def refresh(self, now: float) -> Sequence[RefreshKey]:
        return self.refreshing
