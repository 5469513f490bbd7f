"""CORS headers by which scripts of every origin may read a response, never with cookies (Fetch Standard §3.2).

API Gateway replaces them by its own for the origins in `cors_origins`.
"""

from __future__ import annotations

from gatepost.http.response import SAFE, Response

_ANYBODY = {"Access-Control-Allow-Origin": "*"}
# of every other response that scripts of any origin may read
READABLE_ANYWHERE = {**_ANYBODY, "Access-Control-Expose-Headers": "WWW-Authenticate, DPoP-Nonce, Retry-After"}
# "*" does not stand for Authorization (Fetch Standard §3.2.3); two hours is the longest that browsers keep it
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "*",
    "Access-Control-Allow-Headers": "*, Authorization",
    "Access-Control-Max-Age": "7200",
}


def preflight_response() -> Response:
    """Return the response to a preflight request of any origin."""
    return Response(status=204, headers={**SAFE, **_ANYBODY, **_PREFLIGHT})
