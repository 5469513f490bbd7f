"""The consumer API as one function of a request: Powertools validates it and selects the operation."""

from __future__ import annotations

import logging
import re
from functools import cache
from typing import Any, NoReturn

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from gatepost.clients.owner_changes import InvalidApp
from gatepost.consumer.bodies import body_object, body_text
from gatepost.consumer.call import CALL, JSON, Call, user_behind
from gatepost.consumer.description import document_of, responses_of, security_of
from gatepost.consumer.operations import DOCUMENT, OPERATIONS
from gatepost.consumer.problem_details import Stale, invalid_request, refused
from gatepost.errors import Conflict, OAuthError
from gatepost.http.request import Request
from gatepost.http.response import SAFE, Response
from gatepost.oauth.server import Server
from gatepost.routes import Route


def answer(request: Request, *, server: Server) -> Response:
    """Process a request. Raises OAuthError, with the ids of app and user for the log."""
    route, operation = next((route, each) for route, each in OPERATIONS.items() if route.key == request.route_key)
    facts = {name: request.authorizer[name] for name in ("sub", "client_id") if route.protected}
    try:
        context: dict[str, Any] = {}
        if route.protected:
            user = user_behind(server, request)
            context[CALL] = Call(server=server, request=request, user=user)
        else:
            context[DOCUMENT] = document(server.settings.issuer, server.settings.service_name)
        reads = operation.reads_json and not (operation.may_lack_body and not request.body)
        answered = _resolve(route, request, body_text(request) if reads else "", context)
    except OAuthError as error:
        error.facts = {**facts, **error.facts}
        raise
    headers = {**SAFE, **answered["headers"]}
    return Response(status=answered["statusCode"], body=answered["body"] or "", headers=headers, facts=facts)


@cache
def document(issuer: str, service_name: str) -> str:
    """Return the API's OpenAPI document, made once per container."""
    return document_of(resolver(), issuer=issuer, service_name=service_name)


@cache
def resolver() -> APIGatewayHttpResolver:
    """Return the resolver with every operation, made once per container."""
    logging.getLogger("aws_lambda_powertools").setLevel(logging.INFO)  # at DEBUG it logs what clients send
    made = APIGatewayHttpResolver(enable_validation=True, json_body_deserializer=body_object)
    made.exception_handler(Exception)(_leave)
    for route, operation in OPERATIONS.items():
        made.route(
            re.sub(r"{(\w+)}", r"<\1>", route.path),
            route.method,
            summary=(operation.run.__doc__ or "").partition("\n")[0],
            responses=responses_of(route, operation),
            operation_id=operation.run.__name__,
            security=security_of(route) if route.protected else None,
        )(operation.run)
    return made


def _leave(error: Exception) -> NoReturn:
    """Re-raise: Powertools would log a traceback, which may quote what the client sent; `http.endpoint` does not."""
    raise error


def _resolve(route: Route, request: Request, body: str, context: dict[str, Any]) -> dict[str, Any]:
    """Return Powertools' response, mapping every error to ours."""
    powertools = resolver()
    powertools.context = dict(context)
    try:
        return powertools.resolve(_event(route, request, body), None)  # type: ignore[arg-type]
    except RequestValidationError as error:
        raise invalid_request(error) from None
    except InvalidApp as error:
        raise refused(error.faults) from None
    except Conflict as conflict:
        if conflict.field != "version":
            raise
        raise Stale from None


def _event(route: Route, request: Request, body: str) -> dict[str, Any]:
    """Return the request for Powertools: for the route that API Gateway matched, its parameters decoded."""
    named = {name: value.encode("utf-8", "replace").decode() for name, value in request.path_parameters.items()}
    return {
        "version": "2.0",
        "rawPath": route.at(**named),
        "headers": {**request.headers, "content-type": JSON},  # checked already; Powertools knows one spelling
        "queryStringParameters": request.query().every(),
        "requestContext": {"http": {"method": route.method}, "stage": "$default"},
        "body": body,
        "isBase64Encoded": False,
    }
