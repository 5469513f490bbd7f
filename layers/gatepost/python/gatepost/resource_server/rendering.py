"""Errors of the server's own protected endpoints."""

from __future__ import annotations

from gatepost.errors import InsufficientScope, OAuthError
from gatepost.http.entry_point import render_json
from gatepost.http.request import Request
from gatepost.http.response import Response
from gatepost.resource_server.bearer import Challenger
from gatepost.scope import OPENID, Scope

_CHALLENGER = Challenger(realm="gatepost")


def render_challenge(error: OAuthError, request: Request) -> Response:
    """Render an error with its challenge (RFC 6750 §3)."""
    response = render_json(error, request)
    if error.status >= 500:
        return response
    needed = Scope.of(OPENID) if isinstance(error, InsufficientScope) else Scope()
    return response._replace(headers={**response.headers, "WWW-Authenticate": _CHALLENGER.challenge(error, needed)})
