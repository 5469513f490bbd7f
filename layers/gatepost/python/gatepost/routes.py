"""The routes of the deployment; paths are written nowhere else.

The stack builds the API from this table, the metadata document its endpoints, the authorizer its scope rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from gatepost.scope import CONSUMER_ACCOUNT, CONSUMER_APPS, CONSUMER_GRANTS, Scope

GET, HEAD, ANY = "GET", "HEAD", "ANY"  # the last is API Gateway's word for every method


class Route(NamedTuple):
    """A route of the HTTP API and the function behind it."""

    method: str
    path: str
    function: str  # a folder of functions/
    protected: bool = False  # opens to a bearer token
    checks_itself: bool = False  # the function checks the token, and not the authorizer: errors have a challenge
    scope: Scope = Scope()  # what the token must hold, every name of it
    resource: str = ""  # the path of the issuer that the token must be for (RFC 8707); "": the server's own audience
    acts: bool = False  # a GET does more than to show something, so that HEAD has no route
    demo: bool = False  # deployed only when cdk.json asks for the demo
    any_origin: bool = False  # scripts of every origin may read it: never set this where a cookie opens something
    rate: int = 100  # requests a second that API Gateway lets through
    burst: int = 200

    def at(self, **parameters: str) -> str:
        """Return the path with its parameters filled in and percent-encoded."""
        return self.path.format(**{name: quote(value, safe="") for name, value in parameters.items()})

    @property
    def has_authorizer(self) -> bool:
        """Whether API Gateway asks the authorizer first."""
        return self.protected and not self.checks_itself

    @property
    def key(self) -> str:
        """API Gateway's `routeKey`, `"GET /demo/read"`."""
        return f"{self.method} {self.path}"


AUTHORIZE = Route(method="GET", path="/developer/auth", function="authorize", acts=True)
CONSENT = Route(method="POST", path="/developer/auth", function="consent")
TOKEN = Route(method="POST", path="/authorization/token", function="token", any_origin=True)
REVOKE = Route(method="POST", path="/authorization/revoke", function="revoke", rate=20, burst=40, any_origin=True)
INTROSPECT = Route(method="POST", path="/authorization/introspect", function="introspect")
WHOAMI = Route(method="GET", path="/authorization/whoami", function="whoami", protected=True, any_origin=True)
USERINFO = Route(
    method="GET",
    path="/authorization/userinfo",
    function="userinfo",
    protected=True,
    checks_itself=True,
    any_origin=True,
)
POST_USERINFO = USERINFO._replace(method="POST")
OPENID_LOGOUT = Route(method="GET", path="/authorization/logout", function="logout", acts=True, rate=20, burst=40)
POST_OPENID_LOGOUT = OPENID_LOGOUT._replace(method="POST")
REGISTER_APP = Route(
    method="POST", path="/authorization/register", function="register_app", rate=20, burst=40, any_origin=True
)
REGISTERED_APP = REGISTER_APP._replace(method="GET", path="/authorization/register/{client_id}")
CHANGE_REGISTERED_APP = REGISTERED_APP._replace(method="PUT")
DELETE_REGISTERED_APP = REGISTERED_APP._replace(method="DELETE")
_PROTOCOL = (AUTHORIZE, CONSENT, TOKEN, REVOKE, INTROSPECT, WHOAMI)
_OPENID = (USERINFO, POST_USERINFO, OPENID_LOGOUT, POST_OPENID_LOGOUT)
_REGISTRATION = (REGISTER_APP, REGISTERED_APP, CHANGE_REGISTERED_APP, DELETE_REGISTERED_APP)

METADATA = Route(method="GET", path="/.well-known/oauth-authorization-server", function="metadata", any_origin=True)
OPENID_METADATA = Route(method="GET", path="/.well-known/openid-configuration", function="metadata", any_origin=True)
JWKS = Route(method="GET", path="/.well-known/jwks.json", function="metadata", any_origin=True)
# APIs read them, not browsers. Requests cost no reads; these limits leave the other routes room.
REVOCATION_LIST = Route(method="GET", path="/.well-known/revocations", function="metadata", rate=50, burst=100)
REVOCATION_SEGMENT = REVOCATION_LIST._replace(path="/.well-known/revocations/{name}")
APP_LOGO = Route(method="GET", path="/developer/logo/{client_id}/{digest}", function="metadata")
_PUBLISHED = (METADATA, OPENID_METADATA, JWKS, REVOCATION_LIST, REVOCATION_SEGMENT, APP_LOGO)

ROOT = Route(method="GET", path="/", function="console")
# Where no other route fits; the first does not match the root.
UNKNOWN = Route(method=ANY, path="/{page+}", function="console", rate=20, burst=40)
UNKNOWN_AT_ROOT = UNKNOWN._replace(path="/")
# The key of earlier releases: API Gateway updates no stage that has settings of a route that is gone.
UNKNOWN_BY_GET = UNKNOWN._replace(method=GET, acts=True)
HOME = Route(method="GET", path="/developer", function="console")
LOGIN_PAGE = Route(method="GET", path="/developer/login", function="console")
LOGIN = Route(method="POST", path="/developer/login", function="console", rate=20, burst=40)
LOGOUT = Route(method="POST", path="/developer/logout", function="console")
GOODBYE = Route(method="GET", path="/developer/goodbye", function="console")
FORGOTTEN_PAGE = Route(method="GET", path="/developer/forgotten", function="recovery")
FORGOTTEN = Route(method="POST", path="/developer/forgotten", function="recovery", rate=5, burst=10)
RESET_PAGE = Route(method="GET", path="/developer/reset", function="recovery")
RESET = Route(method="POST", path="/developer/reset", function="recovery", rate=20, burst=40)
CONFIRM_PAGE = Route(method="GET", path="/developer/confirm", function="registration")
CONFIRM = Route(method="POST", path="/developer/confirm", function="registration", rate=20, burst=40)
REGISTER_PAGE = Route(method="GET", path="/developer/register", function="registration")
REGISTER = Route(method="POST", path="/developer/register", function="registration", rate=20, burst=40)
_SIGN_IN = (ROOT, UNKNOWN, UNKNOWN_AT_ROOT, UNKNOWN_BY_GET, HOME, LOGIN_PAGE, LOGIN, LOGOUT, GOODBYE)
_SIGN_UP = (REGISTER_PAGE, REGISTER, CONFIRM_PAGE, CONFIRM, FORGOTTEN_PAGE, FORGOTTEN, RESET_PAGE, RESET)

APPS_PAGE = Route(method="GET", path="/developer/apps", function="apps")
NEW_APP_PAGE = Route(method="GET", path="/developer/apps/new", function="apps")
CREATE_APP = Route(method="POST", path="/developer/apps", function="apps")
APP_PAGE = Route(method="GET", path="/developer/apps/{client_id}", function="apps")
APP_PROBLEMS_PAGE = Route(method="GET", path="/developer/apps/{client_id}/problems", function="apps")
APP_SECRETS_PAGE = Route(method="GET", path="/developer/apps/{client_id}/secrets", function="apps")
APP_TRY_PAGE = Route(method="GET", path="/developer/apps/{client_id}/try", function="apps")
EDIT_APP_PAGE = Route(method="GET", path="/developer/apps/{client_id}/edit", function="apps")
UPDATE_APP = Route(method="POST", path="/developer/apps/{client_id}/edit", function="apps")
CHANGE_LOGO = Route(method="POST", path="/developer/apps/{client_id}/logo", function="apps", rate=5, burst=10)
DELETE_APP = Route(method="POST", path="/developer/apps/{client_id}/delete", function="apps")
NEW_SECRET = Route(method="POST", path="/developer/apps/{client_id}/secrets", function="apps")
SECRET_PAGE = Route(method="GET", path="/developer/apps/{client_id}/secrets/{secret_id}", function="apps")
LABEL_SECRET = Route(method="POST", path="/developer/apps/{client_id}/secrets/{secret_id}", function="apps")
END_SECRET = Route(method="POST", path="/developer/apps/{client_id}/secrets/{secret_id}/end", function="apps")
_APPS = (APPS_PAGE, NEW_APP_PAGE, CREATE_APP, APP_PAGE, EDIT_APP_PAGE, UPDATE_APP, CHANGE_LOGO, DELETE_APP)
_APP_TABS = (APP_PROBLEMS_PAGE, APP_SECRETS_PAGE, APP_TRY_PAGE)
_SECRETS = (NEW_SECRET, SECRET_PAGE, LABEL_SECRET, END_SECRET)

GRANTS_PAGE = Route(method="GET", path="/developer/grants", function="connections")
REVOKE_GRANT = Route(method="POST", path="/developer/grants/{client_id}/revoke", function="connections")
REVOKE_GRANTS = Route(method="POST", path="/developer/grants/revoke", function="connections")
ACCOUNT_PAGE = Route(method="GET", path="/developer/account", function="account")
CHANGE_PASSWORD = Route(method="POST", path="/developer/account/password", function="account", rate=20, burst=40)
CHANGE_EMAIL = Route(method="POST", path="/developer/account/email", function="account", rate=20, burst=40)
END_SESSION = Route(method="POST", path="/developer/account/sessions/{session_id}/end", function="account")
SIGN_OUT_EVERYWHERE = Route(method="POST", path="/developer/account/sessions/end", function="account")
DELETE_ACCOUNT = Route(method="POST", path="/developer/account/delete", function="account")
_GRANTS = (GRANTS_PAGE, REVOKE_GRANT, REVOKE_GRANTS)
_ACCOUNT = (ACCOUNT_PAGE, CHANGE_PASSWORD, CHANGE_EMAIL, END_SESSION, SIGN_OUT_EVERYWHERE, DELETE_ACCOUNT)

ADMIN_OVERVIEW_PAGE = Route(method="GET", path="/developer/admin/overview", function="admin")
ADMIN_PAGE = Route(method="GET", path="/developer/admin", function="admin")  # the same as the next
ADMIN_USERS_PAGE = Route(method="GET", path="/developer/admin/users", function="admin")
ADMIN_USER_PAGE = Route(method="GET", path="/developer/admin/users/{user_id}", function="admin")
ADMIN_INVITE_PAGE = Route(method="GET", path="/developer/admin/users/new", function="admin")
ADMIN_INVITE = Route(method="POST", path="/developer/admin/users", function="admin", rate=5, burst=10)
ADMIN_SEND_RESET = ADMIN_INVITE._replace(path="/developer/admin/users/{user_id}/reset")
ADMIN_EXPORT_USER = ADMIN_INVITE._replace(path="/developer/admin/users/{user_id}/export")
ADMIN_CHANGE_USER = Route(method="POST", path="/developer/admin/users/{user_id}", function="admin")
ADMIN_END_SESSIONS = Route(method="POST", path="/developer/admin/users/{user_id}/sessions/end", function="admin")
ADMIN_END_SESSION = Route(
    method="POST", path="/developer/admin/users/{user_id}/sessions/{session_id}/end", function="admin"
)
ADMIN_DISCONNECT_ALL = Route(method="POST", path="/developer/admin/users/{user_id}/grants/revoke", function="admin")
ADMIN_DISCONNECT = Route(
    method="POST", path="/developer/admin/users/{user_id}/grants/{client_id}/revoke", function="admin"
)
ADMIN_APPS_PAGE = Route(method="GET", path="/developer/admin/apps", function="admin")
ADMIN_APP_PAGE = Route(method="GET", path="/developer/admin/apps/{client_id}", function="admin")
ADMIN_CHANGE_APP = Route(method="POST", path="/developer/admin/apps/{client_id}", function="admin")
ADMIN_REGISTERED_PAGE = Route(method="GET", path="/developer/admin/registered", function="admin")
ADMIN_CHANGE_REGISTERED = Route(method="POST", path="/developer/admin/registered", function="admin")
ADMIN_AUDIT_PAGE = Route(method="GET", path="/developer/admin/audit", function="admin")
ADMIN_AUDIT_PARTS_PAGE = Route(method="GET", path="/developer/admin/audit/export", function="admin")
ADMIN_AUDIT_FILE = Route(method="POST", path="/developer/admin/audit/export", function="admin", rate=5, burst=10)
_ADMIN_USERS = (ADMIN_OVERVIEW_PAGE, ADMIN_PAGE, ADMIN_USERS_PAGE, ADMIN_USER_PAGE, ADMIN_CHANGE_USER)
_ADMIN_ACCOUNTS = (ADMIN_INVITE_PAGE, ADMIN_INVITE, ADMIN_SEND_RESET, ADMIN_EXPORT_USER)
_ADMIN_ENDS = (ADMIN_END_SESSIONS, ADMIN_END_SESSION, ADMIN_DISCONNECT_ALL, ADMIN_DISCONNECT)
_ADMIN_APPS = (ADMIN_APPS_PAGE, ADMIN_APP_PAGE, ADMIN_CHANGE_APP, ADMIN_REGISTERED_PAGE, ADMIN_CHANGE_REGISTERED)
_ADMIN_AUDIT = (ADMIN_AUDIT_PAGE, ADMIN_AUDIT_PARTS_PAGE, ADMIN_AUDIT_FILE)

_OF_APPS: Mapping[str, Any] = {"function": "consumer", "protected": True, "scope": Scope.of(CONSUMER_APPS)}
_OF_GRANTS: Mapping[str, Any] = {**_OF_APPS, "scope": Scope.of(CONSUMER_GRANTS)}
_OF_ACCOUNT: Mapping[str, Any] = {**_OF_APPS, "scope": Scope.of(CONSUMER_ACCOUNT)}
API_APPS = Route(method="GET", path="/consumer/app", **_OF_APPS)
API_CREATE_APP = Route(method="POST", path="/consumer/app", **_OF_APPS)
API_APP = Route(method="GET", path="/consumer/app/{client_id}", **_OF_APPS)
API_CHANGE_APP = Route(method="PUT", path="/consumer/app/{client_id}", **_OF_APPS)
API_DELETE_APP = Route(method="DELETE", path="/consumer/app/{client_id}", **_OF_APPS)
API_CREATE_SECRET = Route(method="POST", path="/consumer/app/{client_id}/secret", **_OF_APPS)
API_END_SECRET = Route(method="DELETE", path="/consumer/app/{client_id}/secret/{secret_id}", **_OF_APPS)
API_GRANTS = Route(method="GET", path="/consumer/grant", **_OF_GRANTS)
API_END_GRANT = Route(method="DELETE", path="/consumer/grant/{client_id}", **_OF_GRANTS)
API_SCOPES = Route(method="GET", path="/consumer/scope", **_OF_APPS)
API_ACCOUNT = Route(method="GET", path="/consumer/account", **_OF_ACCOUNT)
API_REFERENCE = Route(method="GET", path="/consumer", function="consumer")
API_DOCUMENT = Route(method="GET", path="/consumer/openapi.json", function="consumer")
_API_APPS = (API_APPS, API_CREATE_APP, API_APP, API_CHANGE_APP, API_DELETE_APP, API_CREATE_SECRET, API_END_SECRET)
_API = (*_API_APPS, API_GRANTS, API_END_GRANT, API_SCOPES, API_ACCOUNT, API_REFERENCE, API_DOCUMENT)

_DEMO: Mapping[str, Any] = {"method": "GET", "function": "demo", "protected": True, "demo": True, "any_origin": True}
DEMO_READ = Route(path="/demo/read", scope=Scope.of("read"), **_DEMO)
DEMO_WRITE = Route(path="/demo/write", scope=Scope.of("write"), **_DEMO)
DEMO_NOTES = Route(path="/demo/notes", scope=Scope.of("read"), resource="/demo/notes", **_DEMO)

ROUTES: tuple[Route, ...] = (
    *_PROTOCOL,
    *_OPENID,
    *_REGISTRATION,
    *_PUBLISHED,
    *_SIGN_IN,
    *_SIGN_UP,
    *_APPS,
    *_APP_TABS,
    *_SECRETS,
    *_GRANTS,
    *_ACCOUNT,
    *_ADMIN_USERS,
    *_ADMIN_ACCOUNTS,
    *_ADMIN_ENDS,
    *_ADMIN_APPS,
    *_ADMIN_AUDIT,
    *_API,
    DEMO_READ,
    DEMO_WRITE,
    DEMO_NOTES,
)
# As GET, but for the content (RFC 9110 §9.3.2).
HEADS: tuple[Route, ...] = tuple(
    route._replace(method=HEAD) for route in ROUTES if route.method == GET and not route.acts
)
# Browsers send them before a request with a header of its own (CORS); the response does not depend on the route.
PREFLIGHTS: tuple[Route, ...] = tuple(
    Route(method="OPTIONS", path=path, function=METADATA.function, demo=demo)
    for path, demo in {route.path: route.demo for route in ROUTES if route.any_origin}.items()
)


def deployed_routes(*, demo: bool, preflights: bool = False) -> tuple[Route, ...]:
    """Return the routes of a deployment, with or without the demo API and those for preflight requests."""
    table = (*ROUTES, *HEADS, *(PREFLIGHTS if preflights else ()))
    return tuple(route for route in table if demo or not route.demo)


def key_of_get(route_key: str) -> str:
    """Return the `routeKey` of the GET route whose function answers a HEAD route; any other key as it is."""
    return f"{GET}{route_key.removeprefix(HEAD)}" if route_key.startswith(f"{HEAD} ") else route_key


def required_scope(route_key: str) -> Scope:
    """Return the scope that a token must hold on a route, by API Gateway's `routeKey`.

    Raises KeyError for a route that is unprotected or unknown; the caller must deny.
    """
    return _PROTECTED[route_key]


def required_audience(route_key: str, *, issuer: str, audience: str) -> str:
    """Return the audience that a protected route requires: its resource, or the server's own `audience`.

    Raises KeyError as `required_scope` does.
    """
    resource = _RESOURCES[route_key]
    return f"{issuer}{resource}" if resource else audience


_PROTECTED = {route.key: route.scope for route in (*ROUTES, *HEADS) if route.protected}
_RESOURCES = {route.key: route.resource for route in (*ROUTES, *HEADS) if route.protected}
