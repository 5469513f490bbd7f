"""Which deployment is meant: what `make run` serves on a port, or a stack of the operator's AWS account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from gatepost.stores.tables import TABLES
from infra.local.running import find


class NoTarget(Exception):
    """There is no such deployment; the text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A DynamoDB client with the operator's rights, and the physical names of the tables."""

    name: str
    client: Any
    tables: Mapping[str, str]


def local_target(port: int) -> Target:
    """What `make run` serves on a port. Raises infra.local.running.NothingRuns."""
    running = find(port)
    return Target(name=running.base_url, client=running.access.client("dynamodb"), tables=running.tables)


def stack_target(stage: str, session: Any = None) -> Target:
    """The stack of a stage, by its outputs. Raises NoTarget."""
    session = session or boto3.Session()
    stack = f"Gatepost-{stage}"
    try:
        (described,) = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}
        tables = {table.name: outputs[f"Table{table.name.capitalize()}"] for table in TABLES}
        return Target(name=stack, client=session.client("dynamodb"), tables=tables)
    except (BotoCoreError, ClientError) as error:
        raise NoTarget(f"The stack {stack} can't be read: {error}.") from error
    except KeyError as error:
        raise NoTarget(f"The stack {stack} has no output {error}.") from error
