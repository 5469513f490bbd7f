"""GET /authorization/whoami: the user or app of a token. Behind the authorizer."""

from gatepost.errors import InvalidToken
from gatepost.http.entry_point import endpoint
from gatepost.http.request import Request
from gatepost.http.response import Response, json_response
from gatepost.model.records import ACTIVE
from gatepost.runtime.wiring import server
from gatepost.stores.record_keys import UserKey


@endpoint("whoami")
def handler(request: Request) -> Response:
    """Return the account of a token, or the app itself if no user granted it."""
    sub, client_id = request.authorizer["sub"], request.authorizer["client_id"]
    answer = {"sub": sub, "client_id": client_id, "scope": request.authorizer["scope"]}
    if request.authorizer["grant_id"]:
        (user,) = server().store.read(UserKey(sub))
        if user is None or user.status != ACTIVE:
            raise InvalidToken("the token is not valid", reason="account is not active")
        answer |= {"user_name": user.user_name}
    return json_response(200, answer, facts={"client_id": client_id})
