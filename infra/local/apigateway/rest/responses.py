"""The gateway responses of a REST API: AWS's defaults, and their changes in a template.

API Gateway Developer Guide, "Gateway response types" for the types and their status, "Gateway responses for REST APIs"
for mappings and templates (not VTL: only variables are replaced). The texts of 401 and 403 are those of AWS's articles
on troubleshooting Lambda authorizers; for a failing authorizer the response is `{"message":null}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.apigateway.events import Response
from infra.local.apigateway.rest.deployed import GatewayResponse

_DEFAULT_TEMPLATES = {"application/json": '{"message":$context.error.messageString}'}
_VARIABLE = re.compile(r"\$(?:\{context\.([\w.]+)\}|context\.(\w+(?:\.\w+)*))")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    status: int
    message: str | None
    error_type: str


_KINDS = {
    "ACCESS_DENIED": _Kind(
        status=403, message="User is not authorized to access this resource", error_type="AccessDeniedException"
    ),
    "AUTHORIZER_CONFIGURATION_ERROR": _Kind(status=500, message=None, error_type="AuthorizerConfigurationException"),
    "AUTHORIZER_FAILURE": _Kind(status=500, message=None, error_type="AuthorizerConfigurationException"),
    # A function that fails, or returns no response, has no type of its own.
    "DEFAULT_5XX": _Kind(status=502, message="Internal server error", error_type="InternalServerErrorException"),
    "INTEGRATION_TIMEOUT": _Kind(
        status=504, message="Endpoint request timed out", error_type="InternalServerErrorException"
    ),
    "MISSING_AUTHENTICATION_TOKEN": _Kind(
        status=403, message="Missing Authentication Token", error_type="MissingAuthenticationTokenException"
    ),
    "REQUEST_TOO_LARGE": _Kind(status=413, message="Request Too Long", error_type="RequestTooLargeException"),
    "UNAUTHORIZED": _Kind(status=401, message="Unauthorized", error_type="UnauthorizedException"),
}


class GatewayRefused(Exception):
    """The request ends with a gateway response of this type; `message` if it differs from the default."""

    def __init__(self, kind: str, message: str | None = None, context: Mapping[str, Any] | None = None) -> None:
        """Take the authorizer's `context`."""
        super().__init__(kind)
        self.kind = kind
        self.message = message
        self.context = context or {}


def render(
    refused: GatewayRefused,
    changed: Mapping[str, GatewayResponse],
    context: Mapping[str, Any],
    parameter: Callable[[str], str],
) -> Response:
    """Return the response. `context` has the request's variables, `parameter` resolves `method.request.…`."""
    kind = _KINDS[refused.kind]
    default = changed.get("DEFAULT_5XX" if kind.status >= 500 else "DEFAULT_4XX")
    response = changed.get(refused.kind, default)
    message = refused.message or kind.message
    variables = {
        **context,
        "authorizer": refused.context,
        "error": {
            "message": message,
            "messageString": json.dumps(message),
            "responseType": refused.kind,
        },
    }
    headers = {"x-amzn-ErrorType": kind.error_type}
    for name, value in (response.headers if response else {}).items():
        if mapped := _mapped(value, variables, parameter):
            headers[name] = mapped
    templates = (response.templates if response else {}) or _DEFAULT_TEMPLATES
    content_type = "application/json" if "application/json" in templates else min(templates)
    body = _VARIABLE.sub(lambda found: _variable(variables, found[1] or found[2]), templates[content_type])
    return Response(
        status=(response.status if response else None) or kind.status,
        headers=(("Content-Type", content_type), *headers.items()),
        body=body.encode(),
    )


def _mapped(value: str, variables: Mapping[str, Any], parameter: Callable[[str], str]) -> str:
    """Return the value of a header: a quoted string, a variable or a part of the request; empty to omit the header."""
    if value.startswith("'") and value.endswith("'"):
        return value[1:-1]
    if value.startswith("context."):
        return _variable(variables, value.removeprefix("context."))
    return parameter(value)


def _variable(variables: Mapping[str, Any], path: str) -> str:
    found: Any = variables
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return "" if found is None else str(found)
