"""API Gateway's own JWT authorizer of HTTP APIs.

API Gateway Developer Guide, "Control access to HTTP APIs with JWT authorizers": the steps and the claims, and that
`client_id` counts only without `aud`. "Troubleshooting issues with HTTP API JWT authorizers" shows the only challenge
that AWS documents: its form is used for every rejected token, with our own text where AWS shows none.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

import jwt

from infra.local.apigateway.deployed_api import JwtAuthorizer

_KEYS_KEPT = 2 * 60 * 60.0  # "API Gateway can cache the public key for two hours"
_FETCH_SECONDS = 10.0


class TokenRefused(Exception):
    """The token is rejected; the text goes into the challenge. Empty if there was no token."""


class JwtCheck:
    """The JWT check of one authorizer."""

    def __init__(self, authorizer: JwtAuthorizer, clock: Callable[[], float] = time.time) -> None:
        """Take a `clock` in epoch seconds."""
        self._authorizer = authorizer
        self._clock = clock
        self._keys: dict[str, Any] = {}
        self._fetched = 0.0
        self._lock = threading.Lock()

    def claims(self, header: str) -> dict[str, Any]:
        """Return the claims of the token in the header, bare or after `Bearer `. Raises TokenRefused."""
        scheme, _, rest = header.partition(" ")
        token = rest.strip(" ") if scheme.lower() == "bearer" else header
        if not token:
            raise TokenRefused("")
        try:
            named = jwt.get_unverified_header(token)
            if named.get("alg") != "RS256":
                raise TokenRefused("the token is signed with an algorithm that is not supported")
            # Times are compared below, without leeway and with this authorizer's clock.
            claims: dict[str, Any] = jwt.decode(
                token,
                key=self._key(named.get("kid")),
                algorithms=["RS256"],
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False},
            )
        except jwt.PyJWTError as error:
            raise TokenRefused("the token is not valid") from error
        self._check_claims(claims)
        return claims

    def _check_claims(self, claims: Mapping[str, Any]) -> None:
        if claims.get("iss") != self._authorizer.issuer:
            raise TokenRefused("the issuer does not match")
        named = claims["aud"] if "aud" in claims else claims.get("client_id", ())
        if not set([named] if isinstance(named, str) else named) & set(self._authorizer.audience):
            raise TokenRefused("the token does not have a valid audience")
        now = self._clock()
        if not _is_time(claims.get("exp")) or claims["exp"] <= now:
            raise TokenRefused("the token has expired")
        for name in ("nbf", "iat"):
            if name in claims and (not _is_time(claims[name]) or claims[name] > now):
                raise TokenRefused("the token is not valid yet")

    def _key(self, key_id: Any) -> Any:
        """Return the issuer's key with this id. Raises TokenRefused."""
        with self._lock:
            if key_id not in self._keys or self._clock() - self._fetched > _KEYS_KEPT:
                self._keys = _fetch_keys(self._authorizer.issuer)
                self._fetched = self._clock()
            if key_id not in self._keys:
                raise TokenRefused("the token is not signed with a key of the issuer")
            return self._keys[key_id]


def scopes_of(claims: Mapping[str, Any]) -> list[str]:
    """Return the scopes of a token: `scope`, or else `scp`, as a string or a list."""
    said = claims.get("scope", claims.get("scp", ""))
    return said.split(" ") if isinstance(said, str) else [str(each) for each in said]


def as_event(claims: Mapping[str, Any], scopes: list[str] | None) -> dict[str, Any]:
    """Return `requestContext.authorizer.jwt` for the function: every claim as a string, lists as `[a b]`."""
    return {"claims": {name: _text(value) for name, value in claims.items()}, "scopes": scopes}


def challenge(refused: TokenRefused) -> str:
    """Return the value of `www-authenticate` of a 401."""
    text = str(refused)
    return f'Bearer scope="" error="invalid_token" error_description="{text}"' if text else "Bearer"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{' '.join(_text(each) for each in value)}]"
    return value if isinstance(value, str) else json.dumps(value)


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fetch_keys(issuer: str) -> dict[str, Any]:
    """Return the issuer's RSA keys by id. Raises TokenRefused unless it responds according to OpenID Connect."""
    try:
        described = _fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        keys = _fetch(described["jwks_uri"])["keys"]
        return {each["kid"]: jwt.PyJWK(each, "RS256").key for each in keys if each.get("kty") == "RSA"}
    except (OSError, ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
        raise TokenRefused("the keys of the issuer could not be read") from error


def _fetch(address: str) -> Any:
    if not address.startswith(("https://", "http://localhost:", "http://127.0.0.1:")):
        raise ValueError("an issuer is reached by https, or on this machine")
    with urllib.request.urlopen(address, timeout=_FETCH_SECONDS) as answer:  # noqa: S310
        return json.load(answer)
