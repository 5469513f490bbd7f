"""Handlers of functions behind the edge: Lambda calls these, and they call the function's own.

Not imported without an edge.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cache
from importlib import import_module

from gatepost.edge.origin_secret import ONLY, SECRET, Edge, Event, arrived
from gatepost.errors import TemporarilyUnavailable
from gatepost.observability.log import note
from gatepost.runtime.database import secrets_manager
from gatepost.runtime.environment import settings
from gatepost.settings import secret_variable

_REFUSED: Event = {"statusCode": 403, "headers": {"Cache-Control": "no-store"}, "body": ""}
_UNAVAILABLE: Event = {"statusCode": 503, "headers": {"Cache-Control": "no-store", "Retry-After": "2"}, "body": ""}
_DENIED: Event = {"isAuthorized": False}

# Imported here, so that a cold start does it before the first request, and a snapshot holds it.
_own: Callable[[Event, object], Event] = import_module("handler").handler


def handler(event: Event, context: object) -> Event:
    """Call the function; respond with an empty 403 to requests that bypassed the edge, if it is mandatory."""
    try:
        passed = arrived(event, _edge(), only=_only(), now=time.time())
    except TemporarilyUnavailable as error:
        note("edge.failed", {"reason": error.reason}, failed=True)
        return _UNAVAILABLE
    if passed is None:
        note("edge.refused", {"request_id": (event.get("requestContext") or {}).get("requestId", "")})
        return _REFUSED
    return _own(passed, context)


def authorizer(event: Event, context: object) -> Event:
    """Call the authorizer; deny in case of doubt."""
    try:
        passed = arrived(event, _edge(), only=_only(), now=time.time())
    except TemporarilyUnavailable as error:
        note("authorizer.failed", {"route": event.get("routeKey", ""), "reason": error.reason}, failed=True)
        return _DENIED
    if passed is None:
        note("authorizer.denied", {"route": event.get("routeKey", ""), "reason": "not by the edge"})
        return _DENIED
    return _own(passed, context)


@cache
def _edge() -> Edge:
    return Edge(_secret_text, refresh=settings().secret_refresh)


def _secret_text() -> str:
    asked = {"SecretId": os.environ[secret_variable(SECRET)], "VersionStage": "AWSCURRENT"}
    return str(secrets_manager().call("GetSecretValue", asked)["SecretString"])


def _only() -> bool:
    return os.environ.get(ONLY) == "true"
