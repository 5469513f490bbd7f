"""Logout tokens (OpenID Connect Back-Channel Logout §2.4): a session ended, for an app that it signed in to."""

from __future__ import annotations

from gatepost.identifiers import new_id
from gatepost.settings import Settings
from gatepost.tokens.access_token import Signer, signed

TYPE = "logout+jwt"  # not that of other tokens: none is taken for another (§2.4, RFC 8725 §3.11)
EVENT = "http://schemas.openid.net/event/backchannel-logout"
LIFETIME = 120  # seconds (§2.4 recommends two minutes at most)


def issue_logout_token(signer: Signer, settings: Settings, *, sub: str, client_id: str, sid: str, now: float) -> str:
    """A signed token; without `nonce`, by which it could be taken for an ID token (§2.4)."""
    claims: dict[str, object] = {
        "iss": settings.issuer,
        "sub": sub,
        "aud": client_id,
        "iat": int(now),
        "exp": int(now) + LIFETIME,
        "jti": new_id(),
        "sid": sid,
        "events": {EVENT: {}},
    }
    return signed(signer, TYPE, claims)
