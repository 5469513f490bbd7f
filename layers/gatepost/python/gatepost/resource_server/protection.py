"""What protects an API: which token opens which route. The same for authorizers and for the guard in a function.

The construct `gatepost_cdk.GatepostAuthorizer` writes it into the environment (`to_env`), `from_env` reads it there.
Without these variables it is Gatepost's own API, whose routes stand in `routes`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gatepost import routes
from gatepost.errors import InsufficientScope
from gatepost.resource_server.bearer import Challenger, bearer_token
from gatepost.scope import Scope, parse_scope
from gatepost.settings import Settings

if TYPE_CHECKING:
    from gatepost.tokens.access_token import Claims  # with cryptography, which a CDK app has no use for

ROUTES, REALM, RESOURCE_METADATA = "GATEPOST_ROUTES", "GATEPOST_REALM", "GATEPOST_RESOURCE_METADATA"


class TokenWatch(Protocol):
    """What is known of keys and revocations: `tokens.revocations.Watch` or `tokens.issuer.IssuerWatch`."""

    def claims(self, token: str, now: float, audience: str | None = None) -> Claims:
        """For `audience`, or the settings' own. Raises InvalidToken, or TemporarilyUnavailable if it can't be known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """The routes of one API and its words for refusals."""

    realm: str = "gatepost"
    resource_metadata: str = ""
    routes: Mapping[str, Scope] | None = None  # by route key, "GET /reports/{id}"; None: Gatepost's own

    @property
    def challenger(self) -> Challenger:
        """Who writes `WWW-Authenticate` for this API."""
        return Challenger(realm=self.realm, resource_metadata=self.resource_metadata)

    def required_scope(self, route_key: str) -> Scope:
        """What a token must hold on a route. Raises KeyError for a route that is not protected: the caller denies."""
        return routes.required_scope(route_key) if self.routes is None else self.routes[route_key]

    def required_audience(self, route_key: str, settings: Settings) -> str:
        """Whom a token must be for on a route: one API has one audience, but for Gatepost's own. Raises KeyError."""
        if self.routes is None:
            return routes.required_audience(route_key, issuer=settings.issuer, audience=settings.audience)
        return settings.audience

    def to_env(self) -> dict[str, str]:
        """The environment variables that `from_env` reads. Routes stand by their scope: many have the same."""
        variables = {REALM: self.realm, RESOURCE_METADATA: self.resource_metadata}
        if self.routes is not None:
            by_scope: dict[str, list[str]] = {}
            for key, scope in self.routes.items():
                by_scope.setdefault(str(scope), []).append(key)
            variables[ROUTES] = json.dumps(by_scope, separators=(",", ":"))
        return variables

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Protection:
        """What the construct wrote."""
        text = environ.get(ROUTES)
        table = None
        if text is not None:
            table = {key: parse_scope(scope) for scope, keys in json.loads(text).items() for key in keys}
        return cls(
            realm=environ.get(REALM, "gatepost"),
            resource_metadata=environ.get(RESOURCE_METADATA, ""),
            routes=table,
        )


def admitted(
    authorization: Sequence[str],
    needed: Scope,
    *,
    watch: TokenWatch,
    settings: Settings,
    now: float,
    audience: str | None = None,
) -> Claims:
    """The claims of the token in the Authorization headers, if it opens what needs every scope of `needed`.

    It must be for `audience`, or the settings' own if that is None.
    Raises NoToken, InvalidRequest, InvalidToken, InsufficientScope, or TemporarilyUnavailable.
    """
    claims = watch.claims(bearer_token(authorization), now, audience)
    if not needed <= claims.scope and not needed <= settings.reach(claims.scope):
        raise InsufficientScope("the token does not have the scope for this", reason="scope")
    return claims


def facts(claims: Claims) -> dict[str, str]:
    """What a route learns of the token, as texts: API Gateway hands on nothing else."""
    return {
        "sub": claims.sub,
        "client_id": claims.client_id,
        "scope": str(claims.scope),
        "grant_id": claims.grant_id,
    }
