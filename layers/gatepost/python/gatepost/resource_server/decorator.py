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

from gatepost.errors import InvalidRequest, OAuthError, TemporarilyUnavailable
from gatepost.observability.log import note
from gatepost.resource import canonical
from gatepost.resource_server.bearer import Challenger, authorization_headers
from gatepost.resource_server.guard_wiring import protection, watch
from gatepost.resource_server.metadata import metadata_url
from gatepost.resource_server.protection import admitted, facts
from gatepost.runtime.environment import settings
from gatepost.scope import Scope, named_scope

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response
    from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver
    from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

RETRY_AFTER = 5  # seconds

Event = dict[str, Any]
Handler = TypeVar("Handler", bound=Callable[..., Any])
ResourceOf = Callable[[Event], str]
Refusal = tuple[int, dict[str, str], str]  # status, headers, body


def protected(*, scopes: Sequence[str], resource: ResourceOf | None = None) -> Callable[[Handler], Handler]:
    """Let a Lambda handler receive only requests whose token holds every scope; `[]` accepts any valid token.

    The token's facts are stored where a Lambda authorizer's are: `sub`, `client_id`, `scope`, `grant_id`. `resource`
    returns the URL of the API that a request is for, where the construct can't know it (`own_url` of a function URL):
    tokens must be for that URL, and challenges name its metadata unless the construct names another. Raises ValueError
    for a malformed scope name.
    """
    needed = named_scope(scopes)

    def decorate(handler: Handler) -> Handler:
        @functools.wraps(handler)
        def guarded(event: Event, context: object, *args: Any, **kwargs: Any) -> Any:
            found = _facts_or_refusal(event, needed, resource)
            if isinstance(found, tuple):
                status, headers, body = found
                return {"statusCode": status, "headers": headers, "body": body}
            return handler(_told(event, found), context, *args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate


def protected_route(
    *, scopes: Sequence[str], resource: ResourceOf | None = None
) -> Callable[[ApiGatewayResolver, NextMiddleware], Response[Any]]:
    """Protect single routes, as a middleware of a Powertools resolver: `@app.get(..., middlewares=[...])`.

    `resource` is as in `protected`.
    """
    needed = named_scope(scopes)

    def check(app: ApiGatewayResolver, next_middleware: NextMiddleware) -> Response[Any]:
        from aws_lambda_powertools.event_handler import Response

        event = app.current_event.raw_event
        found = _facts_or_refusal(event, needed, resource)
        if isinstance(found, tuple):
            status, headers, body = found
            return Response(status_code=status, content_type=None, headers=headers, body=body)
        event["requestContext"] = _told(event, found)["requestContext"]
        return next_middleware(app)

    return check


def _facts_or_refusal(event: Event, needed: Scope, resource: ResourceOf | None) -> dict[str, str] | Refusal:
    url = resource(event) if resource else None
    try:
        headers = authorization_headers(event)
        return facts(
            admitted(
                headers,
                needed,
                watch=watch(),
                settings=settings(),
                now=time.time(),
                audience=None if url is None else canonical(url) or url,
            )
        )
    except OAuthError as error:
        where = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
        known = {"function": where, "error": error.code or "no_token", "reason": error.reason, **error.facts}
        note("guard.refused", known, failed=error.status >= 500)
        return _refusal(error, needed, url)


def _refusal(error: OAuthError, needed: Scope, url: str | None) -> Refusal:
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    if error.status < 500:
        challenger = protection().challenger
        if url is not None and not challenger.resource_metadata:
            challenger = Challenger(realm=challenger.realm, resource_metadata=metadata_url(url))
        # with an invalid token, too: a client that signs in again asks for what the route needs, not for all there is
        scope = Scope() if isinstance(error, InvalidRequest) else needed
        headers["WWW-Authenticate"] = challenger.challenge(error, scope)
    if isinstance(error, TemporarilyUnavailable):
        headers["Retry-After"] = str(RETRY_AFTER)
    document = {"error": error.code, "error_description": error.description}
    return error.status, headers, json.dumps({name: text for name, text in document.items() if text})


def _told(event: Mapping[str, Any], known: dict[str, str]) -> Event:
    """Return the event with the token's facts, in the place of an authorizer's in payload 2.0 or 1.0."""
    context = event.get("requestContext") or {}
    told = {"lambda": known} if event.get("version") == "2.0" else {**known, "principalId": known["sub"]}
    return {**event, "requestContext": {**context, "authorizer": {**(context.get("authorizer") or {}), **told}}}
