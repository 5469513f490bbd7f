"""API Gateway's processing of requests: limits, CORS, routes, authorizers and its own errors."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from infra.local.apigateway.deployed_api import ApiRoute, Authorizer, DeployedApi, JwtAuthorizer, route_arn
from infra.local.apigateway.events import BadResponse, Match, Request, Response, authorizer_event, event, response
from infra.local.apigateway.jwt_authorizer import JwtCheck, TokenRefused, as_event, challenge, scopes_of
from infra.local.apigateway.paths import pattern
from infra.local.apigateway.throttle import Bucket
from infra.local.lambda_runtime.process import InvocationFailed, InvocationTimedOut
from infra.local.lambda_runtime.runtime import Function

LARGEST_BODY = 10 * 1024 * 1024
LARGEST_HEADERS = 10_240
_LARGEST_PAYLOAD = 6 * 1024 * 1024  # of Lambda, in both directions
_LARGEST_CACHE = 10_000
_CORS_OF_ANSWERS = {"access-control-allow-origin", "access-control-expose-headers", "vary"}

_NOT_FOUND = Response.message(404, "Not Found")
_UNAUTHORIZED = Response.message(401, "Unauthorized")
_FORBIDDEN = Response.message(403, "Forbidden")
_TOO_LARGE = Response.message(413, "Request Entity Too Large")
_TOO_MANY = Response.message(429, "Too Many Requests")
_HEADERS_TOO_LARGE = Response.message(431, "Request Header Fields Too Large")
_INTERNAL = Response.message(500, "Internal Server Error")
_UNAVAILABLE = Response.message(503, "Service Unavailable")


class Gateway:
    """Responds to requests as the deployed API would."""

    def __init__(
        self,
        api: DeployedApi,
        functions: Mapping[str, Function],
        *,
        clock: Callable[[], float] = time.monotonic,
        failed: Response = _INTERNAL,
    ) -> None:
        """Take the `functions` by ARN; `failed` is the response if a function fails."""
        self._api = api
        self._functions = functions
        self._clock = clock
        self._failed = failed
        self._jwt_checks = {
            route.authorizer: JwtCheck(route.authorizer)
            for route in api.routes.values()
            if isinstance(route.authorizer, JwtAuthorizer)
        }
        self._buckets = {key: Bucket(route.rate, route.burst, clock) for key, route in api.routes.items() if route.rate}
        self._decisions: dict[tuple[str, ...], tuple[float, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def handle(self, request: Request) -> Response:
        """Return the response to a request; never raises for errors of a request or a function."""
        cors = self._cors_headers(request)
        if cors is not None and request.method == "OPTIONS":
            return Response(status=204, headers=cors)
        answer = self._answer(request)
        if cors is not None:  # what a function says of CORS does not count
            kept = tuple(each for each in answer.headers if not each[0].startswith("access-control-"))
            ours = tuple(each for each in cors if each[0] in _CORS_OF_ANSWERS)
            answer = Response(status=answer.status, headers=kept + ours, body=answer.body)
        return answer

    def _answer(self, request: Request) -> Response:
        if sum(len(name) + len(value) for name, value in request.headers) + len(request.path) > LARGEST_HEADERS:
            return _HEADERS_TOO_LARGE
        if len(request.body) > LARGEST_BODY:
            return _TOO_LARGE
        match = self._match(request)
        if match is None:
            return _NOT_FOUND
        route = self._api.routes[match.key]
        bucket = self._buckets.get(route.key)
        if bucket and not bucket.take():
            return _TOO_MANY
        if route.authorizer is None:
            return self._integrate(request, match, route)
        if isinstance(route.authorizer, JwtAuthorizer):
            found = self._check_token(request, route, self._jwt_checks[route.authorizer])
            return found if isinstance(found, Response) else self._integrate(request, match, route, jwt=found)
        context = self._authorize(request, match, route.authorizer)
        return context if isinstance(context, Response) else self._integrate(request, match, route, context)

    def _integrate(
        self,
        request: Request,
        match: Match,
        route: ApiRoute,
        context: Mapping[str, Any] | None = None,
        jwt: Mapping[str, Any] | None = None,
    ) -> Response:
        built = event(request, match, api_id=self._api.api_id, authorizer=context, jwt=jwt)
        if len(json.dumps(built)) > _LARGEST_PAYLOAD:
            return _TOO_LARGE
        try:
            result = self._functions[route.function_arn].invoke(built)
            answer = response(result)
        except InvocationTimedOut:
            return _UNAVAILABLE
        except (InvocationFailed, BadResponse):
            return self._failed
        return answer if len(answer.body) <= _LARGEST_PAYLOAD else self._failed

    def _check_token(self, request: Request, route: ApiRoute, check: JwtCheck) -> dict[str, Any] | Response:
        """Return the token's data for the event, or the error response."""
        assert isinstance(route.authorizer, JwtAuthorizer)  # noqa: S101
        try:
            claims = check.claims(request.header(route.authorizer.header))
        except TokenRefused as refused:
            headers = (*_UNAUTHORIZED.headers, ("www-authenticate", challenge(refused)))
            return replace(_UNAUTHORIZED, headers=headers)
        scopes = scopes_of(claims)
        if route.scopes and not set(scopes) & set(route.scopes):
            return _FORBIDDEN
        return as_event(claims, scopes if route.scopes else None)

    def _authorize(self, request: Request, match: Match, authorizer: Authorizer) -> dict[str, Any] | Response:
        """Return the authorizer's context for the route, or the error response."""
        identity = [_identity(source, request, match) for source in authorizer.identity_sources]
        if not all(identity):
            return _UNAUTHORIZED
        cache_key = (authorizer.function_arn, *identity)
        decision = self._cached(cache_key) if authorizer.cache_seconds and identity else None
        if decision is None:
            try:
                decision = self._decide(request, match, authorizer, identity)
            except (InvocationFailed, InvocationTimedOut):
                return _INTERNAL
            if authorizer.cache_seconds and identity:
                self._remember(cache_key, decision, authorizer.cache_seconds)
        if decision["isAuthorized"] is not True:
            return _FORBIDDEN
        return dict(decision.get("context") or {})

    def _decide(self, request: Request, match: Match, authorizer: Authorizer, identity: list[str]) -> dict[str, Any]:
        arn = route_arn(self._api.api_id, match.key)
        asked = authorizer_event(request, match, api_id=self._api.api_id, arn=arn, identity=identity)
        decision = self._functions[authorizer.function_arn].invoke(asked)
        if not isinstance(decision, dict) or not isinstance(decision.get("isAuthorized"), bool):
            raise InvocationFailed("the authorizer gave no simple response")
        return decision

    def _cached(self, key: tuple[str, ...]) -> dict[str, Any] | None:
        with self._lock:
            until, decision = self._decisions.get(key, (0.0, {}))
        return decision if until > self._clock() else None

    def _remember(self, key: tuple[str, ...], decision: dict[str, Any], seconds: int) -> None:
        with self._lock:
            if len(self._decisions) >= _LARGEST_CACHE:
                self._decisions.clear()
            self._decisions[key] = (self._clock() + seconds, decision)

    def _match(self, request: Request) -> Match | None:
        """Match exact paths before paths with parameters before greedy ones (API Gateway, routing to integrations)."""
        for method in (request.method, "ANY"):
            if f"{method} {request.path}" in self._api.routes:
                return Match(key=f"{method} {request.path}")
        for key in sorted(self._api.routes, key=lambda each: ("+}" in each, each.startswith("ANY "), -len(each))):
            method, _, path = key.partition(" ")
            found = pattern(path).fullmatch(request.path) if "{" in path else None
            if found and method in (request.method, "ANY"):
                return Match(key=key, parameters={name: unquote(value) for name, value in found.groupdict().items()})
        return Match(key="$default") if "$default" in self._api.routes else None

    def _cors_headers(self, request: Request) -> tuple[tuple[str, str], ...] | None:
        """Return the CORS headers; None without a CORS configuration, empty for an origin that is not allowed."""
        cors = self._api.cors
        if cors is None:
            return None
        origin = request.header("origin")
        allowed = cors.get("AllowOrigins", ())
        if not origin or (origin not in allowed and "*" not in allowed):
            return ()
        headers = [("access-control-allow-origin", "*" if "*" in allowed else origin), ("vary", "Origin")]
        if cors.get("AllowCredentials"):
            headers.append(("access-control-allow-credentials", "true"))
        for name, key in (("methods", "AllowMethods"), ("headers", "AllowHeaders")):
            if cors.get(key):
                headers.append((f"access-control-allow-{name}", ",".join(cors[key])))
        if cors.get("ExposeHeaders"):
            headers.append(("access-control-expose-headers", ",".join(cors["ExposeHeaders"])))
        if "MaxAge" in cors:
            headers.append(("access-control-max-age", str(cors["MaxAge"])))
        return tuple(headers)


def _identity(source: str, request: Request, match: Match) -> str:
    if source == "$context.routeKey":
        return match.key
    return request.header(source.removeprefix("$request.header.").lower())
