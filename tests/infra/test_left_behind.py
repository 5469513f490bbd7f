"""Leftovers of a stack: none if it was never created, and none with a name that the next one needs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.infra.rendered import Template, of_type
from tests.infra.synthesized import synthesized

KEPT = {"AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::Logs::LogGroup"}
NAMES = {"AlarmName", "BucketName", "DashboardName", "FunctionName", "LogGroupName", "Name", "RoleName", "TableName"}
STACK_ID = {"Ref": "AWS::StackId"}


@pytest.fixture(scope="module")
def every() -> dict[str, Template]:
    """Templates of the stage prod that have every part between them."""
    sets = {name: synthesized(name).templates for name in ("prod", "asked", "opening", "everything")}
    return {f"{name}/{stack}": template for name, templates in sets.items() for stack, template in templates.items()}


def kept(template: Template) -> dict[str, dict[str, Any]]:
    return {n: r for n, r in template["Resources"].items() if r.get("DeletionPolicy", "Delete") != "Delete"}


def test_what_stays_goes_nevertheless_when_its_creation_is_rolled_back(every: dict[str, Template]) -> None:
    found = [resource for template in every.values() for resource in kept(template).values()]

    assert {each["Type"] for each in found} == KEPT
    assert {each["DeletionPolicy"] for each in found} == {"RetainExceptOnCreate"}
    assert {each["UpdateReplacePolicy"] for each in found} == {"Retain"}


def test_nothing_that_stays_has_a_fixed_name(every: dict[str, Template]) -> None:
    named = 0
    for stack, template in every.items():
        for logical, resource in kept(template).items():
            for name in NAMES & set(resource.get("Properties", {})):
                named += 1
                assert json.dumps(STACK_ID) in json.dumps(resource["Properties"][name]), f"{stack} {logical} {name}"
    assert named  # the access logs, whose names need a prefix


def test_access_logs_are_where_the_policy_of_an_account_has_room(every: dict[str, Template]) -> None:
    """API Gateway writes each group of another name into one policy of 5,120 characters."""
    prefixes = []
    for template in every.values():
        groups = of_type(template, "AWS::Logs::LogGroup").values()
        prefixes += [each["LogGroupName"]["Fn::Join"][1][0] for each in groups if "LogGroupName" in each]
        for stage in of_type(template, "AWS::ApiGatewayV2::Stage").values():
            group = stage["AccessLogSettings"]["DestinationArn"]["Fn::GetAtt"][0]
            assert "LogGroupName" in template["Resources"][group]["Properties"]
    assert all(each.startswith("/aws/vendedlogs/") for each in prefixes)
