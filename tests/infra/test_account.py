"""Demands of an account on the stacks: keys of its own, tags, a boundary, that nothing is deleted by mistake."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from infra.configuration.allowed_values import BadContext
from infra.configuration.context import configuration
from infra.tools.operator.stack_policy import HELD, policy, set_policy
from infra.tools.operator.target import NotPossible, Target
from tests.infra.rendered import Template, functions, of_type
from tests.infra.test_edge import EDGE, SCOPES, synthesized
from tests.infra.test_logical_ids import API, SECRETS, TABLES

KEY = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000"
BOUNDARY = "arn:aws:iam::111122223333:policy/bounded"
ASKED = {
    "kms_key_arn": KEY,
    "permissions_boundary": BOUNDARY,
    "tags": {"cost-center": "4711", "owner": "identity"},
    "termination_protection": True,
    "canary": ["token"],
    "operator_functions": True,
}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("account") / "out"


@pytest.fixture(scope="module")
def asked(out: Path) -> dict[str, Template]:
    return synthesized(out, **EDGE, **ASKED)


def test_tables_secrets_logs_and_topic_have_the_configured_key(asked: dict[str, Template]) -> None:
    main = asked["Gatepost"]
    for table in of_type(main, "AWS::DynamoDB::Table").values():
        assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}
    for secret in of_type(main, "AWS::SecretsManager::Secret").values():
        assert secret["KmsKeyId"] == KEY
    groups = of_type(main, "AWS::Logs::LogGroup").values()
    assert len(groups) == len(functions(main)) + 1  # the functions of operators among them
    assert {group.get("KmsKeyId") for group in groups} == {KEY}
    (topic,) = of_type(main, "AWS::SNS::Topic").values()
    assert topic["KmsMasterKeyId"] == KEY
    (group,) = of_type(asked["GatepostEdge"], "AWS::Logs::LogGroup").values()
    assert "KmsKeyId" not in group  # the key is in another region


def test_a_role_uses_the_key_through_the_services_that_keep_data_and_only_if_it_has_any(
    asked: dict[str, Template],
) -> None:
    main = asked["Gatepost"]
    services = [
        {"Fn::Join": ["", [f"{name}.", {"Ref": "AWS::Region"}, ".", {"Ref": "AWS::URLSuffix"}]]}
        for name in ("dynamodb", "secretsmanager")
    ]
    assert {"token", "operate_admin"} <= set(functions(main))
    for function in functions(main).values():
        role = main["Resources"][function["Role"]["Fn::GetAtt"][0]]["Properties"]
        (document,) = (each["PolicyDocument"] for each in role["Policies"])
        (statement,) = (each for each in document["Statement"] if "kms:" in json.dumps(each["Action"]))
        assert statement["Resource"] == KEY
        assert statement["Condition"] == {"StringEquals": {"kms:ViaService": services}}
        assert set(statement["Action"]) == {
            *("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"),
            *("kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
        }
    assert "kms:" not in json.dumps(asked["GatepostEdge"])


def test_without_a_key_nothing_speaks_of_one(template: Template) -> None:
    assert "kms" not in json.dumps(template).lower()


def test_every_resource_that_has_tags_has_the_configured_ones(asked: dict[str, Template], out: Path) -> None:
    tagged = {"AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::Lambda::Function", "AWS::IAM::Role"}
    tagged |= {"AWS::Logs::LogGroup", "AWS::SNS::Topic", "AWS::CloudFront::Distribution", "AWS::WAFv2::WebACL"}
    seen = set()
    for template in asked.values():
        for resource in template["Resources"].values():
            if resource["Type"] in tagged:
                seen.add(resource["Type"])
                tags = {tag["Key"]: tag["Value"] for tag in resource["Properties"]["Tags"]}
                assert tags == {"cost-center": "4711", "owner": "identity"}
    assert seen == tagged
    artifacts = json.loads((out / "manifest.json").read_text())["artifacts"]
    for stack in ("Gatepost", "GatepostEdge"):
        assert artifacts[stack]["properties"]["tags"] == {"cost-center": "4711", "owner": "identity"}


def test_every_role_has_the_boundary(asked: dict[str, Template], template: Template) -> None:
    roles = of_type(asked["Gatepost"], "AWS::IAM::Role").values()
    assert len(roles) == len(functions(asked["Gatepost"])) + 1  # and CodeDeploy's
    assert {role["PermissionsBoundary"] for role in roles} == {BOUNDARY}
    assert not [role for role in of_type(template, "AWS::IAM::Role").values() if "PermissionsBoundary" in role]


def test_prod_is_protected_from_being_deleted_but_not_before_it_is_made(asked: dict[str, Template], out: Path) -> None:
    def protected(folder: Path) -> list[bool]:
        artifacts = json.loads((folder / "manifest.json").read_text())["artifacts"]
        stacks = [each["properties"] for each in artifacts.values() if each["type"] == "aws:cloudformation:stack"]
        return [bool(each.get("terminationProtection")) for each in stacks]

    assert asked
    assert protected(out) == [True, True]
    synthesized(out.parent / "prod")
    assert protected(out.parent / "prod") == [True]
    synthesized(out.parent / "first", first_deployment=True)
    assert protected(out.parent / "first") == [False]
    synthesized(out.parent / "dev", stage="dev")
    assert protected(out.parent / "dev") == [False]


def test_other_accounts_read_keys_and_revocations_and_nothing_else(out: Path) -> None:
    template = synthesized(out.parent / "shared", feed_readers=["444455556666"])["Gatepost"]
    tables = of_type(template, "AWS::DynamoDB::Table")
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


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"feed_readers": ["me"]}, 'feed_readers is ["me"]; allowed is a list of account ids of 12 digits.'),
        (
            {"feed_readers": ["444455556666"], "kms_key_arn": KEY},
            "feed_readers names accounts; allowed is none while kms_key_arn encrypts the table that they would read.",
        ),
        (
            {"tags": {"aws:x": "1"}},
            'tags is {"aws:x": "1"}; allowed is an object of up to 50 names and texts, none that begins with aws:.',
        ),
        (
            {"kms_key_arn": "alias/x"},
            'kms_key_arn is "alias/x"; allowed is the ARN of a key of KMS in the region of the stack.',
        ),
        (
            {"permissions_boundary": "bounded"},
            'permissions_boundary is "bounded"; allowed is the ARN of a managed policy of IAM.',
        ),
    ],
)
def test_what_can_not_be_is_said_in_a_sentence(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadContext) as caught:
        configuration({**SCOPES, **given})

    assert str(caught.value) == f"cdk.json: gatepost.{sentence}"


class Formation:
    def __init__(self) -> None:
        self.policies: list[dict[str, Any]] = []

    def set_stack_policy(self, StackName: str, StackPolicyBody: str) -> None:  # noqa: N803
        assert StackName == "Gatepost-prod"
        self.policies.append(json.loads(StackPolicyBody))


def test_a_stack_policy_holds_what_has_data_and_can_be_taken_back() -> None:
    formation = Formation()
    target = Target(
        name="the stage prod", client=lambda service: formation, base_url="", tables={}, functions={},
        backed_up=True, stack="Gatepost-prod",
    )  # fmt: skip

    assert set_policy(target, held=True) == (
        "No deployment of the stage prod replaces or deletes its tables, its keys or its API. OFF=1 allows it again."
    )
    set_policy(target, held=False)
    assert formation.policies == [policy(held=True), policy(held=False)]
    allowed, denied = policy(held=True)["Statement"]
    assert (allowed["Effect"], allowed["Action"]) == ("Allow", "Update:*")
    assert (denied["Effect"], denied["Action"]) == ("Deny", ["Update:Replace", "Update:Delete"])
    assert policy(held=False)["Statement"] == [allowed]


def test_the_stack_policy_names_every_logical_id_that_holds_data_and_no_other_one(template: Template) -> None:
    held = {logical for logical in template["Resources"] if any(fnmatchcase(logical, each) for each in HELD)}

    assert held - set(of_type(template, "AWS::SecretsManager::RotationSchedule")) == {*TABLES, *SECRETS, API}


def test_a_stack_policy_is_for_a_stack() -> None:
    target = Target(
        name="the deployment on port 8080", client=lambda service: None, base_url="", tables={}, functions={},
        backed_up=False,
    )  # fmt: skip
    with pytest.raises(NotPossible, match=r"^A deployment on this machine is made once\. STAGE names one in AWS\.$"):
        set_policy(target, held=True)
