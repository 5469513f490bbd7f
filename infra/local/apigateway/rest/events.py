"""Conversion of requests to events of payload 1.0, and of functions' results to responses of a REST API."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from infra.local.apigateway.events import BadResponse, Request, Response
from infra.local.aws import arns

# "Amazon API Gateway important notes for REST APIs": the header of an integration is renamed, that of a gateway
# response is not.
_RENAMED = {"www-authenticate": "x-amzn-Remapped-WWW-Authenticate"}
_SET_BY_US = {"x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodCall:
    """A request to a method: `path` without the stage, `resource` with parameters in braces."""

    request: Request
    api_id: str
    stage: str
    path: str
    resource: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def method_arn(self) -> str:
        """The ARN in policies."""
        return arns.execute_api(self.api_id, f"{self.stage}/{self.request.method}{self.path}")

    def parameter(self, name: str) -> str:
        """Return the value of a `method.request.…` mapping; empty if the request has none."""
        if name.startswith("method.request.header."):
            return self.request.header(name.removeprefix("method.request.header.").lower())
        if name.startswith("method.request.querystring."):
            return dict(parse_qsl(self.request.query)).get(name.removeprefix("method.request.querystring."), "")
        return self.parameters.get(name.removeprefix("method.request.path."), "")

    def context(self) -> dict[str, Any]:
        """Return the `$context` of the request, the `requestContext` of events."""
        request, now = self.request, time.time()
        return {
            "accountId": arns.ACCOUNT,
            "apiId": self.api_id,
            "domainName": request.host,
            "domainPrefix": request.host.partition(".")[0],
            "extendedRequestId": request.request_id,
            "httpMethod": request.method,
            "identity": {"sourceIp": request.source_ip, "userAgent": request.header("user-agent")},
            "path": f"/{self.stage}{self.path}",
            "protocol": request.protocol,
            "requestId": request.request_id,
            "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "requestTimeEpoch": int(now * 1000),
            "resourceId": self.resource,
            "resourcePath": self.resource,
            "stage": self.stage,
        }


def proxy_event(call: MethodCall, authorizer: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the event of a Lambda proxy integration."""
    built = _base(call)
    if authorizer is not None:
        built["requestContext"]["authorizer"] = dict(authorizer)
    body = call.request.body
    return {**built, "body": body.decode(errors="replace") if body else None, "isBase64Encoded": False}


def token_event(call: MethodCall, token: str) -> dict[str, Any]:
    """Return the event of an authorizer of type TOKEN."""
    return {"type": "TOKEN", "methodArn": call.method_arn, "authorizationToken": token}


def request_event(call: MethodCall) -> dict[str, Any]:
    """Return the event of an authorizer of type REQUEST, which never has the body."""
    return {**_base(call), "type": "REQUEST", "methodArn": call.method_arn}


def proxy_response(result: Any) -> Response:
    """Return the response of a function's result. Raises BadResponse."""
    if not isinstance(result, dict) or not isinstance(result.get("body") or "", str):
        raise BadResponse("no response of a Lambda proxy integration")
    try:
        status = int(result["statusCode"])
        single = {str(name): [value] for name, value in (result.get("headers") or {}).items()}
        several = {str(name): list(values) for name, values in (result.get("multiValueHeaders") or {}).items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadResponse(str(error)) from error
    named = {name.lower() for name in several}
    every = {**{name: values for name, values in single.items() if name.lower() not in named}, **several}
    headers = [(_RENAMED.get(name.lower(), name), _text(value)) for name, values in every.items() for value in values]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return Response(status=status, headers=tuple(headers), body=(result.get("body") or "").encode())


def _base(call: MethodCall) -> dict[str, Any]:
    request = call.request
    headers = [(name, value) for name, value in request.headers if name.lower() not in _SET_BY_US]
    forwarded = request.header("x-forwarded-for")
    headers.append(("X-Forwarded-For", f"{forwarded}, {request.source_ip}" if forwarded else request.source_ip))
    headers.append(("X-Forwarded-Port", request.host.rpartition(":")[2] if ":" in request.host else "80"))
    headers.append(("X-Forwarded-Proto", "http"))
    query = parse_qsl(request.query, keep_blank_values=True)
    return {
        "resource": call.resource,
        "path": call.path,
        "httpMethod": request.method,
        "headers": dict(headers),
        "multiValueHeaders": _several(headers),
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": _several(query) or None,
        "pathParameters": dict(call.parameters) or None,
        "stageVariables": None,
        "requestContext": call.context(),
    }


def _several(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _text(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "\r" in text or "\n" in text:
        raise BadResponse("a header holds a line break")
    return text
