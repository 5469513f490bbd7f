"""Access tokens: JWTs as RFC 9068 describes them, signed with a pinned algorithm (RFC 8725 §3.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.types import Options

from gatepost.errors import InvalidToken
from gatepost.model import PublicKey, new_secret
from gatepost.scope import Scope
from gatepost.settings import Settings
from gatepost.tokens.keys import PrivateKey

TYPE = "at+jwt"
LONGEST = 8000
_TEXTS = ("iss", "sub", "client_id", "scope", "jti")
# times are checked here, against the caller's clock
_OPTIONS: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": ["exp", "iat"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A loaded private key."""

    kid: str
    alg: str
    key: PrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """A loaded public key and the one algorithm it is for."""

    alg: str
    key: Any  # what PyJWT takes: an RSA or EC public key

    @classmethod
    def of(cls, public: PublicKey) -> Verifier:
        """The verifier for a key of the JWK Set."""
        jwk = json.loads(public.jwk)
        return cls(alg=jwk["alg"], key=jwt.PyJWK(jwk, algorithm=jwk["alg"]).key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What an access token says, after it was verified."""

    sub: str
    client_id: str
    scope: Scope
    jti: str
    iat: int
    exp: int
    grant_id: str  # "" where no user granted anything (client_credentials)
    kid: str


def issue_access_token(
    signer: Signer,
    settings: Settings,
    *,
    sub: str,
    client_id: str,
    scope: Scope,
    grant_id: str,
    lifetime: int,
    now: float,
) -> str:
    """A signed token that lives `lifetime` seconds (RFC 9068 §2)."""
    claims: dict[str, object] = {
        "iss": settings.issuer,
        "sub": sub,
        "aud": settings.audience,
        "client_id": client_id,
        "scope": str(scope),
        "jti": new_secret(),
        "iat": int(now),
        "exp": int(now) + lifetime,
    }
    if grant_id:
        claims["grant_id"] = grant_id
    return jwt.encode(claims, signer.key, algorithm=signer.alg, headers={"kid": signer.kid, "typ": TYPE})


def key_id(token: str) -> str:
    """The `kid` that an unverified token names, to look its key up.

    Raises InvalidToken if this is no JWT of our type. No other header that names a key is ever read (RFC 8725 §3.10).
    """
    if len(token) > LONGEST:
        raise InvalidToken("the token is not valid", reason="too long")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise InvalidToken("the token is not valid", reason="no JWT header") from error
    kid = header.get("kid")
    if header.get("typ") != TYPE or not isinstance(kid, str) or "crit" in header:
        raise InvalidToken("the token is not valid", reason="not a header of ours")
    return kid


def verify_access_token(token: str, verifiers: Mapping[str, Verifier], settings: Settings, now: float) -> Claims:
    """The claims of a genuine token that is not expired (RFC 9068 §4); whether it was revoked is not asked here.

    Raises InvalidToken otherwise, with the same description for every cause.
    """
    kid = key_id(token)
    verifier = verifiers.get(kid)
    if verifier is None:
        raise InvalidToken("the token is not valid", reason="unknown kid")
    try:
        claims = jwt.decode(
            token,
            verifier.key,
            algorithms=[verifier.alg],
            audience=settings.audience,
            issuer=settings.issuer,
            options=_OPTIONS,
        )
    except (jwt.PyJWTError, ValueError) as error:
        raise InvalidToken("the token is not valid", reason=type(error).__name__) from error
    if not all(isinstance(claims.get(name), str) for name in _TEXTS):
        raise InvalidToken("the token is not valid", reason="a claim is missing or no string")
    _check_times(claims, settings.clock_leeway, now)
    grant_id = claims.get("grant_id", "")
    return Claims(
        sub=claims["sub"],
        client_id=claims["client_id"],
        scope=Scope(claims["scope"].split()),
        jti=claims["jti"],
        iat=claims["iat"],
        exp=claims["exp"],
        grant_id=grant_id if isinstance(grant_id, str) else "",
        kid=kid,
    )


def _check_times(claims: Mapping[str, object], leeway: int, now: float) -> None:
    exp, iat, nbf = (_seconds(claims.get(name, 0)) for name in ("exp", "iat", "nbf"))
    if exp <= now - leeway:
        raise InvalidToken("the token is not valid", reason="expired")
    if max(iat, nbf) > now + leeway:
        raise InvalidToken("the token is not valid", reason="from the future")


def _seconds(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidToken("the token is not valid", reason="a time is no integer")
    return value
