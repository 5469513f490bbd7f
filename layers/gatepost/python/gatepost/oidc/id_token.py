"""ID tokens (OpenID Connect Core §2): who signed in, when and how, for the app alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gatepost.errors import InvalidToken
from gatepost.identifiers import base64url, from_base64url
from gatepost.model.feed import PublicKey
from gatepost.model.records import App
from gatepost.oidc.user_claims import ACR, METHODS
from gatepost.settings import ID_TOKEN_ALGORITHMS, Settings
from gatepost.tokens.access_token import Signer, Verifier, authentic, key_id, signed

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


def id_token_algorithm(app: App) -> str:
    """Return the algorithm of the app's ID tokens and logout tokens."""
    return app.id_token_signed_response_alg or ID_TOKEN_ALGORITHMS[0]


class Hint(NamedTuple):
    """The user of an ID token, and the app that it was issued to."""

    sub: str
    client_id: str


def subject_of(token: str, keys: Iterable[PublicKey], settings: Settings, *, client_id: str, now: float) -> str:
    """Return `sub` of an ID token that this server issued to the app, expired or not (§3.1.2.1, `id_token_hint`).

    Raises InvalidToken for any other token.
    """
    hint = read_hint(token, keys, settings, now=now)
    if hint.client_id != client_id:
        raise InvalidToken(_NOT_VALID, reason="an ID token of another app")
    return hint.sub


def read_hint(token: str, keys: Iterable[PublicKey], settings: Settings, *, now: float) -> Hint:
    """Return what an `id_token_hint` says: an ID token that this server issued, expired or not.

    Raises InvalidToken for any other token.
    """
    kid = key_id(token, TYPE)
    verifiers = {each.kid: Verifier.of(each) for each in keys if each.kid == kid}
    payload, _ = authentic(token, TYPE, verifiers, now)
    try:
        claims = json.loads(from_base64url(payload))
        issuer, sub, client_id = claims["iss"], claims["sub"], claims["aud"]
    except (ValueError, KeyError, TypeError, RecursionError):
        issuer, sub, client_id = None, None, None
    if issuer != settings.issuer or not isinstance(sub, str) or not isinstance(client_id, str):
        raise InvalidToken(_NOT_VALID, reason="an ID token of another server")
    return Hint(sub=sub, client_id=client_id)


def half_hash(token: str) -> str:
    """Return the left half of a token's SHA-256 (§3.1.3.6), the hash of RS256 and of ES256."""
    return base64url(hashlib.sha256(token.encode("ascii")).digest()[:16])
