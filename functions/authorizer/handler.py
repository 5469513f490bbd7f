"""The Lambda authorizer of HTTP APIs (payload 2.0, simple response) and REST APIs (TOKEN and REQUEST, a policy)."""

import time
from collections.abc import Sequence
from typing import Any

from gatepost.errors import InsufficientScope, OAuthError
from gatepost.observability.log import note
from gatepost.resource_server import rest_policy
from gatepost.resource_server.guard_wiring import protection, watch
from gatepost.resource_server.protection import INSUFFICIENT, admitted, facts
from gatepost.runtime.environment import settings
from gatepost.scope import Scope
from gatepost.tokens.access_token import Claims

DENIED = {"isAuthorized": False}


class Unauthorized(Exception):
    """Makes API Gateway respond with 401; the message must be exactly "Unauthorized"."""


class AuthorizerFailed(Exception):
    """Makes API Gateway respond with its gateway response AUTHORIZER_FAILURE."""


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Respond in the format of the event. Any error denies."""
    return _of_rest_api(event) if "methodArn" in event else _of_http_api(event)


def _of_http_api(event: dict[str, Any]) -> dict[str, Any]:
    """Verify the token without I/O, enforce the route's scope, pass the claims on."""
    route = str(event.get("routeKey", ""))
    try:
        claims = _claims([event["headers"]["authorization"]], route, protection().required_scope(route))
    except OAuthError as error:
        _refused(event, route, error)
        return DENIED
    except Exception as error:  # noqa: BLE001 — an authorizer that fails must deny
        _failed(event, route, error)
        return DENIED
    return {"isAuthorized": True, "context": facts(claims)}


def _of_rest_api(event: dict[str, Any]) -> dict[str, Any]:
    """Return a policy for the requested route only, so that a cached one affects no other.

    Raises Unauthorized for a missing or invalid token, AuthorizerFailed if that can't be decided.
    """
    route, needed = "", Scope()
    try:
        method = rest_policy.asked_method(event, protection())
        route, needed = method.route, protection().required_scope(method.route)
        claims = _claims(rest_policy.authorization(event), route, needed)
    except InsufficientScope as error:
        _refused(event, route, error)
        return _denied(event, error, needed)
    except KeyError as error:
        note("authorizer.denied", {**_where(event, route), "reason": type(error).__name__})
        return _denied(event, InsufficientScope(INSUFFICIENT), needed)
    except OAuthError as error:
        _refused(event, route, error)
        raise (AuthorizerFailed("unavailable") if error.status >= 500 else Unauthorized("Unauthorized")) from None
    except Exception as error:  # noqa: BLE001 — an authorizer that fails must deny
        _failed(event, route, error)
        raise AuthorizerFailed("failed") from None
    return rest_policy.allowed(method, claims.sub, facts(claims))


def _denied(event: dict[str, Any], error: InsufficientScope, needed: Scope) -> dict[str, Any]:
    return rest_policy.denied(event, protection().challenger.challenge(error, needed))


def _claims(authorization: Sequence[str], route: str, needed: Scope) -> Claims:
    audience = protection().required_audience(route, settings())
    return admitted(authorization, needed, watch=watch(), settings=settings(), now=time.time(), audience=audience)


def _refused(event: dict[str, Any], route: str, error: OAuthError) -> None:
    failed = error.status >= 500  # it can't decide: its cache is too old
    known = {**_where(event, route), "error": error.code, "reason": error.reason, **error.facts}
    note("authorizer.failed" if failed else "authorizer.denied", known, failed=failed)


def _failed(event: dict[str, Any], route: str, error: Exception) -> None:
    note("authorizer.failed", {**_where(event, route), "reason": type(error).__name__}, failed=True)


def _where(event: dict[str, Any], route: str) -> dict[str, str]:
    """Return the route and the request's id, which a TOKEN event of a REST API lacks."""
    request_id = event.get("requestContext", {}).get("requestId")
    return {"route": route, **({"request_id": str(request_id)} if request_id else {})}
