"""POST /authorization/token: every grant (RFC 6749 §3.2)."""

from gatepost.credentials import presented_credentials
from gatepost.grants import exchange
from gatepost.http import Request, Response, endpoint, json_response
from gatepost.wiring import server


@endpoint("token")
def handler(request: Request) -> Response:
    """Authenticate the app and exchange what it presents for tokens."""
    parameters = request.form().once()
    credentials = presented_credentials(request.headers.get("authorization"), parameters)
    answer = exchange(server(), parameters, credentials, request.now)
    facts = {
        "client_id": credentials.client_id,
        "grant_type": parameters["grant_type"],
        "grant_id": answer.grant_id,
        "scope": str(answer.scope),
    }
    return json_response(200, answer.members(), headers={"Pragma": "no-cache"}, facts=facts)
