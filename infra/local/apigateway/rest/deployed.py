"""A deployed REST API: stages, resources, methods, authorizers and gateway responses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.apigateway.permissions import check_api_may_invoke
from infra.local.aws import arns
from infra.local.aws.made_stack import DeploymentFailed, Properties, Stack, root_resource

_DEFAULT_CACHE_SECONDS = 300
_INTEGRATION = {
    "AWS_PROXY": {"IntegrationHttpMethod", "Type", "Uri"},
    "MOCK": {"IntegrationResponses", "PassthroughBehavior", "RequestTemplates", "Type"},
}
_MOCKED = {"ResponseParameters", "StatusCode"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RestAuthorizer:
    """A Lambda authorizer that returns a policy. `validation` is a pattern for tokens."""

    name: str
    kind: str  # TOKEN or REQUEST
    function_arn: str
    identity_sources: tuple[str, ...]
    validation: str | None
    cache_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mock:
    """A response without a function: CDK's preflight."""

    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestMethod:
    """A method with its function or mock."""

    target: str | Mock
    authorizer: RestAuthorizer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayResponse:
    """A template's changes to one of API Gateway's own responses."""

    status: int | None
    headers: Mapping[str, str]
    templates: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestApi:
    """A REST API for the front to serve; methods by the path and the name of the method."""

    api_id: str
    stages: tuple[str, ...]
    methods: Mapping[str, Mapping[str, RestMethod]]
    responses: Mapping[str, GatewayResponse] = field(default_factory=dict)


def read_rest_api(stack: Stack, logical: str) -> RestApi:
    """Return the API of a logical id. Raises DeploymentFailed as `deployed_api.read_api` does."""
    api_id = stack.physical[logical]
    stages = tuple(each["StageName"] for each in stack.owned("AWS::ApiGateway::Stage", "RestApiId", api_id).values())
    paths = _paths(stack, api_id)
    authorizers = _authorizers(stack, api_id)
    methods: dict[str, dict[str, RestMethod]] = {path: {} for path in paths.values()}
    for each in stack.owned("AWS::ApiGateway::Method", "RestApiId", api_id).values():
        path, name = paths[each["ResourceId"]], each["HttpMethod"]
        method = RestMethod(target=_target(stack, each["Integration"]), authorizer=_guard(each, authorizers))
        methods[path][name] = method
        for stage in stages if isinstance(method.target, str) else ():
            check_api_may_invoke(stack, str(method.target), arns.execute_api(api_id, f"{stage}/{name}{path}"))
    return RestApi(
        api_id=api_id,
        stages=stages,
        methods=methods,
        responses={
            each["ResponseType"]: _gateway_response(each)
            for each in stack.owned("AWS::ApiGateway::GatewayResponse", "RestApiId", api_id).values()
        },
    )


def _paths(stack: Stack, api_id: str) -> dict[str, str]:
    """Return the path of every resource by its physical id."""
    root = root_resource(api_id)
    parts = {
        stack.physical[name]: (each["ParentId"], each["PathPart"])
        for name, each in stack.owned("AWS::ApiGateway::Resource", "RestApiId", api_id).items()
    }

    def path(resource: str) -> str:
        if resource == root:
            return ""
        parent, part = parts[resource]
        return f"{path(parent)}/{part}"

    return {root: "/", **{resource: path(resource) for resource in parts}}


def _authorizers(stack: Stack, api_id: str) -> dict[str, RestAuthorizer]:
    found = {}
    for name, each in stack.owned("AWS::ApiGateway::Authorizer", "RestApiId", api_id).items():
        if each["Type"] not in ("TOKEN", "REQUEST"):
            raise DeploymentFailed(f"The front does not know authorizers of type {each['Type']} before a REST API.")
        authorizer = RestAuthorizer(
            name=name,
            kind=each["Type"],
            function_arn=stack.function_arn(each["AuthorizerUri"]),
            identity_sources=tuple(part.strip() for part in each.get("IdentitySource", "").split(",") if part.strip()),
            validation=each.get("IdentityValidationExpression"),
            cache_seconds=int(each.get("AuthorizerResultTtlInSeconds", _DEFAULT_CACHE_SECONDS)),
        )
        for source in authorizer.identity_sources:
            if not source.startswith(("method.request.header.", "method.request.querystring.", "context.")):
                raise DeploymentFailed(f"The front does not know the identity source {source}.")
        source_arn = arns.execute_api(api_id, f"authorizers/{stack.physical[name]}")
        check_api_may_invoke(stack, authorizer.function_arn, source_arn)
        found[stack.physical[name]] = authorizer
    return found


def _guard(method: Properties, authorizers: Mapping[str, RestAuthorizer]) -> RestAuthorizer | None:
    kind = method["AuthorizationType"]
    if kind not in ("NONE", "CUSTOM"):
        raise DeploymentFailed(f"The front does not know the authorization type {kind} before a REST API.")
    return authorizers[method["AuthorizerId"]] if kind == "CUSTOM" else None


def _target(stack: Stack, integration: Mapping[str, Any]) -> str | Mock:
    kind = integration["Type"]
    unknown = sorted(set(integration) - _INTEGRATION.get(kind, set()))
    if unknown:
        raise DeploymentFailed(f"The front does not know {unknown[0]} of an integration {kind} of a REST API.")
    if kind == "AWS_PROXY":
        return stack.function_arn(integration["Uri"])
    answers = integration.get("IntegrationResponses", [])
    if len(answers) != 1 or set(answers[0]) - _MOCKED:
        raise DeploymentFailed("The front knows mocks of a REST API with one answer without a template only.")
    headers = {
        name.removeprefix("method.response.header."): _literal(value)
        for name, value in answers[0].get("ResponseParameters", {}).items()
    }
    return Mock(status=int(answers[0]["StatusCode"]), headers=headers)


def _literal(value: str) -> str:
    if not (value.startswith("'") and value.endswith("'")):
        raise DeploymentFailed(f"The front does not know the mapping {value} of a mock.")
    return value[1:-1]


def _gateway_response(response: Properties) -> GatewayResponse:
    prefix = "gatewayresponse.header."
    parameters = response.get("ResponseParameters", {})
    for name in parameters:
        if not name.startswith(prefix):
            raise DeploymentFailed(f"The front does not know the parameter {name} of a gateway response.")
    status = response.get("StatusCode")
    return GatewayResponse(
        status=int(status) if status else None,
        headers={name.removeprefix(prefix): value for name, value in parameters.items()},
        templates=response.get("ResponseTemplates", {}),
    )
