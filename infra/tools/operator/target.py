"""The target of a command: a local deployment, or a stage's stack in an AWS account."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from gatepost.aws.boto import BotoClient
from gatepost.edge import origin_secret as edge
from gatepost.settings import LOGOUT_QUEUE_VARIABLE, Settings, secret_variable
from gatepost.stores.dynamodb.announcing import AnnouncingStore
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.logout_queue import SQSLogoutQueue
from gatepost.stores.schema import TABLES
from infra.local.running import find
from infra.stack.function_table import FOLDER, SECRETS

_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 3}, read_timeout=90)


class NotPossible(Exception):
    """The command is not possible; the text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A deployment, with the permissions of the user who runs the command."""

    name: str  # for people
    client: Callable[..., Any]  # returns a boto3 client of a service; `region_name` overrides the stack's region in AWS
    base_url: str
    tables: Mapping[str, str]  # logical to physical names
    functions: Mapping[str, str]  # physical names by the name of their folder
    backed_up: bool  # by point-in-time recovery
    stack: str = ""  # in CloudFormation; none on this machine
    request_id: str = ""  # of the Invoke, where a function does the work of the command
    logout_queue: str = ""  # its URL, if apps are told of logouts
    versions: Mapping[str, str] = field(default_factory=dict)  # by function, what the stack published; none here

    @property
    def store(self) -> DynamoDBStore:
        """The store on its tables, which announces the ends of sessions if apps are told of them."""
        client = self.client("dynamodb")
        parts = BotoClient(client), self.tables, client.meta.region_name
        return AnnouncingStore(*parts, queue=self.logouts) if self.logout_queue else DynamoDBStore(*parts)

    @property
    def logouts(self) -> SQSLogoutQueue:
        """The queue of logouts. Raises NotPossible if apps are not told of any."""
        if not self.logout_queue:
            raise NotPossible(f"{self.name} tells no apps of logouts: backchannel_logout is false.")
        return SQSLogoutQueue(BotoClient(self.client("sqs")), self.logout_queue)

    @property
    def settings(self) -> Settings:
        """The settings of its functions."""
        return Settings.from_env(self._environment("rotate_keys"))

    @property
    def secrets(self) -> Mapping[str, str]:
        """The ARNs of `infra.stack.function_table.SECRETS`."""
        environment = self._environment("rotate_keys")
        return {name: environment[secret_variable(name)] for name in SECRETS}

    @property
    def is_changing(self) -> bool:
        """Whether CloudFormation is moving the aliases of the functions, or CodeDeploy for it."""
        if not self.stack:
            return False
        status = self.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"][0]["StackStatus"]
        return bool(status.endswith("_IN_PROGRESS") and "CLEANUP" not in status)

    @property
    def edge_secret(self) -> str | None:
        """The ARN of the edge's secret, None without an edge."""
        return self._environment("token").get(secret_variable(edge.SECRET))

    def _environment(self, function: str) -> Mapping[str, str]:
        found = self.client("lambda").get_function_configuration(FunctionName=self.functions[function])
        variables: dict[str, str] = found["Environment"]["Variables"]
        return variables


def account() -> boto3.Session:
    """The account of the credentials. The region is AWS_REGION as for CDK, which boto3 does not read."""
    return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)


def local_target(port: int) -> Target:
    """Return the deployment of `make run` on a port. Raises NothingRuns."""
    running = find(port)
    client = running.access.client
    return Target(
        name=f"the deployment on port {port}",
        client=client,
        base_url=running.base_url,
        tables=running.tables,
        functions=running.functions,
        backed_up=False,
        logout_queue=_local_queue(client("lambda"), running.functions),
    )


def deployed_target(stage: str) -> Target:
    """Return the stack of a stage, in the account and region of the credentials. Raises NotPossible."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", stage):
        raise NotPossible(f"STAGE is {stage}; allowed is the name of a stage of cdk.json, like prod.")
    stack = f"Gatepost-{stage}"
    try:
        session = account()
        formation = session.client("cloudformation", config=_CONFIG)
        described = formation.describe_stacks(StackName=stack)["Stacks"][0]
        template = formation.get_template(StackName=stack)["TemplateBody"]
        pages = formation.get_paginator("list_stack_resources").paginate(StackName=stack)
        physical = {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for page in pages
            for each in page["StackResourceSummaries"]
        }
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        region = session.region_name
        raise NotPossible(
            f"There is no stack {stack} in {region}: deploy it, or name its region in AWS_REGION."
        ) from None
    except BotoCoreError as error:
        raise NotPossible(f"AWS can't be reached: {error}") from None
    functions = {
        logical: each["Metadata"][FOLDER]
        for logical, each in template["Resources"].items()
        if FOLDER in each.get("Metadata", {})
    }
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}
    return Target(
        name=f"the stage {stage}",
        client=lambda service, **where: session.client(service, config=_CONFIG, **where),
        base_url=outputs["BaseUrl"],
        tables=_tables(outputs),
        functions={name: physical[logical] for logical, name in functions.items()},
        backed_up=True,
        stack=stack,
        logout_queue=outputs.get("LogoutQueue", ""),
        versions={
            functions[each["Properties"]["FunctionName"]["Ref"]]: physical[logical].rpartition(":")[2]
            for logical, each in template["Resources"].items()
            if each["Type"] == "AWS::Lambda::Version"
        },
    )


def _local_queue(functions: Any, named: Mapping[str, str]) -> str:
    if "backchannel_logout" not in named:
        return ""
    found = functions.get_function_configuration(FunctionName=named["backchannel_logout"])
    return str(found["Environment"]["Variables"][LOGOUT_QUEUE_VARIABLE])


def _tables(outputs: Mapping[str, str]) -> dict[str, str]:
    """The tables of a stage by name; one of an earlier version may lack some."""
    names = {table.name: f"Table{table.name.capitalize()}" for table in TABLES}
    return {name: outputs[output] for name, output in names.items() if output in outputs}
