"""Methods of REST APIs behind a Lambda authorizer, and the gateway responses that send the challenges."""

from __future__ import annotations

import json

from aws_cdk import Stack, Token
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from gatepost.resource_server.bearer import Challenger
from gatepost.scope import Scope
from gatepost_cdk.http_api import api_name, permit

_AUTHORIZATION = "method.request.header.Authorization"
# A response cached for one route never allows another: resource and method are part of its key.
IDENTITY_SOURCES = (_AUTHORIZATION, "context.resourcePath", "context.httpMethod")
RETRY_AFTER = 5  # seconds
_CHALLENGE = r"ResponseParameters.gatewayresponse\.header\.WWW-Authenticate"


def resource_of(method: apigateway.Method | apigateway.CfnMethod) -> apigateway.CfnMethod:
    """Return the CloudFormation resource of an unprotected method. Raises ValueError."""
    found = method if isinstance(method, apigateway.CfnMethod) else method.node.default_child
    if not isinstance(found, apigateway.CfnMethod):
        raise ValueError(f"{method.node.path} is not a method of a REST API")  # noqa: TRY004
    if found.authorization_type not in (None, "NONE"):
        raise ValueError(f"{method.node.path} has an authorizer already")
    return found


def key_of(method: apigateway.Method | apigateway.CfnMethod) -> str:
    """Return the method's key in the table of routes, "GET /reports/{id}". Raises ValueError if it is unknown."""
    if isinstance(method, apigateway.Method):
        return f"{method.http_method} {method.resource.path}"
    return f"{method.http_method} {_path(method, method.resource_id)}"


def _path(within: Construct, resource_id: str) -> str:
    stack = Stack.of(within)
    resolved = stack.resolve(resource_id)
    if isinstance(resolved, dict) and "RootResourceId" in resolved.get("Fn::GetAtt", ()):
        return "/"
    for each in stack.node.find_all():
        if isinstance(each, apigateway.CfnResource) and stack.resolve(each.ref) == resolved:
            return f"{_path(within, each.parent_id).rstrip('/')}/{each.path_part}"
    raise ValueError(f"the path of {within.node.path} can't be determined; allowed is a resource of the same stack")


class RestAuthorizers:
    """The authorizers of REST APIs, one per API, created with its gateway responses for its first method."""

    def __init__(self, scope: Construct, *, kind: str, cache_seconds: int, challenger: Challenger) -> None:
        """Make the authorizers children of `scope`; `kind` is REQUEST or TOKEN."""
        self._scope = scope
        self._kind = kind
        self._cache_seconds = cache_seconds
        self._challenger = challenger
        self._known: dict[str, apigateway.CfnAuthorizer] = {}
        self._unauthorized: dict[str, tuple[apigateway.CfnGatewayResponse, Scope]] = {}  # and what every method needs

    def protect(
        self, method: apigateway.Method | apigateway.CfnMethod, function: lambda_.IFunction, *, needed: Scope
    ) -> None:
        """Authorize by the function. The API is redeployed when its protection changes."""
        resource = resource_of(method)
        api = method.api if isinstance(method, apigateway.Method) else None
        name = f"Of{api_name(resource, resource.rest_api_id)}"
        if name not in self._known:
            self._known[name] = self._authorizer(name, resource.rest_api_id, function)
            self._answers(name, resource.rest_api_id, api, needed)
        self._challenge(name, needed)
        resource.authorization_type = "CUSTOM"
        resource.authorizer_id = self._known[name].ref
        deployment = api.latest_deployment if api else None
        if deployment:
            deployment.add_to_logical_id({"gatepost": [key_of(method), str(needed), self._kind, self._cache_seconds]})

    def _authorizer(self, name: str, api_id: str, function: lambda_.IFunction) -> apigateway.CfnAuthorizer:
        stack = Stack.of(self._scope)
        sources = IDENTITY_SOURCES if self._kind == "REQUEST" else (_AUTHORIZATION,)
        authorizer = apigateway.CfnAuthorizer(
            self._scope,
            name,
            rest_api_id=api_id,
            name="gatepost",
            type=self._kind,
            authorizer_uri=f"arn:{stack.partition}:apigateway:{stack.region}:lambda:path/2015-03-31/functions/"
            f"{function.function_arn}/invocations",
            identity_source=",".join(sources),
            authorizer_result_ttl_in_seconds=self._cache_seconds,
        )
        authorizer.add_resource_dependency(permit(self._scope, f"{name}MayInvoke", function, api_id, "authorizers/*"))
        return authorizer

    def _challenge(self, name: str, needed: Scope) -> None:
        """Let 401, one text for the whole API, name the scopes that every method needs."""
        response, shared = self._unauthorized[name]
        shared &= needed
        self._unauthorized[name] = response, shared
        quotable = Scope(each for each in shared if "'" not in each)  # which ends a text of a gateway response
        challenge = f"'{self._challenger.challenge(scope=quotable)}'"
        response.add_property_override(_CHALLENGE, challenge)

    def _answers(self, name: str, api_id: str, api: apigateway.IRestApi | None, needed: Scope) -> None:
        """Add the gateway responses: 401 names no error, since the token may be missing; 403 is the authorizer's."""
        cors = _cors(api)
        for kind, status, headers in (
            ("UNAUTHORIZED", "401", {"WWW-Authenticate": f"'{self._challenger.challenge()}'", **cors}),
            ("ACCESS_DENIED", "403", {"WWW-Authenticate": "context.authorizer.challenge", **cors}),
            ("AUTHORIZER_FAILURE", "503", {"Retry-After": f"'{RETRY_AFTER}'", **cors}),
        ):
            self._refuse_second(api_id, kind)
            response = apigateway.CfnGatewayResponse(
                self._scope,
                f"{name}{''.join(part.capitalize() for part in kind.split('_'))}",
                rest_api_id=api_id,
                response_type=kind,
                status_code=status,
                response_parameters={f"gatewayresponse.header.{header}": value for header, value in headers.items()},
                response_templates={"application/json": '{"message":$context.error.messageString}'},
            )
            if kind == "UNAUTHORIZED":
                self._unauthorized[name] = response, needed
            deployment = api.latest_deployment if api else None
            if deployment:
                deployment.node.add_dependency(response)
                deployment.add_to_logical_id({"gatepost": [kind, status, json.dumps(headers)]})

    def _refuse_second(self, api_id: str, kind: str) -> None:
        stack = Stack.of(self._scope)
        for each in stack.node.find_all():
            if (
                isinstance(each, apigateway.CfnGatewayResponse)
                and each.response_type == kind
                and stack.resolve(each.rest_api_id) == stack.resolve(api_id)
            ):
                raise ValueError(f"the API has a gateway response {kind} already ({each.node.path})")


def _cors(api: apigateway.IRestApi | None) -> dict[str, str]:
    """Return headers that let scripts read the challenge, if the API answers preflight requests.

    A gateway response can't select an origin. It holds nothing secret, so with several origins all are allowed.
    """
    options = api.root.default_cors_preflight_options if api else None
    if options is None:
        return {}
    origins = options.allow_origins
    origin = origins[0] if len(origins) == 1 and not Token.is_unresolved(origins[0]) else "*"
    return {"Access-Control-Allow-Origin": f"'{origin}'", "Access-Control-Expose-Headers": "'WWW-Authenticate'"}
