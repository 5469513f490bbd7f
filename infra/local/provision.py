"""Brings the template to the local AWS: the stack, then what CloudFormation there leaves to be done."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.cloud import REGION, Cloud
from infra.local.coverage import NOT_MADE
from infra.local.runtime import FunctionConfig
from infra.local.synthesis import Assembly

_STACK = "Gatepost"
_TEMPLATE = "template.json"
# The metadata that `infra.lambdas` writes; importing it would start jsii.
FOLDER = "gatepost:function"


class DeploymentFailed(Exception):
    """The stack could not be made; the text is for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The made stack: physical names by logical ids, and its outputs."""

    template: Mapping[str, Any]
    physical: Mapping[str, str]
    outputs: Mapping[str, str]

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The resources of a type as the template has them, by logical id."""
        return {name: each for name, each in self.template["Resources"].items() if each["Type"] == kind}


def make_stack(cloud: Cloud, assembly: Assembly, *, api_url: str) -> Stack:
    """Create the stack and wait for it; `api_url` is the address of its API. Raises DeploymentFailed."""
    deployed = without_versions(assembly.template)
    template = _mended(deployed, api_url)
    bucket = _publish(cloud, template)
    formation = cloud.client("cloudformation")
    formation.create_stack(
        StackName=_STACK, TemplateURL=f"{cloud.endpoint}/{bucket}/{_TEMPLATE}", Capabilities=["CAPABILITY_IAM"]
    )
    while True:
        stack = formation.describe_stacks(StackName=_STACK)["Stacks"][0]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            break
        if stack["StackStatus"] != "CREATE_IN_PROGRESS":
            raise DeploymentFailed(f"The stack could not be made: {_first_failure(formation, stack)}")
        time.sleep(0.05)
    pages = formation.get_paginator("list_stack_resources").paginate(StackName=_STACK)
    resources = [each for page in pages for each in page["StackResourceSummaries"]]
    made = Stack(
        template=deployed,
        physical={each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources},
        outputs={each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])},
    )
    _set_ttl(cloud, made)
    return made


def function_configs(cloud: Cloud, stack: Stack, assembly: Assembly) -> dict[str, FunctionConfig]:
    """The deployed functions by the name of their folder, as the local AWS holds them."""
    api = cloud.client("lambda")
    resources = stack.template["Resources"]
    configs = {}
    for logical, resource in stack.of_type("AWS::Lambda::Function").items():
        deployed = api.get_function_configuration(FunctionName=stack.physical[logical])
        layers = [resources[layer["Ref"]]["Properties"]["Content"] for layer in resource["Properties"]["Layers"]]
        name = resource["Metadata"][FOLDER]
        configs[name] = FunctionConfig(
            name=name,
            physical_name=deployed["FunctionName"],
            arn=deployed["FunctionArn"],
            role_arn=deployed["Role"],
            handler=deployed["Handler"],
            memory=deployed["MemorySize"],
            timeout=float(deployed["Timeout"]),
            environment=deployed["Environment"]["Variables"],
            code=assembly.asset(resource["Properties"]["Code"]["S3Key"]),
            layers=tuple(assembly.asset(content["S3Key"]) for content in layers),
        )
    return configs


def without_versions(template: Mapping[str, Any]) -> Mapping[str, Any]:
    """The template with the functions themselves where it names an alias: here each has one version, which runs."""
    resources = template["Resources"]
    aliases = {
        name: each["Properties"]["FunctionName"]["Ref"]
        for name, each in resources.items()
        if each["Type"] == "AWS::Lambda::Alias"
    }

    def resolve(value: Any) -> Any:
        if isinstance(value, dict):
            if set(value) == {"Ref"} and value["Ref"] in aliases:
                return {"Fn::GetAtt": [aliases[value["Ref"]], "Arn"]}
            return {key: resolve(each) for key, each in value.items()}
        return [resolve(each) for each in value] if isinstance(value, list) else value

    versions = {"AWS::Lambda::Alias", "AWS::Lambda::Version"}
    kept = {name: resolve(each) for name, each in resources.items() if each["Type"] not in versions}
    return {**template, "Resources": kept}


def _mended(template: Mapping[str, Any], api_url: str) -> dict[str, Any]:
    """The template as ministack can make it. Each mend has a test that notices when it is no longer needed."""
    kinds = {name: each["Type"] for name, each in template["Resources"].items()}
    secrets = {name for name, kind in kinds.items() if kind == "AWS::SecretsManager::Secret"}
    apis = {name for name, kind in kinds.items() if kind == "AWS::ApiGatewayV2::Api"}

    def mend(value: Any) -> Any:
        if isinstance(value, dict):
            if set(value) == {"Ref"} and value["Ref"] in secrets:
                return {"Fn::GetAtt": [value["Ref"], "Arn"]}  # Ref gives the name there, the ARN on AWS
            if value.get("Action") == "ses:SendEmail":
                return {"Action": "ses:SendEmail", "Effect": "Allow", "Resource": "*"}  # it knows no identities there
            if "Fn::GetAtt" in value and value["Fn::GetAtt"][0] in apis and value["Fn::GetAtt"][1] == "ApiEndpoint":
                return api_url  # the front serves the API, not ministack
            return {key: mend(each) for key, each in value.items()}
        return [mend(each) for each in value] if isinstance(value, list) else value

    left_out = {*NOT_MADE, "AWS::SecretsManager::RotationSchedule"}  # the last is unknown there; see rotation
    resources = {name: mend(each) for name, each in template["Resources"].items() if kinds[name] not in left_out}
    outputs = {
        name: mend(each)
        for name, each in template["Outputs"].items()
        if not (isinstance(each["Value"], dict) and kinds.get(each["Value"].get("Ref", "")) in left_out)
    }
    return {**template, "Resources": resources, "Outputs": outputs}


def _publish(cloud: Cloud, template: Mapping[str, Any]) -> str:
    """Upload the template, which is too long for the call itself, and return the bucket.

    Something stands under the key of every asset: functions run from the folders that the zips are made of.
    """
    store = cloud.client("s3")
    account = cloud.client("sts").get_caller_identity()["Account"]
    bucket = f"cdk-hnb659fds-assets-{account}-{REGION}"
    store.create_bucket(Bucket=bucket)
    store.put_object(Bucket=bucket, Key=_TEMPLATE, Body=json.dumps(template).encode())
    placeholder = io.BytesIO()
    with zipfile.ZipFile(placeholder, "w") as archive:
        archive.writestr("handler.py", "")
    properties = [each.get("Properties", {}) for each in template["Resources"].values()]
    for key in {each[part]["S3Key"] for each in properties for part in ("Code", "Content") if part in each}:
        store.put_object(Bucket=bucket, Key=key, Body=placeholder.getvalue())
    return bucket


def _set_ttl(cloud: Cloud, stack: Stack) -> None:
    database = cloud.client("dynamodb")
    for logical, table in stack.of_type("AWS::DynamoDB::Table").items():
        if ttl := table["Properties"].get("TimeToLiveSpecification"):
            database.update_time_to_live(TableName=stack.physical[logical], TimeToLiveSpecification=ttl)


def _first_failure(formation: Any, stack: Mapping[str, Any]) -> str:
    events = formation.describe_stack_events(StackName=_STACK)["StackEvents"]
    failed = [each for each in reversed(events) if each["ResourceStatus"].endswith("FAILED")]
    if not failed:
        return str(stack.get("StackStatusReason", stack["StackStatus"]))
    return f"{failed[0]['LogicalResourceId']}: {failed[0].get('ResourceStatusReason', 'no reason given')}"
