"""Functions that `GatepostAuthorizer` guards, and the roles of readers of the feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.infra.protecting import (
    ISSUER,
    READS_THE_FEED,
    TABLE,
    authorizer,
    deciders,
    function,
    http_route,
    only,
    rendered,
    statements,
)
from tests.infra.rendered import of_type

if TYPE_CHECKING:
    from aws_cdk import Stack


def test_without_the_table_the_role_may_write_its_log_and_nothing_else(stack: Stack) -> None:
    authorizer(stack).protect(http_route(stack), scopes=[])

    (statement,) = statements(rendered(stack), "AuthAuthorizerRole")
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]


def test_with_the_table_it_may_read_the_feed_too(stack: Stack) -> None:
    auth = authorizer(stack, tokens_table_arn=TABLE, revocation_poll=2, revocation_max_stale=30)
    auth.protect(http_route(stack), scopes=[])
    template = rendered(stack)

    assert statements(template, "AuthAuthorizerRole")[1:] == [READS_THE_FEED]
    variables = deciders(template)[0]["Environment"]["Variables"]
    assert variables["GATEPOST_TABLE_TOKENS"] == TABLE
    assert variables["GATEPOST_REVOCATION_POLL"] == "2"
    assert variables["GATEPOST_REVOCATION_MAX_STALE"] == "30"


def test_a_guarded_function_gets_layers_environment_and_the_right_to_read(stack: Stack) -> None:
    auth = authorizer(stack, tokens_table_arn=TABLE, realm="reports", resource_metadata="https://r.example.com/x")
    auth.guard(function(stack))
    template = rendered(stack)

    found = only(template, "AWS::Lambda::Function")
    assert found["Environment"]["Variables"] == {
        "GATEPOST_ISSUER": ISSUER,
        "GATEPOST_AUDIENCE": ISSUER,
        "GATEPOST_SCOPE_IMPLIES": "{}",
        "GATEPOST_REVOCATION_POLL": "5",
        "GATEPOST_REVOCATION_MAX_STALE": "60",
        "GATEPOST_CLOCK_LEEWAY": "30",
        "GATEPOST_REALM": "reports",
        "GATEPOST_RESOURCE_METADATA": "https://r.example.com/x",
        "GATEPOST_TABLE_TOKENS": TABLE,
    }
    assert len(found["Layers"]) == len(of_type(template, "AWS::Lambda::LayerVersion"))
    assert statements(template, "FunctionServiceRole") == [READS_THE_FEED]


def test_a_function_that_uses_powertools_gets_it_when_asked_for(stack: Stack) -> None:
    authorizer(stack).guard(function(stack), powertools=True)

    layers = of_type(rendered(stack), "AWS::Lambda::LayerVersion").values()
    assert [layer["Description"] for layer in layers] == [
        "Gatepost: powertools",
        "Gatepost: tokens",
        "Gatepost: gatepost",
    ]


def test_an_audience_may_be_known_at_deployment_only(stack: Stack) -> None:
    from aws_cdk import CfnParameter

    authorizer(stack, audience=CfnParameter(stack, "Audience").value_as_string).guard(function(stack))

    found = only(rendered(stack), "AWS::Lambda::Function")
    assert found["Environment"]["Variables"]["GATEPOST_AUDIENCE"] == {"Ref": "Audience"}


def test_a_function_that_stacks_share_is_guarded_like_another(stack: Stack) -> None:
    from aws_cdk import aws_lambda as lambda_

    made = lambda_.SingletonFunction(
        stack,
        "Shared",
        uuid="0c5b6f4e-2b44-4b6d-9a52-9a4b0e4f3c11",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
    )
    authorizer(stack).guard(made)

    found = only(rendered(stack), "AWS::Lambda::Function")
    assert (found["Environment"]["Variables"]["GATEPOST_ISSUER"], len(found["Layers"]) > 0) == (ISSUER, True)


def test_many_functions_share_the_layers(stack: Stack) -> None:
    auth = authorizer(stack)
    auth.protect(http_route(stack), scopes=[])
    authorizer(stack, "Other").guard(function(stack))
    template = rendered(stack)

    layers = of_type(template, "AWS::Lambda::LayerVersion")
    assert all(
        {layer["Ref"] for layer in each["Layers"]} == set(layers)
        for each in of_type(template, "AWS::Lambda::Function").values()
    )


def test_another_accounts_table_needs_the_statement_that_is_handed_back(stack: Stack) -> None:
    auth = authorizer(stack, tokens_table_arn=TABLE)
    auth.protect(http_route(stack), scopes=[])
    auth.guard(function(stack))
    policy = stack.resolve(auth.table_policy())

    roles = of_type(rendered(stack), "AWS::IAM::Role")
    assert {each["Fn::GetAtt"][0] for each in policy.pop("Principal")["AWS"]} == set(roles)
    assert policy == {"Sid": "GatepostReadersOfTheFeed", **READS_THE_FEED}
    with pytest.raises(ValueError, match="without tokens_table_arn"):
        authorizer(stack, "Without").table_policy()
