"""What API Gateway does between a request to a REST API and a function."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import unquote

from infra.local.apigateway.events import BadResponse, Request, Response
from infra.local.apigateway.paths import pattern
from infra.local.apigateway.rest.authorizers import RestAuthorizers
from infra.local.apigateway.rest.deployed import Mock, RestApi, RestMethod
from infra.local.apigateway.rest.events import Call, proxy_event, proxy_response
from infra.local.apigateway.rest.responses import Refused, render
from infra.local.lambda_runtime.process import InvocationFailed, InvocationTimedOut
from infra.local.lambda_runtime.runtime import Function

LARGEST_BODY = 10 * 1024 * 1024
_LARGEST_PAYLOAD = 6 * 1024 * 1024  # of Lambda
_NO_STAGE = Response.message(403, "Forbidden")


class RestGateway:
    """Answers requests as the deployed REST API would: the first part of a path is the stage."""

    def __init__(
        self, api: RestApi, functions: Mapping[str, Function], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`functions` are by ARN."""
        self._api = api
        self._functions = functions
        self._authorizers = RestAuthorizers(functions, clock)

    def handle(self, request: Request) -> Response:
        """The response to a request; never raises for what a request or a function does."""
        stage, _, rest = request.path.removeprefix("/").partition("/")
        if stage not in self._api.stages:
            return _NO_STAGE
        path = f"/{rest}"
        found = self._find(path)
        call = Call(request=request, api_id=self._api.api_id, stage=stage, path=path, resource=found or path)
        try:
            return self._answer(call, found)
        except Refused as refused:
            return render(refused, self._api.responses, call.context(), call.parameter)

    def _answer(self, call: Call, resource: str | None) -> Response:
        if len(call.request.body) > LARGEST_BODY:
            raise Refused("REQUEST_TOO_LARGE")
        methods = self._api.methods.get(resource or "", {})
        method = methods.get(call.request.method) or methods.get("ANY")
        if resource is None or method is None:
            raise Refused("MISSING_AUTHENTICATION_TOKEN")
        values = pattern(resource).fullmatch(call.path)
        named = {name: unquote(value) for name, value in values.groupdict().items()} if values else {}
        call = replace(call, parameters=named)
        authorizer = self._authorizers.authorize(call, method.authorizer) if method.authorizer else None
        return self._integrate(call, method, authorizer)

    def _integrate(self, call: Call, method: RestMethod, authorizer: Mapping[str, str] | None) -> Response:
        if isinstance(method.target, Mock):
            return Response(status=method.target.status, headers=tuple(method.target.headers.items()))
        event = proxy_event(call, authorizer)
        if len(json.dumps(event)) > _LARGEST_PAYLOAD:
            raise Refused("REQUEST_TOO_LARGE")
        try:
            return proxy_response(self._functions[method.target].invoke(event))
        except InvocationTimedOut as error:
            raise Refused("INTEGRATION_TIMEOUT") from error
        except (InvocationFailed, BadResponse) as error:
            raise Refused("DEFAULT_5XX") from error

    def _find(self, path: str) -> str | None:
        """The resource of a path: exact parts before parameters before greedy ones, from the left."""
        fitting = [each for each in self._api.methods if pattern(each).fullmatch(path)]
        return min(fitting, key=_generality, default=None)


def _generality(resource: str) -> list[int]:
    return [2 if part.endswith("+}") else 1 if part.startswith("{") else 0 for part in resource.split("/")]
