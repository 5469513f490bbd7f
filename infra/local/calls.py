"""What a function asked AWS for: the action as a policy names it, on what, and in which partitions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.events import Request

_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_PARTITION = re.compile(r"(#?\w+) = (:\w+)")  # how a key condition of ours begins
_REFUSALS = (b"AccessDenied", b"not authorized to perform")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One action of a function on one resource. A transaction is as many calls as IAM checks."""

    function: str
    action: str  # "dynamodb:GetItem"
    resource: str  # a physical table, TABLE/index/NAME, an ARN of a secret, or the sender of a mail
    partitions: tuple[str, ...] = ()  # the partition keys (`dynamodb:LeadingKeys`)
    refused: bool = False  # by the role


class UnknownCall(Exception):
    """A request that this module can't read; the text says which."""


def calls_of(function: str, request: Request, keys: Mapping[str, str], *, refused: bool) -> Iterator[Call]:
    """The calls that a request is. `keys`: the name of the partition key of each physical table.

    Raises UnknownCall.
    """
    service, _, operation = request.header("x-amz-target").partition(".")
    if service.startswith("DynamoDB_"):
        body = json.loads(request.body)
        for action, resource, partitions in _on_tables(operation, body, keys):
            yield Call(
                function=function,
                action=f"dynamodb:{action}",
                resource=resource,
                partitions=partitions,
                refused=refused,
            )
    elif service == "secretsmanager":
        secret = json.loads(request.body)["SecretId"]
        yield Call(function=function, action=f"secretsmanager:{operation}", resource=secret, refused=refused)
    elif (request.method, request.path) == ("POST", "/v2/email/outbound-emails"):
        sender = json.loads(request.body)["FromEmailAddress"]
        yield Call(function=function, action="ses:SendEmail", resource=sender, refused=refused)
    else:
        raise UnknownCall(f"{function} called {service or request.method} {operation or request.path}")


def was_refused(body: bytes) -> bool:
    """Whether an answer of AWS says that the role does not allow the call."""
    return any(text in body for text in _REFUSALS)


def _on_tables(
    operation: str, body: Mapping[str, Any], keys: Mapping[str, str]
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    if operation == "TransactWriteItems":
        for write in body["TransactItems"]:
            ((kind, each),) = write.items()
            table = each["TableName"]
            yield _TRANSACTION[kind], table, (each.get("Key", each.get("Item"))[keys[table]]["S"],)
    elif operation == "BatchGetItem":
        for table, wanted in body["RequestItems"].items():
            yield operation, table, tuple(key[keys[table]]["S"] for key in wanted["Keys"])
    elif operation == "Query":
        index = f"/index/{body['IndexName']}" if "IndexName" in body else ""
        yield operation, f"{body['TableName']}{index}", (_partition(body),)
    elif operation in {"GetItem", "PutItem", "UpdateItem", "DeleteItem"}:
        table = body["TableName"]
        yield operation, table, (body.get("Key", body.get("Item"))[keys[table]]["S"],)
    else:
        raise UnknownCall(f"DynamoDB {operation}")


def _partition(body: Mapping[str, Any]) -> str:
    match = _PARTITION.match(body["KeyConditionExpression"])
    if match is None:
        raise UnknownCall(f"DynamoDB Query {body['KeyConditionExpression']}")
    value: str = body["ExpressionAttributeValues"][match[2]]["S"]
    return value
