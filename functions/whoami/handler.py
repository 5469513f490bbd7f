"""GET /authorization/whoami: the user or app of a token. Behind the authorizer."""

from gatepost.endpoints.userinfo import living
from gatepost.http.entry_point import endpoint
from gatepost.http.request import Request
from gatepost.http.response import Response, json_response
from gatepost.resource_server.rendering import render_challenge
from gatepost.runtime.wiring import server
from gatepost.stores.record_keys import UserKey


@endpoint("whoami", render_challenge)
def handler(request: Request) -> Response:
    """Return the account of a token, or the app itself if no user granted it."""
    sub, client_id = request.authorizer["sub"], request.authorizer["client_id"]
    answer = {"sub": sub, "client_id": client_id, "scope": request.authorizer["scope"]}
    if request.authorizer["grant_id"]:
        (user,) = server().store.read(UserKey(sub))
        answer |= {"user_name": living(user).user_name}
    return json_response(200, answer, facts={"client_id": client_id})
