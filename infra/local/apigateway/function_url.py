"""A function URL: payload 2.0 with the single route `$default`, without authorization."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from infra.local.apigateway.deployed_api import ApiRoute, DeployedApi
from infra.local.apigateway.events import Request, Response
from infra.local.apigateway.gateway import Gateway
from infra.local.apigateway.permissions import check_url_may_invoke
from infra.local.aws.made_stack import Properties, Stack
from infra.local.lambda_runtime.runtime import Function

# Lambda renames it in functions' responses: reported by several users of function URLs, not in its documentation.
RENAMED = {"www-authenticate": "x-amzn-remapped-www-authenticate"}
_FAILED = Response(status=502, headers=(("content-type", "text/plain"),), body=b"Internal Server Error")


def answering(stack: Stack, logical: str, functions: Mapping[str, Function]) -> Callable[[Request], Response]:
    """Return the handler of the URL. Raises DeploymentFailed if the function may not be invoked publicly."""
    properties = Properties(stack, stack.template["Resources"][logical]["Properties"])
    function_arn = stack.function_arn(properties["TargetFunctionArn"])
    check_url_may_invoke(stack, function_arn)
    route = ApiRoute(key="$default", function_arn=function_arn, authorizer=None)
    api = DeployedApi(api_id=logical.lower(), routes={"$default": route}, cors=properties.get("Cors"))
    gateway = Gateway(api, functions, failed=_FAILED)

    def answer(request: Request) -> Response:
        given = gateway.handle(request)
        return replace(given, headers=tuple((RENAMED.get(name.lower(), name), value) for name, value in given.headers))

    return answer
