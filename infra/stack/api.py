"""The HTTP API: the routes of the route table, the authorizer for the protected ones, a limit for each."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from gatepost.edge.origin_secret import SECRET_HEADER
from gatepost.routes import HEAD, Route, deployed_routes, key_of_get
from gatepost_cdk.http_api import permit, request_authorizer
from infra.configuration.context import Configuration
from infra.stack.vended_logs import vended_log_group

# If only the edge may call: a response cached for it allows nothing to requests that bypass it.
OF_THE_EDGE = f"$request.header.{SECRET_HEADER}"

_OTHER_RATE, _OTHER_BURST = 100, 200

# Neither path nor query string: they may hold misplaced codes and tokens.
_ACCESS_LOG = {
    "event": "request",
    "request_id": "$context.requestId",
    "time": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "route": "$context.routeKey",
    "status": "$context.status",
    "length": "$context.responseLength",
    "latency": "$context.responseLatency",
    "integration_latency": "$context.integrationLatency",
    "integration_error": "$context.integrationErrorMessage",
    "authorizer_error": "$context.authorizer.error",
}


class Api(Construct):
    """An HTTP API. It is created before the functions, whose issuer may be its URL; `serve` adds the rest."""

    def __init__(self, scope: Construct, construct_id: str, *, configuration: Configuration) -> None:
        """Create the API; `url` is the one that API Gateway assigns, without a trailing slash."""
        super().__init__(scope, construct_id)
        self._configuration = configuration
        self.resource = apigateway.CfnApi(
            self,
            "Http",
            name=configuration.stack_name,
            protocol_type="HTTP",
            ip_address_type="dualstack",
            # with the edge it is the origin, and CloudFront has no other address of it
            disable_execute_api_endpoint=bool(configuration.domain_name) and not configuration.edge,
            cors_configuration=_cors(configuration),
        )
        self.url = self.resource.attr_api_endpoint

    def serve(self, functions: Mapping[str, lambda_.IFunction], *, cache_seconds: int) -> apigateway.CfnStage:
        """Connect every deployed route with its function; the authorizer's responses are cached for `cache_seconds`."""
        # With origins of its own API Gateway answers preflights itself, and replaces the functions' CORS headers.
        table = deployed_routes(demo=self._configuration.demo, preflights=not self._configuration.cors_origins)
        authorizer = self._authorizer(functions["authorizer"], cache_seconds)
        integrations = {
            name: self._integration(name, functions[name]) for name in dict.fromkeys(route.function for route in table)
        }
        routes = [self._route(route, integrations[route.function], authorizer) for route in table]
        return self._stage(table, routes)

    def _integration(self, name: str, function: lambda_.IFunction) -> apigateway.CfnIntegration:
        allowed = self._permit(name, function, "*/*")
        integration = apigateway.CfnIntegration(
            self,
            f"{_camel(name)}Integration",
            api_id=self.resource.ref,
            integration_type="AWS_PROXY",
            integration_uri=function.function_arn,
            payload_format_version="2.0",
        )
        integration.add_resource_dependency(allowed)  # an update calls nothing that may not be called yet
        return integration

    def _authorizer(self, function: lambda_.IFunction, cache_seconds: int) -> apigateway.CfnAuthorizer:
        allowed = self._permit("authorizer", function, "authorizers/*")
        authorizer = request_authorizer(
            self,
            "Authorizer",
            function,
            api_id=self.resource.ref,
            name="bearer",
            cache_seconds=cache_seconds,
            more_sources=(OF_THE_EDGE,) if self._configuration.edge_only else (),
        )
        authorizer.add_resource_dependency(allowed)
        return authorizer

    def _permit(self, name: str, function: lambda_.IFunction, what: str) -> lambda_.CfnPermission:
        return permit(self, f"{_camel(name)}MayBeInvoked", function, self.resource.ref, what)

    def _route(
        self, route: Route, integration: apigateway.CfnIntegration, authorizer: apigateway.CfnAuthorizer
    ) -> apigateway.CfnRoute:
        return apigateway.CfnRoute(
            self,
            route.key,
            api_id=self.resource.ref,
            route_key=route.key,
            target=f"integrations/{integration.ref}",
            authorization_type="CUSTOM" if route.has_authorizer else "NONE",
            authorizer_id=authorizer.ref if route.has_authorizer else None,
        )

    def _stage(self, table: tuple[Route, ...], routes: list[apigateway.CfnRoute]) -> apigateway.CfnStage:
        group = vended_log_group(
            self,
            "AccessLogs",
            self._configuration,
            f"apis/{self._configuration.stack_name}",
            key_arn=self._configuration.kms_key_arn,
        )
        stage = apigateway.CfnStage(
            self,
            "Stage",
            api_id=self.resource.ref,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=self._usual["ThrottlingRateLimit"],
                throttling_burst_limit=self._usual["ThrottlingBurstLimit"],
            ),
            route_settings={route.key: limits for route in table if (limits := self._limits(route))},
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=group.attr_arn, format=json.dumps(_ACCESS_LOG)
            ),
        )
        for resource in routes:  # API Gateway rejects limits for a route that does not exist yet
            stage.add_resource_dependency(resource)
        return stage

    @property
    def _usual(self) -> Mapping[str, int]:
        """The limits of HEAD, of routes added by hand, and of preflights that API Gateway answers."""
        scale = self._configuration.throttle_scale
        return {"ThrottlingRateLimit": _OTHER_RATE * scale, "ThrottlingBurstLimit": _OTHER_BURST * scale}

    def _limits(self, route: Route) -> Mapping[str, int] | None:
        """Return the rate of a route, and its burst, in the route table's proportion to the rate.

        HEAD has those of GET: None if they are the usual ones.
        """
        named = self._configuration.throttles.get(key_of_get(route.key))
        rate = named or route.rate * self._configuration.throttle_scale
        limits = {"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": rate * route.burst // route.rate}
        return None if route.method == HEAD and limits == self._usual else limits


def _cors(configuration: Configuration) -> apigateway.CfnApi.CorsProperty | None:
    """Return CORS for the named origins, never with credentials: cookies are for our own pages only.

    It is for every route, and allows no origin but these; None leaves CORS to the functions (`Route.any_origin`).
    """
    if not configuration.cors_origins:
        return None
    return apigateway.CfnApi.CorsProperty(
        allow_origins=list(configuration.cors_origins),
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=["authorization", "content-type", "if-match"],
        expose_headers=["dpop-nonce", "etag", "retry-after", "www-authenticate"],
        allow_credentials=False,
        max_age=600,
    )


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
