"""Leftovers of a stack: none if it was never created, and none with a name that the next one needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.configuration.context import ROOT
from infra.local.synthesis import machine_context, synthesize
from infra.tools.template_checks.__main__ import TEMPLATES
from tests.infra.rendered import Template, of_type
from tests.infra.test_edge import synthesized

KEPT = {"AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::Logs::LogGroup"}
NAMES = {"AlarmName", "BucketName", "DashboardName", "FunctionName", "LogGroupName", "Name", "RoleName", "TableName"}
STACK_ID = {"Ref": "AWS::StackId"}


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """The templates of everything that `make lint-template` looks at."""
    found: dict[str, Template] = {}
    for name, context in TEMPLATES.items():
        made = synthesized(tmp_path_factory.mktemp("left") / "out", **context)
        found |= {f"{name}/{stack}": template for stack, template in made.items()}
    return found


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


def test_tables_are_not_protected_before_the_stack_is_made() -> None:
    context = {**machine_context(), "stage": "prod", "first_deployment": True}
    tables = of_type(dict(synthesize(context, ROOT / "functions").template), "AWS::DynamoDB::Table")

    assert [each["DeletionProtectionEnabled"] for each in tables.values()] == [False] * 7


def test_the_second_deployment_of_a_new_stack_adds_the_protection_and_nothing_else(template: Template) -> None:
    context = {**machine_context(), "stage": "prod", "demo": True, "backchannel_logout": True, "first_deployment": True}
    first = json.dumps(synthesize(context, ROOT / "functions").template)

    assert json.loads(first.replace('"DeletionProtectionEnabled": false', '"DeletionProtectionEnabled": true')) == (
        template
    )


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


def test_two_regions_of_a_stage_share_no_name(tmp_path: Path) -> None:
    """The names that an account has once, or that both edges would have in us-east-1."""

    def edge(region: str) -> dict[str, Template]:
        context = {**TEMPLATES["edge"], "edge_origin": f"0123456789.execute-api.{region}.amazonaws.com"}
        return synthesized(tmp_path / region, **context)

    here, there = edge("eu-west-1"), edge("ap-southeast-1")
    for resource in here["GatepostEdge"]["Resources"].values():
        if resource["Type"] == "AWS::Route53::RecordSet":  # each region has a domain of its own
            continue
        properties = resource.get("Properties", {})
        config = properties.get("CachePolicyConfig", {})
        for name in (properties.get("Name"), config.get("Name")):
            if isinstance(name, str):
                assert name.startswith("Gatepost-prod-edge-eu-west-1"), resource["Type"]
                assert name not in json.dumps(there["GatepostEdge"])
    (dashboard,) = of_type(here["Gatepost"], "AWS::CloudWatch::Dashboard").values()
    (secret,) = (s for s in of_type(here["Gatepost"], "AWS::SecretsManager::Secret").values() if "Name" in s)
    for name in (dashboard["DashboardName"], secret["Name"]):
        assert name["Fn::Join"][1][-1] == {"Ref": "AWS::Region"}
    manifests = [json.loads((tmp_path / r / "manifest.json").read_text()) for r in ("eu-west-1", "ap-southeast-1")]
    assert [each["artifacts"]["GatepostEdge"]["properties"]["stackName"] for each in manifests] == [
        "Gatepost-prod-edge-eu-west-1",
        "Gatepost-prod-edge-ap-southeast-1",
    ]


def test_an_edge_from_before_keeps_its_name(tmp_path: Path) -> None:
    made = synthesized(tmp_path / "out", **TEMPLATES["edge"], edge_name="Gatepost-prod-edge")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())["artifacts"]
    (secret,) = (s for s in of_type(made["Gatepost"], "AWS::SecretsManager::Secret").values() if "Name" in s)

    assert manifest["GatepostEdge"]["properties"]["stackName"] == secret["Name"] == "Gatepost-prod-edge"
