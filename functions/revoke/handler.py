"""POST /authorization/revoke: an app gives a token back (RFC 7009)."""

from gatepost.credentials import presented_credentials
from gatepost.http import Request, Response, endpoint, json_response
from gatepost.token_status import ANY_TEXT, revoke
from gatepost.watching import watch
from gatepost.wiring import server


@endpoint("revoke")
def handler(request: Request) -> Response:
    """Revoke the token if it is the app's own; the answer is the same whether there was one (RFC 7009 §2.2)."""
    parameters = request.form().once(any_text=ANY_TEXT)
    credentials = presented_credentials(request.headers.get("authorization"), parameters)
    revoke(server(), watch(), parameters, credentials, request.now)
    return json_response(200, {}, facts={"client_id": credentials.client_id})
