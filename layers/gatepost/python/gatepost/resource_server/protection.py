"""The scopes that an API's routes require, shared by authorizers and the decorators inside a function.

The construct `gatepost_cdk.GatepostAuthorizer` writes them into the environment (`to_env`), and `from_env` reads them
there. Without these variables it is Gatepost's own API, whose routes are in `routes`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gatepost import routes
from gatepost.errors import InsufficientScope
from gatepost.quoting import quoted
from gatepost.resource_server.bearer import Challenger, bearer_token
from gatepost.scope import Scope, parse_scope
from gatepost.settings import Settings

if TYPE_CHECKING:
    from gatepost.tokens.access_token import Claims  # has cryptography, which a CDK app does not need

INSUFFICIENT = "the token does not have the scope for this"
ROUTES, REALM, RESOURCE_METADATA = "GATEPOST_ROUTES", "GATEPOST_REALM", "GATEPOST_RESOURCE_METADATA"


class TokenWatch(Protocol):
    """Verifies tokens: `tokens.revocation_list.Watch` or `resource_server.issuer_keys.IssuerWatch`."""

    def claims(self, token: str, now: float, audience: str | None = None) -> Claims:
        """For `audience`, or the settings' own. Raises InvalidToken, or TemporarilyUnavailable if it can't be known."""


class Protection(NamedTuple):
    """The routes of one API and the parameters of its challenges."""

    realm: str = "gatepost"
    resource_metadata: str = ""
    routes: Mapping[str, Scope] | None = None  # by route key, "GET /reports/{id}"; None: Gatepost's own

    @property
    def challenger(self) -> Challenger:
        """The writer of this API's `WWW-Authenticate`."""
        return Challenger(realm=self.realm, resource_metadata=self.resource_metadata)

    def required_scope(self, route_key: str) -> Scope:
        """Return the scope that a route requires. Raises KeyError for an unprotected route; the caller must deny."""
        return routes.required_scope(route_key) if self.routes is None else self.routes[route_key]

    def required_audience(self, route_key: str, settings: Settings) -> str:
        """Return the audience of tokens for a route: one API has one, except Gatepost's own. Raises KeyError."""
        if self.routes is None:
            return routes.required_audience(route_key, issuer=settings.issuer, audience=settings.audience)
        return settings.audience

    def to_env(self) -> dict[str, str]:
        """Return the environment variables that `from_env` reads. Routes are grouped by scope, which many share."""
        variables = {REALM: self.realm, RESOURCE_METADATA: self.resource_metadata}
        if self.routes is not None:
            by_scope: dict[str, list[str]] = {}
            for key, scope in self.routes.items():
                by_scope.setdefault(str(scope), []).append(key)
            variables[ROUTES] = json.dumps(by_scope, separators=(",", ":"))
        return variables

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Protection:
        """Read the protection that the construct wrote."""
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
    """Return the claims of the token in the Authorization headers, if it holds every scope of `needed`.

    It must be for `audience`, or the settings' own if that is None.
    Raises NoToken, InvalidRequest, InvalidToken, InsufficientScope, or TemporarilyUnavailable.
    """
    claims = watch.claims(bearer_token(authorization), now, audience)
    if not needed <= claims.scope and not needed <= settings.reach(claims.scope):
        reason = f"needs {quoted(str(needed))}, has {quoted(str(claims.scope)) or 'none'}"
        raise InsufficientScope(INSUFFICIENT, reason=reason, client_id=claims.client_id)
    return claims


def facts(claims: Claims) -> dict[str, str]:
    """Return the token's facts for a route, as strings, the only type that API Gateway passes on.

    Claims of the deployment's own, if there are any, are one text of JSON.
    """
    more = {"claims": json.dumps(dict(claims.more), separators=(",", ":"))} if claims.more else {}
    return {
        "sub": claims.sub,
        "client_id": claims.client_id,
        "scope": str(claims.scope),
        "grant_id": claims.grant_id,
        **more,
    }
