"""GET /.well-known/…: the server's metadata (RFC 8414) and its verification keys (RFC 7517); preflight requests."""

from gatepost.endpoints.metadata import document, jwk_set
from gatepost.http.cross_origin import preflight_response
from gatepost.http.entry_point import endpoint
from gatepost.http.request import Request
from gatepost.http.response import Response, json_response
from gatepost.routes import JWKS
from gatepost.runtime.environment import settings
from gatepost.runtime.wiring import store

CACHEABLE = {"Cache-Control": "public, max-age=300"}


@endpoint("metadata")
def handler(request: Request) -> Response:
    """Return either document, cacheable because keys are published well before they are used."""
    if request.method == "OPTIONS":
        return preflight_response()
    if request.path == JWKS.path:
        return json_response(200, jwk_set(store(), request.now), headers=CACHEABLE)
    return json_response(200, document(settings()), headers=CACHEABLE)
