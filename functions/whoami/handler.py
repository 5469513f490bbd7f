"""GET /authorization/whoami, and userinfo: the user or app of a token. Behind the authorizer."""

from dataclasses import replace

from gatepost.endpoints.userinfo import check_openid, claims_about
from gatepost.errors import InsufficientScope, InvalidToken, OAuthError
from gatepost.http.entry_point import endpoint, render_json
from gatepost.http.request import Request
from gatepost.http.response import Response, json_response
from gatepost.model.records import ACTIVE, User
from gatepost.resource_server.bearer import Challenger
from gatepost.routes import USERINFO
from gatepost.runtime.wiring import server
from gatepost.scope import OPENID, Scope, parse_scope
from gatepost.stores.record_keys import UserKey

_CHALLENGER = Challenger(realm="gatepost")


def _render(error: OAuthError, request: Request) -> Response:
    """Render an error with its challenge (RFC 6750 §3)."""
    response = render_json(error, request)
    needed = Scope.of(OPENID) if isinstance(error, InsufficientScope) else Scope()
    return replace(response, headers={**response.headers, "WWW-Authenticate": _CHALLENGER.challenge(error, needed)})


@endpoint("whoami", _render)
def handler(request: Request) -> Response:
    """Return the account of a token, or the app itself if no user granted it; or the claims about the user."""
    return _userinfo(request) if request.path == USERINFO.path else _whoami(request)


def _whoami(request: Request) -> Response:
    sub, client_id = request.authorizer["sub"], request.authorizer["client_id"]
    answer = {"sub": sub, "client_id": client_id, "scope": request.authorizer["scope"]}
    if request.authorizer["grant_id"]:
        answer |= {"user_name": _active(sub).user_name}
    return json_response(200, answer, facts={"client_id": client_id})


def _userinfo(request: Request) -> Response:
    """Return the claims of OpenID Connect (Core §5.3): one read."""
    scope = parse_scope(request.authorizer["scope"])
    check_openid(scope, request.authorizer["grant_id"], server().settings)
    claims = claims_about(_active(request.authorizer["sub"]), scope)
    return json_response(200, claims, facts={"client_id": request.authorizer["client_id"]})


def _active(user_id: str) -> User:
    (user,) = server().store.read(UserKey(user_id))
    if user is None or user.status != ACTIVE:
        raise InvalidToken("the token is not valid", reason="account is not active")
    return user
