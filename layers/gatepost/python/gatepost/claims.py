"""The contract of a deployment's `claims.py`: the facts that its functions take, and the names that they may not use.

    from gatepost.claims import TokenFacts, UserinfoFacts

    def token_claims(facts: TokenFacts) -> dict[str, object]: ...

    def userinfo_claims(facts: UserinfoFacts) -> dict[str, object]: ...

Both may be absent. They do no I/O. Facts only gain fields within a `version`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# Stated only as the account has them (OpenID Connect Core §5.1).
ACCOUNT = frozenset(("name", "preferred_username", "email", "email_verified"))
RESERVED = frozenset(
    (
        *("iss", "sub", "aud", "exp", "iat", "nbf", "jti", "typ", "cnf", "act", "may_act"),  # RFC 7519, 7800 and 8693
        *("scope", "client_id", "grant_id", "handles"),  # RFC 9068, and of this server
        *("auth_time", "nonce", "acr", "amr", "azp", "sid", "at_hash", "c_hash", "s_hash"),  # OpenID Connect Core §2
        *("sub_jwk", "_claim_names", "_claim_sources"),  # §5.6.2, §7.4
        *("events", "toe", "txn", "sub_id"),  # RFC 8417, back-channel logout
        *("active", "username", "token_type"),  # RFC 7662 §2.2
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """The facts about a user and an app that both functions get; without a user, all of the user's are empty."""

    version: int = 1
    user_id: str = ""  # `sub`; "" for a token of the app's own (client_credentials)
    user_name: str = ""
    email: str = ""
    email_verified: bool = False
    groups: tuple[str, ...] = ()
    client_id: str
    scope: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFacts(_Facts):
    """The facts about a token that is going to be issued."""

    kind: Literal["access_token", "id_token"]
    grant_type: str  # authorization_code, refresh_token, password, client_credentials or implicit
    audience: str  # `aud` of the token; of an ID token the client_id
    app_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserinfoFacts(_Facts):
    """The facts about a request to the userinfo endpoint."""


def account_claims(facts: TokenFacts | UserinfoFacts) -> dict[str, object]:
    """Return the claims of `ACCOUNT` as the account has them."""
    return {
        "name": facts.user_name,
        "preferred_username": facts.user_name,
        "email": facts.email,
        "email_verified": facts.email_verified,
    }
