"""Deploys the template to the local AWS: the stack, then what its CloudFormation does not do."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from infra.local.aws.arns import ACCOUNT
from infra.local.aws.cloud import REGION, Cloud
from infra.local.aws.differences import mended
from infra.local.aws.made_stack import FUNCTION, DeploymentFailed, Stack, unqualified
from infra.local.lambda_runtime.process import FunctionConfig
from infra.local.synthesis import Assembly
from infra.stack.function_table import FOLDER

_UNCHANGED = "No updates are to be performed"


def make_stack(cloud: Cloud, assembly: Assembly, *, name: str, urls: Mapping[str, str]) -> Stack:
    """Create the stack and wait for it; `urls` are the addresses of `differences.served`. Raises DeploymentFailed."""
    location = _publish(cloud, assembly, name, urls)
    formation = cloud.client("cloudformation")
    formation.create_stack(StackName=name, TemplateURL=location, Capabilities=["CAPABILITY_NAMED_IAM"])
    return _made(cloud, assembly, _settled(formation, name, "CREATE"))


def update_stack(cloud: Cloud, assembly: Assembly, *, name: str, urls: Mapping[str, str]) -> Stack:
    """Let the stack be as this template says, as `make_stack` made it. Raises DeploymentFailed."""
    location = _publish(cloud, assembly, name, urls)
    formation = cloud.client("cloudformation")
    try:
        formation.update_stack(StackName=name, TemplateURL=location, Capabilities=["CAPABILITY_NAMED_IAM"])
    except formation.exceptions.ClientError as error:
        if _UNCHANGED not in str(error):
            raise DeploymentFailed(f"The stack could not be changed: {error}") from error
        return _made(cloud, assembly, formation.describe_stacks(StackName=name)["Stacks"][0])
    return _made(cloud, assembly, _settled(formation, name, "UPDATE"))


def has_stack(cloud: Cloud, name: str) -> bool:
    """Whether a stack of this name was made."""
    formation = cloud.client("cloudformation")
    pages = formation.get_paginator("list_stacks").paginate()
    stacks = [each for page in pages for each in page["StackSummaries"]]
    return any(each["StackName"] == name and each["StackStatus"] != "DELETE_COMPLETE" for each in stacks)


def _settled(formation: Any, name: str, change: str) -> Mapping[str, Any]:
    """The stack when the change is done. Raises DeploymentFailed."""
    while True:
        stack: Mapping[str, Any] = formation.describe_stacks(StackName=name)["Stacks"][0]
        if stack["StackStatus"] == f"{change}_COMPLETE":
            return stack
        if not stack["StackStatus"].startswith(f"{change}_") or not stack["StackStatus"].endswith("_IN_PROGRESS"):
            raise DeploymentFailed(f"The stack could not be made: {_first_failure(formation, stack)}")
        time.sleep(0.05)


def _made(cloud: Cloud, assembly: Assembly, stack: Mapping[str, Any]) -> Stack:
    """The stack with the names that it got, and its functions."""
    formation, name = cloud.client("cloudformation"), stack["StackName"]
    pages = formation.get_paginator("list_stack_resources").paginate(StackName=name)
    resources = [each for page in pages for each in page["StackResourceSummaries"]]
    physical = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources}
    made = Stack(
        template=assembly.template,
        physical=physical,
        outputs={each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])},
    )
    functions = cloud.client("lambda")
    deployed = {
        logical: functions.get_function_configuration(
            FunctionName=physical[made.aliases[logical]] if logical in made.aliases else physical[logical]
        )
        for logical in made.of_type(FUNCTION)
    }
    _set_ttl(cloud, made)
    return replace(made, functions=deployed)


def remove_stack(cloud: Cloud, name: str) -> None:
    """Delete the stack, so that another can use its names."""
    formation = cloud.client("cloudformation")
    formation.delete_stack(StackName=name)
    formation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})


def function_configs(stack: Stack, assembly: Assembly, unpacked: Path) -> dict[str, FunctionConfig]:
    """Return the deployed functions by logical id; zipped or inline code is extracted below `unpacked`."""
    resources = stack.template["Resources"]
    configs = {}
    for logical, deployed in stack.functions.items():
        properties = resources[logical]["Properties"]
        layers = [resources[layer["Ref"]]["Properties"]["Content"] for layer in properties.get("Layers", [])]
        configs[logical] = FunctionConfig(
            name=logical,
            physical_name=deployed["FunctionName"],
            arn=unqualified(deployed["FunctionArn"]),
            alias_arn=stack.physical[stack.aliases[logical]] if logical in stack.aliases else "",
            version=deployed["Version"],
            log_group=deployed.get("LoggingConfig", {}).get("LogGroup", ""),
            role_arn=deployed["Role"],
            handler=deployed["Handler"],
            memory=deployed["MemorySize"],
            timeout=float(deployed["Timeout"]),
            environment=deployed.get("Environment", {}).get("Variables", {}),
            code=_code(assembly, properties["Code"], unpacked / logical),
            layers=tuple(assembly.asset(content["S3Key"]) for content in layers),
        )
    return configs


def by_folder(stack: Stack, configs: Mapping[str, FunctionConfig]) -> dict[str, FunctionConfig]:
    """Return our own functions by the name of their folder, which is in the template's metadata."""
    resources = stack.template["Resources"]
    named = {resources[logical]["Metadata"][FOLDER]: config for logical, config in configs.items()}
    return {name: replace(config, name=name) for name, config in named.items()}


def _code(assembly: Assembly, code: Mapping[str, Any], folder: Path) -> Path:
    """Return the folder of a function's code. Inline code becomes a module `index`, as in Lambda."""
    if "ZipFile" in code:
        folder.mkdir()
        (folder / "index.py").write_text(code["ZipFile"])
        return folder
    asset = assembly.asset(code["S3Key"])
    if asset.is_dir():
        return asset
    with zipfile.ZipFile(asset.with_name(f"{asset.name}.zip")) as archive:
        archive.extractall(folder)
    return folder


def _publish(cloud: Cloud, assembly: Assembly, name: str, urls: Mapping[str, str]) -> str:
    """Upload the template, which is too long for the call itself, and return its URL.

    Every asset's key gets a placeholder: functions run from the folders that would be zipped.
    """
    store = cloud.client("s3")
    bucket = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
    template = mended(assembly.template, urls, bucket)
    store.create_bucket(Bucket=bucket)
    store.put_object(Bucket=bucket, Key=f"{name}.json", Body=json.dumps(template).encode())
    placeholder = io.BytesIO()
    with zipfile.ZipFile(placeholder, "w") as archive:
        archive.writestr("handler.py", "")
    properties = [each.get("Properties", {}) for each in template["Resources"].values()]
    parts = [each[part] for each in properties for part in ("Code", "Content") if part in each]
    for key in {part["S3Key"] for part in parts if "S3Key" in part}:
        store.put_object(Bucket=bucket, Key=key, Body=placeholder.getvalue())
    return f"{cloud.endpoint}/{bucket}/{name}.json"


def _set_ttl(cloud: Cloud, stack: Stack) -> None:
    """Set what the local CloudFormation does not: which attribute of a table is the time to live."""
    database = cloud.client("dynamodb")
    for logical, table in stack.of_type("AWS::DynamoDB::Table").items():
        wanted = table["Properties"].get("TimeToLiveSpecification")
        name = stack.physical[logical]
        said = database.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        if wanted and said["TimeToLiveStatus"] != "ENABLED":
            database.update_time_to_live(TableName=name, TimeToLiveSpecification=wanted)


def _first_failure(formation: Any, stack: Mapping[str, Any]) -> str:
    events = formation.describe_stack_events(StackName=stack["StackName"])["StackEvents"]
    failed = [each for each in reversed(events) if each["ResourceStatus"].endswith("FAILED")]
    if not failed:
        return str(stack.get("StackStatusReason", stack["StackStatus"]))
    return f"{failed[0]['LogicalResourceId']}: {failed[0].get('ResourceStatusReason', 'no reason given')}"
