"""Secrets Manager's rotation by schedule, which the local AWS does not support."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from infra.local.aws.cloud import Cloud
from infra.local.aws.made_stack import DeploymentFailed, Stack
from infra.local.lambda_runtime.process import InvocationFailed, InvocationTimedOut
from infra.local.lambda_runtime.runtime import Function

_SCHEDULE = "AWS::SecretsManager::RotationSchedule"
_STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


def scheduled(cloud: Cloud, stack: Stack, functions: Mapping[str, Function]) -> dict[str, Function]:
    """Return the rotation function of every secret with a schedule, by the secret's ARN."""
    secrets = cloud.client("secretsmanager")
    by_arn = {arn: function for function in functions.values() for arn in function.arns}
    found = {}
    for schedule in stack.of_type(_SCHEDULE).values():
        properties = schedule["Properties"]
        secret = secrets.describe_secret(SecretId=stack.physical[properties["SecretId"]["Ref"]])
        found[secret["ARN"]] = by_arn[stack.function_arn(properties["RotationLambdaARN"])]
    return found


def schedules(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of a template's schedules, by their logical ids."""
    resources = template["Resources"]
    return {name: each["Properties"] for name, each in resources.items() if each["Type"] == _SCHEDULE}


def changed(cloud: Cloud, stack: Stack, before: Mapping[str, Any]) -> set[str]:
    """Return the ARNs of the secrets whose schedule was another one `before`: those are rotated at once."""
    after = schedules(stack.template).items()
    return secret_arns(cloud, stack, {each["SecretId"]["Ref"] for name, each in after if each != before.get(name)})


def secret_arns(cloud: Cloud, stack: Stack, among: Iterable[str]) -> set[str]:
    """Return the ARNs of the secrets among these logical ids."""
    secrets = cloud.client("secretsmanager")
    names = {stack.physical[name] for name in among if name in stack.of_type("AWS::SecretsManager::Secret")}
    return {secrets.describe_secret(SecretId=name)["ARN"] for name in names}


def rotate(cloud: Cloud, secret_arn: str, function: Function) -> None:
    """Rotate a secret in four steps, as a schedule does, also when it is created.

    Raises DeploymentFailed if the function fails or leaves no new current version.
    """
    token = str(uuid.uuid4())
    for step in _STEPS:
        try:
            function.invoke({"SecretId": secret_arn, "ClientRequestToken": token, "Step": step})
        except (InvocationFailed, InvocationTimedOut) as error:
            raise DeploymentFailed(f"The function {function.config.name} failed in {step}: {error}") from error
    stages = cloud.client("secretsmanager").describe_secret(SecretId=secret_arn)["VersionIdsToStages"]
    if "AWSCURRENT" not in stages.get(token, ()):
        raise DeploymentFailed(f"The function {function.config.name} made no new current version of {secret_arn}.")
