"""Routes of HTTP APIs behind a Lambda authorizer, or behind API Gateway's own JWT authorizer."""

from __future__ import annotations

import re

from aws_cdk import Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from gatepost.scope import Scope
from gatepost_cdk.decider import HTTP_IDENTITY_SOURCES
from gatepost_cdk.issuer import Issuer

_KEY = re.compile(r"[A-Z]+ /\S*|\$default")


def resource_of(route: apigateway.HttpRoute | apigateway.CfnRoute) -> apigateway.CfnRoute:
    """Return the CloudFormation resource of an unprotected route. Raises ValueError."""
    found = route if isinstance(route, apigateway.CfnRoute) else route.node.default_child
    if not isinstance(found, apigateway.CfnRoute) or not _KEY.fullmatch(found.route_key):
        raise ValueError(f"{route.node.path} is not a route of an HTTP API")
    if found.authorization_type not in (None, "NONE"):
        raise ValueError(f"{found.route_key} has an authorizer already")
    return found


class HttpAuthorizers:
    """The authorizers of HTTP APIs, one per API, created when its first route is protected."""

    def __init__(self, scope: Construct) -> None:
        """Make the authorizers children of `scope`."""
        self._scope = scope
        self._known: dict[str, apigateway.CfnAuthorizer] = {}

    def protect(self, route: apigateway.CfnRoute, function: lambda_.IFunction, *, cache_seconds: int) -> None:
        """Authorize by the function (payload 2.0, simple response)."""
        name, known = self._place(route)
        if known is None:
            allowed = permit(self._scope, f"{name}MayInvoke", function, route.api_id, "authorizers/*")
            known = request_authorizer(
                self._scope, name, function, api_id=route.api_id, name="gatepost", cache_seconds=cache_seconds
            )
            known.add_resource_dependency(allowed)
            self._known[name] = known
        route.authorization_type = "CUSTOM"
        route.authorizer_id = known.ref

    def protect_natively(self, route: apigateway.CfnRoute, issuer: Issuer, needed: Scope) -> None:
        """Authorize by API Gateway. It accepts any one of several scopes, so only one is supported."""
        if len(needed) > 1:
            raise ValueError(
                f"{route.route_key} requires {needed}; a native authorizer takes one scope (any of several would open)"
            )
        name, known = self._place(route)
        if known is None:
            known = apigateway.CfnAuthorizer(
                self._scope,
                name,
                api_id=route.api_id,
                name="gatepost",
                authorizer_type="JWT",
                identity_source=["$request.header.Authorization"],
                jwt_configuration=apigateway.CfnAuthorizer.JWTConfigurationProperty(
                    issuer=issuer.url, audience=[issuer.settings.audience]
                ),
            )
            self._known[name] = known
        route.authorization_type = "JWT"
        route.authorizer_id = known.ref
        if needed:
            route.authorization_scopes = sorted(issuer.accepting(needed))

    def _place(self, route: apigateway.CfnRoute) -> tuple[str, apigateway.CfnAuthorizer | None]:
        name = f"Of{api_name(route, route.api_id)}"
        return name, self._known.get(name)


def api_name(within: Construct, api_id: str) -> str:
    """Return a stable name for an API: its logical id, or its id if it is imported."""
    resolved = Stack.of(within).resolve(api_id)
    return str(resolved["Ref"] if isinstance(resolved, dict) and "Ref" in resolved else resolved)


def request_authorizer(
    scope: Construct,
    construct_id: str,
    function: lambda_.IFunction,
    *,
    api_id: str,
    name: str,
    cache_seconds: int,
    more_sources: tuple[str, ...] = (),
) -> apigateway.CfnAuthorizer:
    """Create an authorizer of an HTTP API (payload 2.0, simple response); `more_sources` identify a request too."""
    stack = Stack.of(scope)
    return apigateway.CfnAuthorizer(
        scope,
        construct_id,
        api_id=api_id,
        name=name,
        authorizer_type="REQUEST",
        authorizer_uri=f"arn:{stack.partition}:apigateway:{stack.region}:lambda:path/2015-03-31/functions/"
        f"{function.function_arn}/invocations",
        authorizer_payload_format_version="2.0",
        enable_simple_responses=True,
        identity_source=[*HTTP_IDENTITY_SOURCES, *more_sources],
        authorizer_result_ttl_in_seconds=cache_seconds,
    )


def permit(
    scope: Construct, construct_id: str, function: lambda_.IFunction, api_id: str, what: str
) -> lambda_.CfnPermission:
    """Allow only `what` of this API, such as "authorizers/*", to invoke the function.

    It names no single authorizer, so that it comes first: an update calls nothing that may not be called yet.
    """
    stack = Stack.of(scope)
    return lambda_.CfnPermission(
        scope,
        construct_id,
        action="lambda:InvokeFunction",
        function_name=function.function_arn,
        principal="apigateway.amazonaws.com",
        source_arn=stack.format_arn(service="execute-api", resource=api_id, resource_name=what),
    )
