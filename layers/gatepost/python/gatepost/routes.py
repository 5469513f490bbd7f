"""The routes of the deployment: the one place where paths are written.

The stack builds the API from this table, the metadata document its endpoints, the authorizer its scope rules.
"""

from __future__ import annotations

from dataclasses import dataclass

from gatepost.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route of the HTTP API and the function behind it."""

    method: str
    path: str
    function: str  # a folder of functions/
    protected: bool = False  # behind the authorizer
    scope: Scope = Scope()  # what the token must hold, every name of it
    demo: bool = False  # deployed only when cdk.json asks for the demo
    rate: int = 100  # requests a second that API Gateway lets through
    burst: int = 200

    @property
    def key(self) -> str:
        """The `routeKey` of API Gateway, `"GET /demo/read"`."""
        return f"{self.method} {self.path}"


AUTHORIZE = Route(method="GET", path="/developer/auth", function="authorize")
CONSENT = Route(method="POST", path="/developer/auth", function="consent")
TOKEN = Route(method="POST", path="/authorization/token", function="token")
REVOKE = Route(method="POST", path="/authorization/revoke", function="revoke")
INTROSPECT = Route(method="POST", path="/authorization/introspect", function="introspect")
WHOAMI = Route(method="GET", path="/authorization/whoami", function="whoami", protected=True)
METADATA = Route(method="GET", path="/.well-known/oauth-authorization-server", function="metadata")
JWKS = Route(method="GET", path="/.well-known/jwks.json", function="metadata")
HOME = Route(method="GET", path="/developer", function="console")
LOGIN_PAGE = Route(method="GET", path="/developer/login", function="console")
LOGIN = Route(method="POST", path="/developer/login", function="console", rate=20, burst=40)
LOGOUT = Route(method="POST", path="/developer/logout", function="console")
REGISTER_PAGE = Route(method="GET", path="/developer/register", function="console")
REGISTER = Route(method="POST", path="/developer/register", function="console", rate=20, burst=40)
DEMO_READ = Route(method="GET", path="/demo/read", function="demo", protected=True, scope=Scope.of("read"), demo=True)
DEMO_WRITE = Route(
    method="GET", path="/demo/write", function="demo", protected=True, scope=Scope.of("write"), demo=True
)

ROUTES: tuple[Route, ...] = (
    AUTHORIZE,
    CONSENT,
    TOKEN,
    REVOKE,
    INTROSPECT,
    WHOAMI,
    METADATA,
    JWKS,
    HOME,
    LOGIN_PAGE,
    LOGIN,
    LOGOUT,
    REGISTER_PAGE,
    REGISTER,
    DEMO_READ,
    DEMO_WRITE,
)


def deployed_routes(*, demo: bool) -> tuple[Route, ...]:
    """The routes of a deployment, with or without the demo API."""
    return tuple(route for route in ROUTES if demo or not route.demo)


def required_scope(route_key: str) -> Scope:
    """What a token must hold on a route, by API Gateway's `routeKey`.

    Raises KeyError for a route that is not protected or not in the table: the caller must deny.
    """
    return _PROTECTED[route_key]


_PROTECTED = {route.key: route.scope for route in ROUTES if route.protected}
