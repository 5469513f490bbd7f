"""POST /authorization/revoke: revocation of a token by its app (RFC 7009)."""

from gatepost.endpoints.revocation import revoke
from gatepost.http.entry_point import endpoint
from gatepost.http.request import Request
from gatepost.http.response import Response, json_response
from gatepost.oauth.client_authentication import of_request
from gatepost.oauth.parameters import ANY_TEXT
from gatepost.resource_server.feed_watch import watch
from gatepost.runtime.environment import settings
from gatepost.runtime.telling_owners import tell_owner
from gatepost.runtime.wiring import server, store


@endpoint("revoke", refused=tell_owner)
def handler(request: Request) -> Response:
    """Revoke the token if it is the app's own; the response is the same if there is none (RFC 7009 §2.2)."""
    parameters = request.form().once(any_text=ANY_TEXT)
    credentials = of_request(request.headers.get("authorization"), parameters)
    revoke(server(), watch(), parameters, credentials, request.now)
    watch().noted += 1
    if watch().is_long:
        from gatepost.tokens.compaction import keep_short

        keep_short(store().compactor(), watch(), settings(), now=request.arrived_at)
    return json_response(200, {}, facts={"client_id": credentials.client_id})
