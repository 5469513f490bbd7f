"""Access tokens: JWTs according to RFC 9068, signed with a pinned algorithm (RFC 8725 §3.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from gatepost.compact_json import compact
from gatepost.errors import InvalidToken
from gatepost.identifiers import base64url, from_base64url, new_secret
from gatepost.model.feed import PublicKey
from gatepost.quoting import quoted
from gatepost.scope import Scope
from gatepost.settings import Settings
from gatepost.tokens.handles import claimed, read_handles
from gatepost.tokens.jws import PrivateKey, PublicHalf, is_genuine, public_half, sign

TYPE = "at+jwt"
LONGEST = 8000
_NOT_VALID = "the token is not valid"
_TEXTS = ("sub", "client_id", "scope", "jti")
_OWN = frozenset((*_TEXTS, "iss", "aud", "iat", "exp", "nbf", "grant_id", "handles"))


class Signer(NamedTuple):
    """A loaded private key."""

    kid: str
    alg: str
    key: PrivateKey
    handle_key: bytes = b""  # its tokens carry handles (`handles`), if there is one


class Verifier(NamedTuple):
    """A loaded public key, its only algorithm, and the time from which its signatures are rejected."""

    alg: str
    key: PublicHalf
    until: float

    @classmethod
    def of(cls, public: PublicKey) -> Verifier:
        """Return the verifier for a key of the JWK Set. Raises ValueError unless it is an RS256 or ES256 key."""
        jwk = json.loads(public.jwk)
        key = public_half(jwk)
        return cls(alg=jwk["alg"], key=key, until=public.until)


class Claims(NamedTuple):
    """The claims of a verified access token."""

    sub: str
    client_id: str
    scope: Scope
    jti: str
    iat: int
    exp: int
    grant_id: str  # "" if no user granted it (client_credentials)
    kid: str
    nbf: int = 0  # ours have none
    aud: tuple[str, ...] = ()
    handles: tuple[int, ...] = ()  # what the published list calls its app and user
    more: Mapping[str, object] = MappingProxyType({})  # of the deployment's own (`custom_claims`)


def issue_access_token(
    signer: Signer,
    settings: Settings,
    more: Mapping[str, object] = MappingProxyType({}),
    /,
    *,
    sub: str,
    client_id: str,
    scope: Scope,
    grant_id: str,
    lifetime: int,
    now: float,
    audience: str,
) -> str:
    """A signed token (RFC 9068 §2) that lives `lifetime` seconds; `more` replaces none of the server's claims."""
    claims: dict[str, object] = {
        **more,
        "iss": settings.issuer,
        "sub": sub,
        "aud": audience,
        "client_id": client_id,
        "scope": str(scope),
        "jti": new_secret(),
        "iat": int(now),
        "exp": int(now) + lifetime,
        **({"grant_id": grant_id} if grant_id else {}),
        **({"handles": claimed(signer.handle_key, client_id=client_id, sub=sub)} if signer.handle_key else {}),
    }
    return signed(signer, TYPE, claims)


def signed(signer: Signer, kind: str, claims: Mapping[str, object]) -> str:
    """Return a signed JWT whose `typ` is `kind`."""
    signing_input = f"{_header(signer.alg, signer.kid, kind)}.{base64url(compact(claims).encode())}"
    return f"{signing_input}.{base64url(sign(signer.key, signing_input.encode()))}"


@lru_cache(maxsize=16)
def _header(alg: str, kid: str, kind: str) -> str:
    return base64url(compact({"alg": alg, "typ": kind, "kid": kid}).encode())


def key_id(token: str, kind: str = TYPE) -> str:
    """Return the `kid` of an unverified token, to look up its key.

    Raises InvalidToken if it is not a JWT whose `typ` is `kind`. Other headers that name a key are never read (RFC 8725
    §3.10).
    """
    return _header_of(token, kind)[1]


def verify_access_token(token: str, verifiers: Mapping[str, Verifier], settings: Settings, now: float) -> Claims:
    """The claims of a genuine token for the server's own audience, as `genuine_claims` and `check_audience` find them.

    Raises InvalidToken otherwise, with the same description for every cause.
    """
    claims = genuine_claims(token, verifiers, settings, now)
    check_audience(claims, settings.audience)
    return claims


def check_audience(claims: Claims, audience: str) -> None:
    """Raise InvalidToken for the claims of a token that is for other audiences (RFC 9068 §4, RFC 7519 §4.1.3)."""
    if audience not in claims.aud:
        told = f"is for {quoted(' '.join(claims.aud))}, needed is {quoted(audience)}"
        raise InvalidToken(_NOT_VALID, reason=f"another audience: {told}", client_id=claims.client_id)


def genuine_claims(token: str, verifiers: Mapping[str, Verifier], settings: Settings, now: float) -> Claims:
    """The claims of a genuine token that is not expired (RFC 9068 §4), whatever its audience.

    Whether it was revoked is not asked here. Raises InvalidToken otherwise.
    """
    payload, kid = authentic(token, TYPE, verifiers, now)
    claims = _claims(payload, kid, settings)
    _check_times(claims, settings.clock_leeway, now)
    return claims


def authentic(token: str, kind: str, verifiers: Mapping[str, Verifier], now: float) -> tuple[str, str]:
    """Return the payload, encoded, and `kid` of a JWT whose `typ` is `kind` and whose signature is genuine.

    Raises InvalidToken otherwise.
    """
    alg, kid = _header_of(token, kind)
    verifier = verifiers.get(kid)
    if verifier is None or verifier.until <= now:
        raise _refused("unknown kid")
    if alg != verifier.alg:
        raise _refused("another algorithm")
    signing_input, _, signature = token.rpartition(".")
    try:
        genuine = is_genuine(verifier.key, from_base64url(signature), signing_input.encode("ascii"))
    except ValueError:
        raise _refused("not base64url") from None
    if not genuine:
        raise _refused("signature")
    return signing_input.partition(".")[2], kid


def still_good(claims: Claims, verifiers: Mapping[str, Verifier], settings: Settings, now: float) -> None:
    """Raise InvalidToken unless the key and times of previously verified claims are still valid."""
    verifier = verifiers.get(claims.kid)
    if verifier is None or verifier.until <= now:
        raise _refused("unknown kid")
    _check_times(claims, settings.clock_leeway, now)


def _check_times(claims: Claims, leeway: int, now: float) -> None:
    if claims.exp <= now - leeway:
        raise _refused("expired")
    if max(claims.iat, claims.nbf) > now + leeway:
        raise _refused("from the future")


def _header_of(token: str, kind: str) -> tuple[object, str]:
    """Return `alg` and `kid` of a JWS in compact form."""
    if len(token) > LONGEST:
        raise _refused("too long")
    if token.count(".") != 2:
        raise _refused("no JWT")
    return _read_header(token.partition(".")[0], kind)


@lru_cache(maxsize=64)  # the header is the same in every token by a key
def _read_header(text: str, kind: str) -> tuple[object, str]:
    try:
        header = json.loads(from_base64url(text))
    except (ValueError, RecursionError):
        raise _refused("no JWT header") from None
    if not isinstance(header, dict) or header.get("typ") != kind or "crit" in header or "b64" in header:
        raise _refused("not a header of ours")
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise _refused("not a header of ours")
    return header.get("alg"), kid


def _claims(text: str, kid: str, settings: Settings) -> Claims:
    try:
        claims = json.loads(from_base64url(text))
    except (ValueError, RecursionError):
        raise _refused("no claims") from None
    if not isinstance(claims, dict) or not all(isinstance(claims.get(name), str) for name in _TEXTS):
        raise _refused("a claim is missing or no string")
    if "cnf" in claims:  # proof of possession of the key would be required (RFC 7800 §3.1), and is not supported
        raise _refused("bound to a key")
    if claims.get("iss") != settings.issuer:
        raise _refused("another issuer")
    iat, exp, nbf = _seconds(claims.get("iat")), _seconds(claims.get("exp")), _seconds(claims.get("nbf", 0))
    grant_id = claims.get("grant_id", "")
    return Claims(
        sub=claims["sub"],
        client_id=claims["client_id"],
        scope=Scope(filter(None, claims["scope"].split(" "))),
        jti=claims["jti"],
        iat=iat,
        exp=exp,
        grant_id=grant_id if isinstance(grant_id, str) else "",
        kid=kid,
        nbf=nbf,
        aud=_audiences(claims.get("aud")),
        handles=read_handles(claims.get("handles")),
        more={name: value for name, value in claims.items() if name not in _OWN},
    )


def _audiences(found: object) -> tuple[str, ...]:
    """The audiences of a token: one, or several in a list (RFC 7519 §4.1.3)."""
    audiences = found if isinstance(found, list) else [found]
    if not all(isinstance(each, str) for each in audiences):
        raise _refused("another audience")
    return tuple(audiences)


def _seconds(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _refused("a time is missing or no integer")
    return value


def _refused(reason: str) -> InvalidToken:
    return InvalidToken(_NOT_VALID, reason=reason)
