"""The HTTP API as it was deployed: routes, integrations, authorizers, CORS and limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.cloud import Cloud
from infra.local.provision import DeploymentFailed, Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorizer:
    """A Lambda authorizer of payload 2.0 with simple responses."""

    function_arn: str
    identity_sources: tuple[str, ...]
    cache_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRoute:
    """A route with the function behind it and the limits before it (requests a second; 0 is no limit)."""

    key: str
    function_arn: str
    authorizer: Authorizer | None
    rate: float = 0
    burst: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedApi:
    """What the front serves."""

    api_id: str
    routes: Mapping[str, ApiRoute]
    cors: Mapping[str, Any] | None


def read_api(cloud: Cloud, stack: Stack) -> DeployedApi:
    """Read the API back from the local AWS. CORS and limits come from the template: there they lose their case.

    Raises DeploymentFailed if a function behind the API has no permission to be invoked by it.
    """
    gateway = cloud.client("apigatewayv2")
    ((logical, resource),) = stack.of_type("AWS::ApiGatewayV2::Api").items()
    api_id = stack.physical[logical]
    integrations = {
        each["IntegrationId"]: each["IntegrationUri"] for each in gateway.get_integrations(ApiId=api_id)["Items"]
    }
    authorizers = {each["AuthorizerId"]: _authorizer(each) for each in gateway.get_authorizers(ApiId=api_id)["Items"]}
    (stage,) = stack.of_type("AWS::ApiGatewayV2::Stage").values()
    limits = stage["Properties"].get("RouteSettings", {})
    routes = {}
    for each in gateway.get_routes(ApiId=api_id)["Items"]:
        key = each["RouteKey"]
        routes[key] = ApiRoute(
            key=key,
            function_arn=integrations[each["Target"].removeprefix("integrations/")],
            authorizer=authorizers[each["AuthorizerId"]] if each.get("AuthorizationType") == "CUSTOM" else None,
            rate=float(limits.get(key, {}).get("ThrottlingRateLimit", 0)),
            burst=int(limits.get(key, {}).get("ThrottlingBurstLimit", 0)),
        )
    permitted = _permitted(cloud, stack)
    for arn in {route.function_arn for route in routes.values()} | {each.function_arn for each in authorizers.values()}:
        if arn not in permitted:
            raise DeploymentFailed(f"The API may not invoke {arn}: the template gives no permission.")
    return DeployedApi(api_id=api_id, routes=routes, cors=resource["Properties"].get("CorsConfiguration"))


def _authorizer(deployed: Mapping[str, Any]) -> Authorizer:
    match = re.search(r"/functions/(arn:.+)/invocations$", deployed["AuthorizerUri"])
    if (
        match is None
        or deployed.get("AuthorizerPayloadFormatVersion") != "2.0"
        or not deployed.get("EnableSimpleResponses")
    ):
        raise DeploymentFailed("The front knows Lambda authorizers of payload 2.0 with simple responses only.")
    for source in deployed.get("IdentitySource", ()):
        if not source.startswith("$request.header.") and source != "$context.routeKey":
            raise DeploymentFailed(f"The front does not know the identity source {source}.")
    return Authorizer(
        function_arn=match[1],
        identity_sources=tuple(deployed.get("IdentitySource", ())),
        cache_seconds=int(deployed.get("AuthorizerResultTtlInSeconds", 0)),
    )


def _permitted(cloud: Cloud, stack: Stack) -> set[str]:
    """The functions that API Gateway may invoke."""
    functions = cloud.client("lambda")
    logical_ids = {
        each["Properties"]["FunctionName"]["Fn::GetAtt"][0]
        for each in stack.of_type("AWS::Lambda::Permission").values()
        if each["Properties"]["Principal"] == "apigateway.amazonaws.com"
    }
    return {
        functions.get_function_configuration(FunctionName=stack.physical[logical])["FunctionArn"]
        for logical in logical_ids
    }
