"""The OpenAPI 3.1 document, which Powertools generates from the code and these response descriptions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.models import (
    HTTPBearer,
    OAuth2,
    OAuthFlowAuthorizationCode,
    OAuthFlows,
    Server,
)
from pydantic import BaseModel

from gatepost.consumer.call import JSON
from gatepost.consumer.lists import GatewayMessage, ProblemDocument
from gatepost.consumer.operations import Operation, Success
from gatepost.http.response import PROBLEM
from gatepost.routes import AUTHORIZE, TOKEN, Route
from gatepost.scope import CONSUMER, CONSUMER_ACCOUNT, CONSUMER_APPS, CONSUMER_GRANTS

VERSION = "1.0.0"
_SCOPES = {
    CONSUMER: "All of it",
    CONSUMER_ACCOUNT: "The account",
    CONSUMER_APPS: "Apps and their secrets",
    CONSUMER_GRANTS: "Connected apps",
}
_EVERYWHERE = (400, 429, 500, 503)
_PROTECTED = (401, 403)
_SENTENCES = {
    400: "The request is invalid; `errors` names every invalid field.",
    401: "No token was sent, or its account was deleted or deactivated.",
    403: "The token is malformed, expired or revoked, lacks the scope, or no user stands behind it.",
    404: "Not found, or not yours.",
    409: "The current state does not allow this.",
    412: "It has changed since you read it.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    428: "If-Match is missing.",
    429: "Too many requests.",
    500: "Something unexpected happened.",
    503: "Try again after `Retry-After` seconds.",
}
_GATEWAY = {401: "Unauthorized", 403: "Forbidden", 429: "Too Many Requests", 500: "Internal Server Error"} | {
    413: "Request Entity Too Large",
    503: "Service Unavailable",
}
_HEADERS = {401: {"WWW-Authenticate": "Bearer (RFC 6750)."}, 503: {"Retry-After": "Seconds."}}
_NOT_OURS = 422  # Powertools declares it for every operation; here an invalid field is 400


def security_of(route: Route) -> list[dict[str, list[str]]]:
    """Return the ways to authenticate on a route: OAuth with its scope, or any bearer token that has it."""
    return [{"oauth2": sorted(route.scope)}, {"bearer": []}]


def responses_of(route: Route, operation: Operation) -> dict[int, Any]:
    """Return every response of an operation, in Powertools' format."""
    statuses = {*operation.problems, *_EVERYWHERE, *(_PROTECTED if route.protected else ())}
    return {
        **{status: _success(success) for status, success in operation.answers.items()},
        **{status: _problem(status) for status in sorted(statuses)},
    }


def document_of(resolver: APIGatewayHttpResolver, *, issuer: str, service_name: str) -> str:
    """Return the document as JSON. It refers only to endpoints of this deployment."""
    flow = OAuthFlowAuthorizationCode(
        authorizationUrl=issuer + AUTHORIZE.path,
        tokenUrl=issuer + TOKEN.path,
        refreshUrl=issuer + TOKEN.path,
        scopes=_SCOPES,
    )
    made = resolver.get_openapi_schema(
        title=f"{service_name}: consumer API",
        version=VERSION,
        description="The console for programs: manage your apps, your connected apps and your account.",
        servers=[Server(url=issuer)],
        security_schemes={"oauth2": OAuth2(flows=OAuthFlows(authorizationCode=flow)), "bearer": HTTPBearer()},
    )
    document = made.model_dump(mode="json", by_alias=True, exclude_none=True)
    return json.dumps(_as_served(document), separators=(",", ":"))


def _success(success: Success) -> dict[str, Any]:
    return {"description": success.sentence, "headers": _headers(success.headers), "content": _content(success.model)}


def _headers(named: Mapping[str, str]) -> dict[str, Any]:
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in named.items()}


def _content(model: type[BaseModel] | None) -> dict[str, Any]:
    return {} if model is None else {JSON: {"model": model, "examples": {"usual": {"value": _example_of(model)}}}}


def _problem(status: int) -> dict[str, Any]:
    content = {PROBLEM: {"model": ProblemDocument, "examples": {"usual": {"value": _example_problem(status)}}}}
    if status in _GATEWAY:
        message = {"message": _GATEWAY[status]}
        content[JSON] = {"model": GatewayMessage, "examples": {"gateway": {"value": message}}}
    if status == HTTPStatus.TOO_MANY_REQUESTS:  # only API Gateway throttles
        del content[PROBLEM]
    named = _HEADERS.get(status, {})
    return {"description": _SENTENCES[status], "headers": _headers(named), "content": content}


def _example_problem(status: int) -> dict[str, Any]:
    example: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _SENTENCES[status],
    }
    if status == HTTPStatus.BAD_REQUEST:
        example["detail"] = "Some fields are invalid."
        example["errors"] = [{"field": "owner", "detail": "This field can't be set here."}]
    return example


def _example_of(model: type[BaseModel]) -> Any:
    """Return the example of a model; that of a list has one item."""
    extra = model.model_config.get("json_schema_extra")
    if isinstance(extra, Mapping):
        return cast(list[Any], extra["examples"])[0]
    (item,) = model.model_fields["items"].annotation.__args__  # type: ignore[union-attr]
    return {"items": [_example_of(item)], "next": None}


def _as_served(document: dict[str, Any]) -> dict[str, Any]:
    """Remove Powertools' own errors, and null as a body: one that may be left out is an object all the same."""
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop(str(_NOT_OURS), operation["responses"].pop(_NOT_OURS, None))
            for media in operation.get("requestBody", {}).get("content", {}).values():
                models = [each for each in media["schema"].get("anyOf", ()) if "$ref" in each]
                media["schema"] = models[0] if models else media["schema"]
    for name in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        document["components"]["schemas"].pop(name, None)
    return document
