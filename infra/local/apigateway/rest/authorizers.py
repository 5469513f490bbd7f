"""The Lambda authorizers of a REST API: what they are asked, for how long their policies count.

API Gateway Developer Guide, "Use API Gateway Lambda authorizers": a missing identity source, or a token that does not
match the validation expression, is 401 without a call; the policy is kept by the token, or by all identity sources, and
is evaluated again for every method.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

from infra.local.apigateway.rest import policy as rest_policy
from infra.local.apigateway.rest.deployed import RestAuthorizer
from infra.local.apigateway.rest.events import Call, request_event, token_event
from infra.local.apigateway.rest.responses import Refused
from infra.local.lambda_runtime.process import InvocationFailed, InvocationTimedOut
from infra.local.lambda_runtime.runtime import Function

_LARGEST_CACHE = 10_000


class RestAuthorizers:
    """Asks the authorizers of one API and remembers what they said."""

    def __init__(self, functions: Mapping[str, Function], clock: Callable[[], float]) -> None:
        """`functions` are by ARN."""
        self._functions = functions
        self._clock = clock
        self._policies: dict[tuple[str, ...], tuple[float, Any]] = {}
        self._lock = threading.Lock()

    def authorize(self, call: Call, authorizer: RestAuthorizer) -> dict[str, str]:
        """The authorizer's context for the function. Raises Refused."""
        identity = [_identity(source, call) for source in authorizer.identity_sources]
        if not all(identity):
            raise Refused("UNAUTHORIZED")
        if authorizer.validation and not re.fullmatch(authorizer.validation, identity[0]):
            raise Refused("UNAUTHORIZED")
        output = self._output(call, authorizer, identity)
        try:
            decision = rest_policy.decide(output, call.method_arn)
            context = rest_policy.context(output)
        except rest_policy.Malformed as error:
            raise Refused("AUTHORIZER_CONFIGURATION_ERROR") from error
        if decision is rest_policy.Decision.DENIED:
            text = "User is not authorized to access this resource with an explicit deny"
            raise Refused("ACCESS_DENIED", text, context)
        if decision is rest_policy.Decision.NOT_ALLOWED:
            raise Refused("ACCESS_DENIED", context=context)
        return context

    def _output(self, call: Call, authorizer: RestAuthorizer, identity: list[str]) -> Any:
        """What the authorizer says, or has said a while ago. Raises Refused."""
        key = (authorizer.name, call.stage, *identity)
        keeps = authorizer.cache_seconds > 0 and bool(identity)
        with self._lock:
            until, kept = self._policies.get(key, (0.0, None))
        if keeps and until > self._clock():
            return kept
        event = token_event(call, identity[0]) if authorizer.kind == "TOKEN" else request_event(call)
        try:
            output = self._functions[authorizer.function_arn].invoke(event)
        except InvocationFailed as error:
            raise Refused("UNAUTHORIZED" if str(error) == "Unauthorized" else "AUTHORIZER_FAILURE") from error
        except InvocationTimedOut as error:
            raise Refused("AUTHORIZER_FAILURE") from error
        if keeps:
            with self._lock:
                if len(self._policies) >= _LARGEST_CACHE:
                    self._policies.clear()
                self._policies[key] = (self._clock() + authorizer.cache_seconds, output)
        return output


def _identity(source: str, call: Call) -> str:
    if source.startswith("method."):
        return call.parameter(source)
    found: Any = call.context()
    for part in source.removeprefix("context.").split("."):
        found = found.get(part, "") if isinstance(found, dict) else ""
    return str(found)
