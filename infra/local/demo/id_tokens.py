"""The demo app's verification of ID tokens and logout tokens, with PyJWT and the server's published keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt

_LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


class NotGenuine(Exception):
    """The token is not one of the server for this app; the text says why."""


def id_token_claims(token: str, jwks: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str) -> dict[str, Any]:
    """Return the claims of an ID token (OpenID Connect Core §3.1.3.7). Raises NotGenuine."""
    claims = _claims(token, jwks, "JWT", issuer, client_id)
    if claims.get("nonce") != nonce:
        raise NotGenuine("the nonce is of another sign-in")
    return claims


def logout_token_claims(token: str, jwks: Mapping[str, Any], *, issuer: str, client_id: str) -> dict[str, Any]:
    """Return the claims of a logout token (OpenID Connect Back-Channel Logout §2.6). Raises NotGenuine."""
    claims = _claims(token, jwks, "logout+jwt", issuer, client_id)
    if "nonce" in claims or not isinstance(claims.get("jti"), str):
        raise NotGenuine("a logout token has a jti and no nonce")
    if _LOGOUT not in (claims.get("events") or {}) or not {"sub", "sid"} & claims.keys():
        raise NotGenuine("the token ends no session")
    return claims


def _claims(token: str, jwks: Mapping[str, Any], kind: str, issuer: str, client_id: str) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
        if header.get("typ") != kind:
            raise NotGenuine(f"the type of the token is not {kind}")
        key = jwt.PyJWKSet.from_dict(dict(jwks))[header.get("kid", "")]
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=client_id,
            issuer=issuer,
            options={"require": ["iss", "aud", "iat", "exp"]},
            leeway=30,
        )
    except (jwt.PyJWTError, KeyError) as error:
        raise NotGenuine(f"{type(error).__name__}: {error}") from error
    return claims
