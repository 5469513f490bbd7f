"""The Lambda authorizer of the HTTP API (payload 2.0, simple response): whether a token may open a route."""

import re
import time
from typing import Any

from gatepost.errors import OAuthError
from gatepost.http import note
from gatepost.routes import required_scope
from gatepost.wiring import settings, watch

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.ASCII | re.IGNORECASE)
DENIED = {"isAuthorized": False}


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Verify without I/O, enforce the route's scope, hand the claims on. Whatever goes wrong denies."""
    route = str(event.get("routeKey", ""))
    try:
        token = _BEARER.fullmatch(event["headers"]["authorization"])
        needed = required_scope(route)
        claims = watch().claims(token[1], time.time()) if token else None
    except OAuthError as error:
        failed = error.status >= 500  # it can't tell: what it knows of revocations is too old
        event_name = "authorizer.failed" if failed else "authorizer.denied"
        note(event_name, {"route": route, "error": error.code, "reason": error.reason}, failed=failed)
        return DENIED
    except Exception as error:  # noqa: BLE001 — an authorizer that fails must deny
        note("authorizer.failed", {"route": route, "reason": type(error).__name__}, failed=True)
        return DENIED
    if claims is None or not needed <= settings().reach(claims.scope):
        note("authorizer.denied", {"route": route, "reason": "no token" if claims is None else "scope"})
        return DENIED
    facts = {"sub": claims.sub, "client_id": claims.client_id, "scope": str(claims.scope), "grant_id": claims.grant_id}
    return {"isAuthorized": True, "context": facts}
