"""Functions that `GatepostAuthorizer` guards, the roles of readers of the feed, and the authorizer's template."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from infra.local.aws.parameters import settled
from infra.tools.package.template import authorizer_template
from tests.infra.protecting import (
    ISSUER,
    READS_THE_FEED,
    TABLE,
    authorizer,
    deciders,
    environment,
    function,
    http_route,
    new_stack,
    only,
    rendered,
    statements,
)
from tests.infra.rendered import Template, of_type

if TYPE_CHECKING:
    from aws_cdk import Stack


def test_the_role_may_write_its_log_and_with_the_table_read_the_feed(stack: Stack) -> None:
    auth = authorizer(stack, tokens_table_arn=TABLE, revocation_poll=2, revocation_max_stale=30)
    auth.protect(http_route(stack), scopes=[])
    authorizer(stack, "Without").protect(http_route(stack, api="Other"), scopes=[])
    template = rendered(stack)

    (log,) = statements(template, "WithoutAuthorizerRole")
    assert log["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert statements(template, "AuthAuthorizerRole")[1:] == [READS_THE_FEED]
    (told,) = (each["Environment"]["Variables"] for each in deciders(template) if TABLE in str(each))
    names = ("GATEPOST_TABLE_TOKENS", "GATEPOST_REVOCATION_POLL", "GATEPOST_REVOCATION_MAX_STALE")
    assert [told[name] for name in names] == [TABLE, "2", "30"]


def test_a_guarded_function_gets_layers_environment_and_the_right_to_read(stack: Stack) -> None:
    auth = authorizer(stack, tokens_table_arn=TABLE, realm="reports", resource_metadata="https://r.example.com/x")
    auth.guard(function(stack))
    template = rendered(stack)

    found = only(template, "AWS::Lambda::Function")
    assert found["Environment"]["Variables"] == {
        **environment(),
        "GATEPOST_REALM": "reports",
        "GATEPOST_RESOURCE_METADATA": "https://r.example.com/x",
        "GATEPOST_TABLE_TOKENS": TABLE,
    }
    assert len(found["Layers"]) == len(of_type(template, "AWS::Lambda::LayerVersion"))
    assert statements(template, "FunctionServiceRole") == [READS_THE_FEED]


def test_a_function_that_uses_powertools_gets_it_when_asked_for(stack: Stack) -> None:
    authorizer(stack).guard(function(stack), powertools=True)

    layers = [each["Description"] for each in of_type(rendered(stack), "AWS::Lambda::LayerVersion").values()]
    assert layers == ["Gatepost: powertools", "Gatepost: tokens", "Gatepost: gatepost"]


def test_a_function_that_stacks_share_is_guarded_for_an_audience_that_only_the_deployment_knows(stack: Stack) -> None:
    from aws_cdk import CfnParameter
    from aws_cdk import aws_lambda as lambda_

    made = lambda_.SingletonFunction(
        stack,
        "Shared",
        uuid="0c5b6f4e-2b44-4b6d-9a52-9a4b0e4f3c11",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
    )
    authorizer(stack, audience=CfnParameter(stack, "Audience").value_as_string).guard(made)

    found = only(rendered(stack), "AWS::Lambda::Function")
    variables = found["Environment"]["Variables"]
    assert (variables["GATEPOST_ISSUER"], variables["GATEPOST_AUDIENCE"]) == (ISSUER, {"Ref": "Audience"})
    assert found["Layers"]


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


@pytest.fixture(scope="module")
def constructed() -> Template:
    stack = new_stack()
    auth = authorizer(stack, tokens_table_arn=TABLE)
    auth.protect(http_route(stack), scopes=["reports.read"])
    return rendered(stack)


@pytest.fixture(scope="module")
def template() -> Template:
    return authorizer_template("3.13")


def properties(template: Template, name: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][name]["Properties"]
    return found


def placed(template: Template, value: Any) -> Any:
    """A value with the defaults of the parameters, and with a table."""
    defaults = {name: each.get("Default") for name, each in template["Parameters"].items()}
    told = {**defaults, "Issuer": ISSUER, "TokensTableArn": TABLE}
    if isinstance(value, dict) and "Fn::If" in value:
        value = value["Fn::If"][1]
    return str(told[value["Ref"]]) if isinstance(value, dict) else value


def test_the_function_is_the_construct_s_with_the_same_environment(constructed: Template, template: Template) -> None:
    (theirs,) = deciders(constructed)
    ours = properties(template, "Function")

    for name in ("Handler", "MemorySize", "Timeout", "Description"):
        assert ours[name] == theirs[name]
    told = {name: placed(template, value) for name, value in ours["Environment"]["Variables"].items()}
    their_environment = theirs["Environment"]["Variables"]
    assert set(told) == set(their_environment)
    assert {**told, "GATEPOST_ROUTES": "", "GATEPOST_AUDIENCE": ""} == {
        **their_environment,
        "GATEPOST_ROUTES": "",
        "GATEPOST_AUDIENCE": "",  # where it is empty the function takes the issuer
        "GATEPOST_SCOPE_IMPLIES": "{}",
    }


def test_the_role_and_the_authorizer_are_the_construct_s(constructed: Template, template: Template) -> None:
    (their_role,) = of_type(constructed, "AWS::IAM::Role").values()
    theirs = their_role["Policies"][0]["PolicyDocument"]["Statement"]
    ours = properties(template, "Role")["Policies"][0]["PolicyDocument"]["Statement"]
    reads = ours[1]["Fn::If"][1]

    assert ours[0]["Action"] == theirs[0]["Action"]
    assert {**reads, "Resource": TABLE} == theirs[1]
    assert ours[1]["Fn::If"][2] == {"Ref": "AWS::NoValue"}
    their_authorizer = only(constructed, "AWS::ApiGatewayV2::Authorizer")
    ours_too = properties(template, "Authorizer")
    assert {name: ours_too[name] for name in ("IdentitySource", "AuthorizerType", "EnableSimpleResponses")} == {
        name: their_authorizer[name] for name in ("IdentitySource", "AuthorizerType", "EnableSimpleResponses")
    }
    assert template["Parameters"]["CacheSeconds"]["Default"] == their_authorizer["AuthorizerResultTtlInSeconds"]


def test_without_a_table_or_an_http_api_nothing_is_allowed_or_made_for_one(template: Template) -> None:
    parameters = template["Parameters"]
    found = settled({**template, "Parameters": {**parameters, "Api": {**parameters["Api"], "Default": "rest"}}})

    assert set(found["Resources"]) == {"Logs", "Role", "Function"}
    statements = properties(found, "Role")["Policies"][0]["PolicyDocument"]["Statement"]
    assert [each["Action"] for each in statements] == [["logs:CreateLogStream", "logs:PutLogEvents"]]
    assert "GATEPOST_TABLE_TOKENS" not in properties(found, "Function")["Environment"]["Variables"]


def test_the_id_of_an_api_may_be_a_reference_since_no_condition_looks_at_it(template: Template) -> None:
    assert "HttpApiId" not in json.dumps(template["Conditions"])
