"""Token checks inside a function, for HTTP APIs and function URLs, whose authorizers can't send a challenge.

    from gatepost.guard import protected

    @protected(scopes=["reports.read"])
    def handler(event, context):
        who = event["requestContext"]["authorizer"]["lambda"]["sub"]

The construct's `guard(function)` adds the layers and the environment that this needs.
"""

from __future__ import annotations

import functools
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from gatepost.errors import InsufficientScope, NoToken, OAuthError, TemporarilyUnavailable
from gatepost.observability.log import note
from gatepost.resource_server.bearer import authorization_headers
from gatepost.resource_server.protection import admitted, facts
from gatepost.resource_server.wiring import protection, watch
from gatepost.runtime.environment import settings
from gatepost.scope import Scope, named_scope

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response
    from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver
    from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

RETRY_AFTER = 5  # seconds

Event = dict[str, Any]
Handler = TypeVar("Handler", bound=Callable[..., Any])
Refusal = tuple[int, dict[str, str], str]  # status, headers, body


def protected(*, scopes: Sequence[str]) -> Callable[[Handler], Handler]:
    """Let a Lambda handler receive only requests whose token holds every scope; `[]` accepts any valid token.

    The token's facts are stored where a Lambda authorizer's are: `sub`, `client_id`, `scope`, `grant_id`. Raises
    ValueError for a malformed scope name.
    """
    needed = named_scope(scopes)

    def decorate(handler: Handler) -> Handler:
        @functools.wraps(handler)
        def guarded(event: Event, context: object, *args: Any, **kwargs: Any) -> Any:
            found = _facts_or_refusal(event, needed)
            if isinstance(found, tuple):
                status, headers, body = found
                return {"statusCode": status, "headers": headers, "body": body}
            return handler(_told(event, found), context, *args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate


def protected_route(*, scopes: Sequence[str]) -> Callable[[ApiGatewayResolver, NextMiddleware], Response[Any]]:
    """Protect single routes, as a middleware of a Powertools resolver: `@app.get(..., middlewares=[...])`."""
    needed = named_scope(scopes)

    def check(app: ApiGatewayResolver, next_middleware: NextMiddleware) -> Response[Any]:
        from aws_lambda_powertools.event_handler import Response

        event = app.current_event.raw_event
        found = _facts_or_refusal(event, needed)
        if isinstance(found, tuple):
            status, headers, body = found
            return Response(status_code=status, content_type=None, headers=headers, body=body)
        event["requestContext"] = _told(event, found)["requestContext"]
        return next_middleware(app)

    return check


def resource_metadata(resource: str, *, scopes: Sequence[str]) -> dict[str, Any]:
    """Return the metadata document of a protected resource (RFC 9728 §2), for a public route of the API.

    That of `https://api.example.com` belongs at `https://api.example.com/.well-known/oauth-protected-resource`.
    """
    return {
        "resource": resource,
        "authorization_servers": [settings().issuer],
        "scopes_supported": sorted(named_scope(scopes)),
        "bearer_methods_supported": ["header"],
    }


def _facts_or_refusal(event: Event, needed: Scope) -> dict[str, str] | Refusal:
    try:
        headers = authorization_headers(event)
        return facts(admitted(headers, needed, watch=watch(), settings=settings(), now=time.time()))
    except OAuthError as error:
        where = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
        known = {"function": where, "error": error.code or "no_token", "reason": error.reason, **error.facts}
        note("guard.refused", known, failed=error.status >= 500)
        return _refusal(error, needed)


def _refusal(error: OAuthError, needed: Scope) -> Refusal:
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    if error.status < 500:
        scope = needed if isinstance(error, NoToken | InsufficientScope) else Scope()
        headers["WWW-Authenticate"] = protection().challenger.challenge(error, scope)
    if isinstance(error, TemporarilyUnavailable):
        headers["Retry-After"] = str(RETRY_AFTER)
    document = {"error": error.code, "error_description": error.description}
    return error.status, headers, json.dumps({name: text for name, text in document.items() if text})


def _told(event: Mapping[str, Any], known: dict[str, str]) -> Event:
    """Return the event with the token's facts, in the place of an authorizer's in payload 2.0 or 1.0."""
    context = event.get("requestContext") or {}
    told = {"lambda": known} if event.get("version") == "2.0" else {**known, "principalId": known["sub"]}
    return {**event, "requestContext": {**context, "authorizer": {**(context.get("authorizer") or {}), **told}}}
