"""POST /authorization/introspect: the current state of a token (RFC 7662)."""

from gatepost.endpoints.introspection import introspect
from gatepost.http.entry_point import endpoint
from gatepost.http.request import Request
from gatepost.http.response import Response, json_response
from gatepost.oauth.client_authentication import of_request
from gatepost.oauth.parameters import ANY_TEXT
from gatepost.resource_server.feed_watch import watch
from gatepost.runtime.telling_owners import tell_owner
from gatepost.runtime.wiring import server_for


@endpoint("introspect", refused=tell_owner)
def handler(request: Request) -> Response:
    """Return the state of a token to an authenticated app."""
    parameters = request.form().once(any_text=ANY_TEXT)
    credentials = of_request(request.headers.get("authorization"), parameters)
    with server_for(credentials, request.now) as server:
        members = introspect(server, watch(), parameters, credentials, request.now)
    return json_response(200, members, facts={"client_id": credentials.client_id, "active": members["active"]})
