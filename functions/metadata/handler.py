"""What everybody may read: metadata (RFC 8414, OpenID Connect Discovery), keys, the list of revocations, logos."""

from functools import cache

from gatepost.endpoints.metadata import document, jwk_set, openid_document
from gatepost.endpoints.published_list import Document, PublishedList
from gatepost.http.cross_origin import preflight_response
from gatepost.http.entry_point import endpoint
from gatepost.http.request import Request
from gatepost.http.response import SAFE, Response, json_response
from gatepost.identifiers import app_id
from gatepost.routes import APP_LOGO, JWKS, OPENID_METADATA, REVOCATION_LIST, REVOCATION_SEGMENT
from gatepost.runtime.environment import settings
from gatepost.runtime.wiring import store
from gatepost.stores.record_keys import LogoKey

CACHEABLE = {"Cache-Control": "public, max-age=300"}
IMMUTABLE = "public, max-age=31536000, immutable"


@cache
def published() -> PublishedList:
    """Return the container's list."""
    return PublishedList(store(), settings())


@endpoint("metadata")
def handler(request: Request) -> Response:
    """Return a document, cacheable because keys are published well before they are used."""
    if request.method == "OPTIONS":
        return preflight_response()
    if request.path == JWKS.path:
        return json_response(200, jwk_set(store(), request.now), headers=CACHEABLE)
    if request.route_key == REVOCATION_LIST.key:
        return _unless_known(request, published().head(request.arrived_at), f"public, max-age={published().max_age}")
    if request.route_key == REVOCATION_SEGMENT.key:
        return _segment(request)
    if request.route_key == APP_LOGO.key:
        return _logo(request)
    more = published().members(request.arrived_at)
    if request.path == OPENID_METADATA.path:
        return json_response(200, openid_document(settings(), store(), **more), headers=CACHEABLE)
    return json_response(200, document(settings(), **more), headers=CACHEABLE)


def _segment(request: Request) -> Response:
    found = published().segment(request.path_parameters["name"], request.arrived_at)
    if found is None:
        return json_response(404, {"error": "not_found", "error_description": "no such segment"})
    return _unless_known(request, found, IMMUTABLE)


def _logo(request: Request) -> Response:
    """Return the logo of an app, whose address changes with it."""
    (logo,) = store().read(LogoKey(app_id(request.path_parameters["client_id"])))
    if logo is None or logo.digest != request.path_parameters["digest"]:
        return json_response(404, {"error": "not_found", "error_description": "no such logo"})
    safe = {
        **SAFE,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    headers = {**safe, "Content-Type": "image/png", "Cache-Control": IMMUTABLE}
    return Response(status=200, body=logo.png, is_base64=True, headers=headers)


def _unless_known(request: Request, found: Document, caching: str) -> Response:
    """Return the document, or 304 if the client has it already (RFC 9110 §13.1.2)."""
    headers = {**SAFE, "Cache-Control": caching, "ETag": found.etag}
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    if found.etag in known:
        return Response(status=304, headers=headers)
    return Response(status=200, body=found.body, headers={"Content-Type": "application/json", **headers})
