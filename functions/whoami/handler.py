"""GET /authorization/whoami: the user or app of a token. Behind the authorizer."""

from gatepost.http.entry_point import endpoint
from gatepost.http.request import Request
from gatepost.http.response import Response, json_response
from gatepost.oidc.userinfo import living
from gatepost.resource_server.rendering import render_challenge
from gatepost.runtime.wiring import server
from gatepost.scope import PROFILE, parse_scope
from gatepost.stores.record_keys import UserKey


@endpoint("whoami", render_challenge)
def handler(request: Request) -> Response:
    """Return the account of a token, by name only with `profile`, or the app itself if no user granted it."""
    sub, client_id, scope = (request.authorizer[name] for name in ("sub", "client_id", "scope"))
    answer = {"sub": sub, "client_id": client_id, "scope": scope}
    if request.authorizer["grant_id"]:
        (user,) = server().store.read(UserKey(sub))
        name = living(user).user_name
        answer |= {"user_name": name} if PROFILE in parse_scope(scope) & server().settings.openid_scope else {}
    return json_response(200, answer, facts={"client_id": client_id})
