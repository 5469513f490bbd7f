"""A deployed HTTP API: routes, integrations, authorizers, CORS and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.apigateway.permissions import check_api_may_invoke
from infra.local.aws import arns
from infra.local.aws.made_stack import DeploymentFailed, Properties, Stack

_AUTHORIZATION = ("NONE", "CUSTOM", "JWT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorizer:
    """A Lambda authorizer of payload 2.0 with simple responses."""

    function_arn: str
    identity_sources: tuple[str, ...]
    cache_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtAuthorizer:
    """API Gateway's own JWT check; `header`, in lower case, holds the token."""

    issuer: str
    audience: tuple[str, ...]
    header: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRoute:
    """A route with its function and its limits (requests per second; 0 is no limit)."""

    key: str
    function_arn: str
    authorizer: Authorizer | JwtAuthorizer | None
    scopes: tuple[str, ...] = ()  # of a route with a JWT authorizer: one of them is sufficient
    rate: float = 0
    burst: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedApi:
    """An HTTP API for the front to serve."""

    api_id: str
    routes: Mapping[str, ApiRoute]
    cors: Mapping[str, Any] | None


def read_api(stack: Stack, logical: str) -> DeployedApi:
    """Return the API of a logical id.

    Raises DeploymentFailed if the API has no permission to invoke a function, or uses a feature that the front does not
    implement.
    """
    api_id = stack.physical[logical]
    integrations = {
        stack.physical[name]: _function(stack, each)
        for name, each in stack.owned("AWS::ApiGatewayV2::Integration", "ApiId", api_id).items()
    }
    authorizers = {
        stack.physical[name]: _authorizer(stack, each)
        for name, each in stack.owned("AWS::ApiGatewayV2::Authorizer", "ApiId", api_id).items()
    }
    limits, usual = _limits(stack, api_id)
    routes = {}
    for each in stack.owned("AWS::ApiGatewayV2::Route", "ApiId", api_id).values():
        key = each["RouteKey"]
        kind = each.get("AuthorizationType", "NONE")
        if kind not in _AUTHORIZATION:
            raise DeploymentFailed(f"The front does not know the authorization type {kind} (route {key}).")
        route = ApiRoute(
            key=key,
            function_arn=integrations[each["Target"].removeprefix("integrations/")],
            authorizer=authorizers[each["AuthorizerId"]] if kind != "NONE" else None,
            scopes=tuple(each.get("AuthorizationScopes", ())),
            rate=float(limits.get(key, usual).get("ThrottlingRateLimit", 0)),
            burst=int(limits.get(key, usual).get("ThrottlingBurstLimit", 0)),
        )
        routes[key] = route
        check_api_may_invoke(stack, route.function_arn, route_arn(api_id, key))
    for authorizer_id, authorizer in authorizers.items():
        if isinstance(authorizer, Authorizer):
            source = arns.execute_api(api_id, f"authorizers/{authorizer_id}")
            check_api_may_invoke(stack, authorizer.function_arn, source)
    cors = Properties(stack, stack.template["Resources"][logical]["Properties"]).get("CorsConfiguration")
    return DeployedApi(api_id=api_id, routes=routes, cors=cors)


def route_arn(api_id: str, key: str) -> str:
    """Return the ARN of a route: its stage, method and path as in the route key."""
    method, _, path = key.partition(" ")
    return arns.execute_api(api_id, f"$default/{method}{path}")


def _limits(stack: Stack, api_id: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the limits of the routes that have their own, and those of the others, each for itself."""
    stages = list(stack.owned("AWS::ApiGatewayV2::Stage", "ApiId", api_id).values())
    if [each["StageName"] for each in stages] != ["$default"]:
        raise DeploymentFailed("The front serves HTTP APIs with the one stage $default only.")
    return stages[0].get("RouteSettings", {}), stages[0].get("DefaultRouteSettings", {})


def _function(stack: Stack, integration: Properties) -> str:
    if integration["IntegrationType"] != "AWS_PROXY" or integration.get("PayloadFormatVersion") != "2.0":
        raise DeploymentFailed("The front knows Lambda integrations of payload 2.0 only before an HTTP API.")
    return stack.function_arn(integration["IntegrationUri"])


def _authorizer(stack: Stack, authorizer: Properties) -> Authorizer | JwtAuthorizer:
    sources = tuple(authorizer.get("IdentitySource", ()))
    for source in sources:
        if not source.startswith("$request.header.") and source != "$context.routeKey":
            raise DeploymentFailed(f"The front does not know the identity source {source}.")
    if authorizer["AuthorizerType"] == "JWT":
        configuration = authorizer["JwtConfiguration"]
        (header,) = sources
        return JwtAuthorizer(
            issuer=configuration["Issuer"],
            audience=tuple(configuration.get("Audience", ())),
            header=header.removeprefix("$request.header.").lower(),
        )
    if authorizer.get("AuthorizerPayloadFormatVersion") != "2.0" or not authorizer.get("EnableSimpleResponses"):
        raise DeploymentFailed("The front knows Lambda authorizers of payload 2.0 with simple responses only.")
    return Authorizer(
        function_arn=stack.function_arn(authorizer["AuthorizerUri"]),
        identity_sources=sources,
        cache_seconds=int(authorizer.get("AuthorizerResultTtlInSeconds", 0)),
    )
