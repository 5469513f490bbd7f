"""The deployment on this machine: what it does as AWS does, and what it does not know."""

from __future__ import annotations

import json
import re
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from infra.local.aws.cloud import REGION, Cloud
from infra.local.aws.parameters import settled
from infra.local.coverage import NotCovered, check_covered
from infra.local.deployment import Deployment
from tests.conftest import Deploy
from tests.infra.rendered import Template, functions
from tests.people import get, new_client, new_person


def token(deployment: Deployment) -> requests.Response:
    app = deployment.demo["apps"][0]
    return requests.post(
        f"{deployment.base_url}/authorization/token",
        data={"grant_type": "client_credentials"},
        auth=(app["client_id"], app["client_secret"]),
        timeout=30,
    )


def test_the_demo_facts_open_what_they_say(deployment: Deployment) -> None:
    assert token(deployment).status_code == 200
    assert [user["username"] for user in deployment.demo["users"]] == ["maria", "tomas"]
    assert deployment.demo["protected"] == [
        {"path": "/demo/read", "scope": "read"},
        {"path": "/demo/write", "scope": "write"},
    ]
    assert deployment.demo["resources"] == [
        {"path": "/demo/notes", "scope": "read", "resource": f"{deployment.base_url}/demo/notes"}
    ]
    web, native, signing_in = deployment.demo["apps"]
    assert (web["confidential"], native["confidential"], native["client_secret"]) == (True, False, "")
    assert f"{deployment.client_app.url}/callback" in web["redirect_uris"]
    assert signing_in["scopes"] == ["email", "openid", "profile"]


def test_every_line_of_the_log_is_one_json_object(deployment: Deployment) -> None:
    assert token(deployment).status_code == 200
    assert deployment.logs
    for line in deployment.logs:
        assert isinstance(json.loads(line), dict)
        assert "\n" not in line


def test_items_are_removed_some_time_after_they_expire(deployment: Deployment) -> None:
    for table in deployment.tables.values():
        described = deployment.client("dynamodb").describe_time_to_live(TableName=table)
        assert described["TimeToLiveDescription"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}


def test_the_stage_prod_with_everything_turned_on_runs_on_this_machine(whole: Deployment) -> None:
    """A canary moves its alias at once here, and a snapshot is a process."""
    client = new_client(whole, new_person(whole))
    token = client.token(grant_type="client_credentials").json()["access_token"]

    assert get(whole, "/demo/read", token).status_code == 200
    assert get(whole, "/demo/write", token).status_code == 403


def test_a_function_fails_without_a_grant_of_its_role_or_a_variable_of_its_environment(deploy: Deploy) -> None:
    def less(template: Template) -> None:
        (table,) = (name for name in template["Resources"] if name.startswith("TablesApps"))
        (role,) = (name for name in template["Resources"] if re.fullmatch(r"FunctionsTokenRole[0-9A-F]{8}", name))
        document = template["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]
        kept = [each for each in document["Statement"] if table not in json.dumps(each["Resource"])]
        assert len(kept) == len(document["Statement"]) - 2
        document["Statement"] = kept
        del functions(template)["introspect"]["Environment"]["Variables"]["GATEPOST_TABLE_APPS"]

    deployed = deploy(alter=less)
    app = deployed.demo["apps"][0]
    url, auth = f"{deployed.base_url}/authorization/introspect", (app["client_id"], app["client_secret"])
    assert token(deployed).status_code in {500, 503}
    assert requests.post(url, data={"token": "x"}, auth=auth, timeout=30).status_code == 500
    assert requests.get(f"{deployed.base_url}/.well-known/jwks.json", timeout=30).status_code == 200


@pytest.mark.parametrize(
    ("template", "unknown"),
    [
        ({"Resources": {"A": {"Type": "AWS::Kinesis::Stream"}}}, "AWS::Kinesis::Stream (resource A)"),
        (
            {"Resources": {"A": {"Type": "AWS::Logs::LogGroup", "Properties": {"KmsKeyId": "k"}}}},
            "KmsKeyId of AWS::Logs::LogGroup (resource A)",
        ),
        (
            {"Resources": {"A": {"Type": "AWS::Logs::LogGroup", "Condition": "c"}}},
            "Condition of AWS::Logs::LogGroup (resource A)",
        ),
        (
            {"Resources": {"A": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "nodejs22.x"}}}},
            "Runtime nodejs22.x of AWS::Lambda::Function (resource A)",
        ),
        ({"Parameters": {"Mine": {"Type": "String"}}, "Resources": {}}, "the section Parameters of a template"),
    ],
)
def test_what_the_local_deployment_does_not_know_stops_it(template: Template, unknown: str) -> None:
    with pytest.raises(NotCovered) as caught:
        check_covered(template)
    assert str(caught.value) == f"The local deployment does not know {unknown}."


def test_the_mends_of_the_local_aws_are_still_needed(deployment: Deployment) -> None:
    """If this fails after an update of ministack, a mend of `infra.local.aws.differences` can go."""
    cloud = deployment.cloud

    def policy(**statement: Any) -> dict[str, Any]:
        return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}

    sends = policy(Action="ses:SendEmail", Resource="arn:aws:ses:us-east-1:000000000000:identity/a@example.com")
    properties: dict[str, dict[str, Any]] = {
        "AWS::SecretsManager::Secret": {"GenerateSecretString": {}},
        "AWS::IAM::Role": {
            "AssumeRolePolicyDocument": policy(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole"),
            "Policies": [{"PolicyName": "access", "PolicyDocument": sends}],
        },
        "AWS::DynamoDB::Table": {
            "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
        },
    }
    template = {
        "Conditions": {"Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, REGION]}},
        "Resources": {kind.rpartition(":")[2]: {"Type": kind, "Properties": each} for kind, each in properties.items()},
        "Outputs": {
            "Secret": {"Value": {"Ref": "Secret"}},
            "Table": {"Value": {"Ref": "Table"}},
            "Role": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}},
            "Region": {"Value": {"Fn::If": ["Here", "here", "elsewhere"]}},
        },
    }
    formation = cloud.client("cloudformation")
    formation.create_stack(StackName="mends", TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"])
    formation.get_waiter("stack_create_complete").wait(StackName="mends", WaiterConfig={"Delay": 0.1})
    stack = formation.describe_stacks(StackName="mends")["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    assert not outputs["Secret"].startswith("arn:"), "Ref of a secret gives its ARN now"
    assert outputs["Region"] == "elsewhere", "AWS::Region is known in conditions now"
    ttl = cloud.client("dynamodb").describe_time_to_live(TableName=outputs["Table"])
    assert ttl["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED", "the template's TTL is carried out now"
    cloud.client("sesv2").create_email_identity(EmailIdentity="a@example.com")
    with pytest.raises(ClientError) as refused:  # when this is not raised, the identity of a permission is understood
        _in_role(cloud, outputs["Role"], "sesv2").send_email(
            FromEmailAddress="a@example.com",
            Destination={"ToAddresses": ["b@example.com"]},
            Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}},
        )
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


def _in_role(cloud: Cloud, role_arn: str, service: str) -> Any:
    session = cloud.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=cloud.endpoint,
        region_name=REGION,
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )


def test_conditions_keep_and_choose_by_the_defaults_of_the_parameters() -> None:
    template = {
        "Parameters": {
            "Table": {"Type": "String", "Default": ""},
            "Name": {"Type": "String", "Default": "a"},
            "Poll": {"Type": "Number", "Default": 5},
        },
        "Conditions": {
            "Named": {"Fn::Equals": [{"Ref": "Name"}, "a"]},
            "HasTable": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Table"}, ""]}]},
            "Both": {"Fn::And": [{"Condition": "Named"}, {"Condition": "HasTable"}]},
            "One": {"Fn::Or": [{"Condition": "Named"}, {"Condition": "HasTable"}]},
        },
        "Resources": {
            "A": {
                "Type": "T",
                "Condition": "One",
                "Properties": {
                    "Name": {"Ref": "Name"},
                    "Table": {"Fn::If": ["HasTable", {"Ref": "Table"}, {"Ref": "AWS::NoValue"}]},
                    "Of": [
                        {"Fn::If": ["Named", "named", "nameless"]},
                        {"Fn::If": ["Both", 1, {"Ref": "AWS::NoValue"}]},
                    ],
                    "Other": {"Ref": "B"},
                    "Poll": {"Ref": "Poll"},
                },
            },
            "B": {"Type": "T", "Condition": "Both"},
        },
        "Outputs": {"B": {"Condition": "HasTable", "Value": 1}, "A": {"Value": {"Ref": "A"}}},
    }

    assert settled(template) == {
        "Resources": {
            "A": {"Type": "T", "Properties": {"Name": "a", "Of": ["named"], "Other": {"Ref": "B"}, "Poll": "5"}}
        },
        "Outputs": {"A": {"Value": {"Ref": "A"}}},
    }


def test_a_parameter_without_a_default_and_cdk_s_own_stay_for_the_coverage_to_judge() -> None:
    template = {
        "Parameters": {"BootstrapVersion": {"Default": "/cdk"}, "Bucket": {"Type": "String"}},
        "Resources": {"A": {"Type": "T", "Properties": {"Bucket": {"Ref": "Bucket"}}}},
    }

    assert settled(template) == template


def test_a_condition_on_the_region_is_carried_out() -> None:
    def kept(region: str) -> set[str]:
        here = {"Fn::Equals": [{"Ref": "AWS::Region"}, region]}
        template = {"Conditions": {"Here": here}, "Resources": {"A": {"Type": "T", "Condition": "Here"}}}
        return set(settled(template)["Resources"])

    assert kept(REGION) == {"A"}
    assert kept("mars-1") == set()


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (
            {"Fn::Equals": [{"Fn::FindInMap": ["A", "b", "c"]}, "x"]},
            'The local deployment does not know {"Fn::FindInMap": ["A", "b", "c"]} in a condition.',
        ),
        ({"Fn::Contains": [[], "x"]}, "The local deployment does not know Fn::Contains as a condition."),
    ],
)
def test_a_condition_that_can_not_be_told_stops_the_deployment(condition: dict[str, Any], sentence: str) -> None:
    with pytest.raises(NotCovered) as caught:
        settled({"Conditions": {"C": condition}, "Resources": {"A": {"Type": "T", "Condition": "C"}}})
    assert str(caught.value) == sentence
