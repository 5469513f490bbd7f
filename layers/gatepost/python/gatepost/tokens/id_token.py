"""ID tokens (OpenID Connect Core §2): who signed in, when and how, for the app alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from gatepost.errors import InvalidToken
from gatepost.identifiers import base64url, from_base64url
from gatepost.model.feed import PublicKey
from gatepost.settings import Settings
from gatepost.tokens.access_token import Signer, Verifier, authentic, key_id, signed
from gatepost.tokens.claims import ACR, METHODS

TYPE = "JWT"  # not that of access tokens: neither is taken for the other (RFC 8725 §3.11)
_NOT_VALID = "the ID token is not valid"


def issue_id_token(
    signer: Signer,
    settings: Settings,
    *,
    sub: str,
    client_id: str,
    auth_time: int,
    sid: str,
    nonce: str,
    access_token: str,
    lifetime: int,
    now: float,
    about: Mapping[str, object] | None = None,
) -> str:
    """A signed token that lives `lifetime` seconds; `nonce` is that of the request, "" if it had none.

    `about` are further claims about the user, which replace none of the token's own.
    """
    claims: dict[str, object] = {
        **(about or {}),
        "iss": settings.issuer,
        "sub": sub,
        "aud": client_id,
        "iat": int(now),
        "exp": int(now) + lifetime,
        "auth_time": auth_time,
        "acr": ACR,
        "amr": METHODS,
        "sid": sid,
        "at_hash": half_hash(access_token),
    }
    if nonce:
        claims["nonce"] = nonce
    return signed(signer, TYPE, claims)


def subject_of(token: str, keys: Iterable[PublicKey], settings: Settings, *, client_id: str, now: float) -> str:
    """Return `sub` of an ID token that this server issued to the app, expired or not (§3.1.2.1, `id_token_hint`).

    Raises InvalidToken for any other token.
    """
    kid = key_id(token, TYPE)
    verifiers = {each.kid: Verifier.of(each) for each in keys if each.kid == kid}
    payload, _ = authentic(token, TYPE, verifiers, now)
    try:
        claims = json.loads(from_base64url(payload))
        of_here = (claims["iss"], claims["aud"]) == (settings.issuer, client_id)
        sub = claims["sub"]
    except (ValueError, KeyError, TypeError, RecursionError):
        of_here, sub = False, None
    if not of_here or not isinstance(sub, str):
        raise InvalidToken(_NOT_VALID, reason="an ID token of another app or server")
    return sub


def half_hash(token: str) -> str:
    """Return the left half of a token's SHA-256 (§3.1.3.6), the hash of RS256 and of ES256."""
    return base64url(hashlib.sha256(token.encode("ascii")).digest()[:16])
