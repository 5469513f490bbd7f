"""The authorizer's template says what the construct says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.local.aws.parameters import settled
from infra.tools.package.template import authorizer_template
from tests.infra.protecting import ISSUER, TABLE, authorizer, deciders, http_route, new_stack, only, rendered
from tests.infra.rendered import Template, of_type


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
