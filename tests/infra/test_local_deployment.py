from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from infra.local.aws.cloud import REGION, Cloud
from infra.local.aws.made_stack import DeploymentFailed
from infra.local.coverage import NotCovered
from infra.local.deployment import Deployment
from tests.conftest import Deploy
from tests.infra.rendered import Template


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


def test_the_base_url_is_the_issuer(deployment: Deployment) -> None:
    document = requests.get(f"{deployment.base_url}/.well-known/oauth-authorization-server", timeout=30).json()
    assert document["issuer"] == deployment.base_url == deployment.settings.issuer


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


def test_a_function_without_a_grant_of_its_role_fails(deploy: Deploy) -> None:
    def without_apps(template: Template) -> None:
        (table,) = (name for name in template["Resources"] if name.startswith("TablesApps"))
        (role,) = (name for name in template["Resources"] if re.fullmatch(r"FunctionsTokenRole[0-9A-F]{8}", name))
        document = template["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]
        kept = [each for each in document["Statement"] if table not in json.dumps(each["Resource"])]
        assert len(kept) == len(document["Statement"]) - 2
        document["Statement"] = kept

    deployed = deploy(alter=without_apps)
    assert token(deployed).status_code in {500, 503}
    assert requests.get(f"{deployed.base_url}/.well-known/jwks.json", timeout=30).status_code == 200


def test_a_function_without_a_variable_of_its_environment_fails(deploy: Deploy) -> None:
    def without_issuer(template: Template) -> None:
        for resource in template["Resources"].values():
            if resource.get("Metadata", {}).get("gatepost:function") == "token":
                del resource["Properties"]["Environment"]["Variables"]["GATEPOST_TABLE_APPS"]

    assert token(deploy(alter=without_issuer)).status_code == 500


def test_an_api_without_permission_to_invoke_a_function_is_not_deployed(deploy: Deploy) -> None:
    def without_permission(template: Template) -> None:
        (name,) = (name for name in template["Resources"] if name.startswith("ApiTokenMayBeInvoked"))
        del template["Resources"][name]

    with pytest.raises(DeploymentFailed, match=r"^The API may not invoke .*: the template gives no permission\.$"):
        deploy(alter=without_permission, seeded=False)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda template: template["Resources"].update(Stream={"Type": "AWS::Kinesis::Stream"}),
            "The local deployment does not know AWS::Kinesis::Stream (resource Stream).",
        ),
        (
            lambda template: template["Resources"].update(
                Group={"Type": "AWS::Logs::LogGroup", "Properties": {"KmsKeyId": "k"}}
            ),
            "The local deployment does not know KmsKeyId of AWS::Logs::LogGroup (resource Group).",
        ),
        (
            lambda template: template["Resources"].update(Group={"Type": "AWS::Logs::LogGroup", "Condition": "c"}),
            "The local deployment does not know Condition of AWS::Logs::LogGroup (resource Group).",
        ),
        (
            lambda template: template.update(Parameters={}),
            "The local deployment does not know the section Parameters of a template.",
        ),
    ],
)
def test_what_the_local_deployment_does_not_know_stops_it(deploy: Deploy, change: Any, sentence: str) -> None:
    with pytest.raises(NotCovered) as caught:
        deploy(alter=change)
    assert str(caught.value) == sentence


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    running = Cloud(tmp_path)
    yield running
    running.close()


def test_the_mends_of_the_local_aws_are_still_needed(cloud: Cloud) -> None:
    """If this fails after an update of ministack, a mend of `infra.local.aws.differences` can go."""
    formation = cloud.client("cloudformation")
    template = {
        "Conditions": {"Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, REGION]}},
        "Resources": {
            "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": {}}},
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "lambda.amazonaws.com"},
                                "Action": "sts:AssumeRole",
                            }
                        ],
                    },
                    "Policies": [
                        {
                            "PolicyName": "access",
                            "PolicyDocument": {
                                "Version": "2012-10-17",
                                "Statement": [
                                    {
                                        "Effect": "Allow",
                                        "Action": "ses:SendEmail",
                                        "Resource": "arn:aws:ses:us-east-1:000000000000:identity/a@example.com",
                                    }
                                ],
                            },
                        }
                    ],
                },
            },
            "Table": {
                "Type": "AWS::DynamoDB::Table",
                "Properties": {
                    "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
                    "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
                    "BillingMode": "PAY_PER_REQUEST",
                    "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
                },
            },
        },
        "Outputs": {
            "Secret": {"Value": {"Ref": "Secret"}},
            "Table": {"Value": {"Ref": "Table"}},
            "Role": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}},
            "Region": {"Value": {"Fn::If": ["Here", "here", "elsewhere"]}},
        },
    }
    formation.create_stack(StackName="mends", TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"])
    formation.get_waiter("stack_create_complete").wait(StackName="mends", WaiterConfig={"Delay": 1})
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
