"""Demands of an account on the stacks: keys of its own, tags, a boundary, and what is deleted or stays."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from infra.tools.operator.stack_policy import HELD, policy, set_policy
from infra.tools.operator.target import NotPossible
from tests.infra.rendered import Template, functions, of_type
from tests.infra.synthesized import BOUNDARY, KEY, TAGS, Synthesized, synthesized
from tests.infra.test_logical_ids import API, SECRETS, TABLES
from tests.operating import stage_prod


def test_tables_secrets_logs_and_topic_have_the_configured_key(everything: Synthesized) -> None:
    main = everything.main
    for table in of_type(main, "AWS::DynamoDB::Table").values():
        assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}
    for secret in of_type(main, "AWS::SecretsManager::Secret").values():
        assert secret["KmsKeyId"] == KEY
    groups = of_type(main, "AWS::Logs::LogGroup").values()
    assert len(groups) == len(functions(main)) + 1  # the functions of operators among them
    assert {group.get("KmsKeyId") for group in groups} == {KEY}
    (topic,) = of_type(main, "AWS::SNS::Topic").values()
    assert topic["KmsMasterKeyId"] == KEY
    (group,) = of_type(everything.edge, "AWS::Logs::LogGroup").values()
    assert "KmsKeyId" not in group  # the key is in another region


def test_a_role_uses_the_key_through_the_services_that_keep_data_and_only_if_it_has_any(
    everything: Synthesized,
) -> None:
    main = everything.main
    services = [
        {"Fn::Join": ["", [f"{name}.", {"Ref": "AWS::Region"}, ".", {"Ref": "AWS::URLSuffix"}]]}
        for name in ("dynamodb", "secretsmanager")
    ]
    assert {"token", "operate_admin"} <= set(functions(main))
    for name, function in functions(main).items():
        role = main["Resources"][function["Role"]["Fn::GetAtt"][0]]["Properties"]
        (document,) = (each["PolicyDocument"] for each in role["Policies"])
        if name == "logo":
            assert "kms:" not in json.dumps(document)
            continue
        (statement,) = (each for each in document["Statement"] if "kms:" in json.dumps(each["Action"]))
        assert statement["Resource"] == KEY
        assert statement["Condition"] == {"StringEquals": {"kms:ViaService": services}}
        assert set(statement["Action"]) == {
            *("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"),
            *("kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
        }
    assert "kms:" not in json.dumps(everything.edge)


def test_without_a_key_nothing_speaks_of_one(template: Template) -> None:
    assert "kms" not in json.dumps(template).lower()


def test_every_resource_that_has_tags_has_the_configured_ones(everything: Synthesized) -> None:
    tagged = {"AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::Lambda::Function", "AWS::IAM::Role"}
    tagged |= {"AWS::Logs::LogGroup", "AWS::SNS::Topic", "AWS::CloudFront::Distribution", "AWS::WAFv2::WebACL"}
    seen = set()
    for template in everything.templates.values():
        for resource in template["Resources"].values():
            if resource["Type"] in tagged:
                seen.add(resource["Type"])
                assert {tag["Key"]: tag["Value"] for tag in resource["Properties"]["Tags"]} == TAGS
    assert seen == tagged
    assert [each["properties"]["tags"] for each in everything.artifacts.values()] == [TAGS] * 2


@pytest.mark.parametrize(
    ("name", "protected"), [("everything", [True, True]), ("prod", [True]), ("first", [False]), ("plain", [False])]
)
def test_prod_is_protected_from_being_deleted_but_not_before_it_is_made(name: str, protected: list[bool]) -> None:
    stacks = synthesized(name).artifacts.values()
    assert [bool(each["properties"].get("terminationProtection")) for each in stacks] == protected


def test_the_second_deployment_of_a_new_stack_adds_the_protection_of_tables_and_nothing_else(
    template: Template,
) -> None:
    first = synthesized("first").main
    tables = of_type(first, "AWS::DynamoDB::Table").values()

    assert [each["DeletionProtectionEnabled"] for each in tables] == [False] * 7
    for each in tables:
        each["DeletionProtectionEnabled"] = True
    assert first == template


def test_other_accounts_read_keys_and_revocations_and_nothing_else() -> None:
    tables = of_type(synthesized("asked").main, "AWS::DynamoDB::Table")
    tokens = tables.pop("TablesTokens107FFD66")
    (statement,) = tokens["ResourcePolicy"]["PolicyDocument"]["Statement"]

    assert statement == {
        "Sid": "GatepostReadersOfTheFeed",
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::444455556666:root"]]}},
        "Action": ["dynamodb:BatchGetItem", "dynamodb:Query"],
        "Resource": "*",
        "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["keys", "feed", "feed#*"]}},
    }
    assert tokens["SSESpecification"] == {"SSEEnabled": False}  # AWS's key of this account is for this account
    assert {str(each["SSESpecification"]) for each in tables.values()} == {str({"SSEEnabled": True})}
    assert not [each for each in tables.values() if "ResourcePolicy" in each]


def test_every_role_has_the_boundary(everything: Synthesized, template: Template) -> None:
    roles = of_type(everything.main, "AWS::IAM::Role").values()
    assert len(roles) == len(functions(everything.main)) + 1  # and CodeDeploy's
    assert {role["PermissionsBoundary"] for role in roles} == {BOUNDARY}
    assert not [role for role in of_type(template, "AWS::IAM::Role").values() if "PermissionsBoundary" in role]


class Formation:
    def __init__(self) -> None:
        self.policies: list[dict[str, Any]] = []

    def set_stack_policy(self, StackName: str, StackPolicyBody: str) -> None:  # noqa: N803
        assert StackName == "Gatepost-prod"
        self.policies.append(json.loads(StackPolicyBody))


def test_a_stack_policy_holds_what_has_data_and_can_be_taken_back() -> None:
    formation = Formation()
    target = stage_prod(lambda _: formation, stack="Gatepost-prod")

    assert set_policy(target, held=True) == (
        "No deployment of the stage prod replaces or deletes its tables, its keys or its API. OFF=1 allows it again."
    )
    set_policy(target, held=False)
    assert formation.policies == [policy(held=True), policy(held=False)]
    allowed, denied = policy(held=True)["Statement"]
    assert (allowed["Effect"], allowed["Action"]) == ("Allow", "Update:*")
    assert (denied["Effect"], denied["Action"]) == ("Deny", ["Update:Replace", "Update:Delete"])
    assert policy(held=False)["Statement"] == [allowed]
    with pytest.raises(NotPossible, match=r"^A deployment on this machine is made once\. STAGE names one in AWS\.$"):
        set_policy(stage_prod(lambda _: formation, name="the deployment on port 8080"), held=True)


def test_the_stack_policy_names_every_logical_id_that_holds_data_and_no_other_one(template: Template) -> None:
    held = {logical for logical in template["Resources"] if any(fnmatchcase(logical, each) for each in HELD)}

    assert held - set(of_type(template, "AWS::SecretsManager::RotationSchedule")) == {*TABLES, *SECRETS, API}


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
