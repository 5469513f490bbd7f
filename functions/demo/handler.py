"""GET /demo/read, /demo/write and /demo/notes: protected routes to try tokens on; the last is a resource of its own."""

from gatepost.http.entry_point import endpoint
from gatepost.http.request import Request
from gatepost.http.response import Response, json_response


@endpoint("demo")
def handler(request: Request) -> Response:
    """Return the token's facts from the authorizer."""
    facts = {name: request.authorizer[name] for name in ("sub", "client_id", "scope")}
    return json_response(200, {"path": request.path, **facts})
