"""POST /authorization/introspect: what a token is worth now (RFC 7662)."""

from gatepost.credentials import presented_credentials
from gatepost.http import Request, Response, endpoint, json_response
from gatepost.token_status import ANY_TEXT, introspect
from gatepost.watching import watch
from gatepost.wiring import server


@endpoint("introspect")
def handler(request: Request) -> Response:
    """Tell an authenticated app about a token."""
    parameters = request.form().once(any_text=ANY_TEXT)
    credentials = presented_credentials(request.headers.get("authorization"), parameters)
    members = introspect(server(), watch(), parameters, credentials, request.now)
    return json_response(200, members, facts={"client_id": credentials.client_id, "active": members["active"]})
