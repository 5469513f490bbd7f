"""A function's calls to AWS: the action as in policies, the resource, partitions and attributes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from gatepost.stores.schema import TABLES
from infra.local.apigateway.events import Request
from infra.local.aws.table_access import UnknownCall, asked_of

_LAMBDA = re.compile(r"/2015-03-31/functions/([^/]+)(?:/(configuration|invocations|versions|aliases).*)?")
_LAMBDA_ACTIONS = {
    ("POST", "invocations"): "InvokeFunction",
    ("GET", "configuration"): "GetFunctionConfiguration",
    ("PUT", "configuration"): "UpdateFunctionConfiguration",
    ("GET", ""): "GetFunction",
    ("GET", "aliases"): "ListAliases",
    ("PUT", "aliases"): "UpdateAlias",
    ("POST", "versions"): "PublishVersion",
    ("DELETE", ""): "DeleteFunction",
}
_REFUSALS = (b"AccessDenied", b"not authorized to perform")


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsCall:
    """One action of a function on one resource. A transaction is as many calls as IAM checks (see `table_access`)."""

    function: str
    action: str  # "dynamodb:GetItem"
    resource: str  # a physical table, TABLE/index/NAME, an ARN of a secret, a queue, or the sender of a mail
    partitions: tuple[str, ...] = ()  # the partition keys (`dynamodb:LeadingKeys`)
    attributes: tuple[str, ...] = ()  # the top-level names (`dynamodb:Attributes`)
    refused: bool = False  # denied by the role


def calls_of(function: str, request: Request, keys: Mapping[str, str], *, refused: bool) -> Iterator[AwsCall]:
    """Yield the calls in a request; `keys` has the partition key of each table and of TABLE/index/NAME.

    Raises UnknownCall.
    """
    service, _, operation = request.header("x-amz-target").partition(".")
    if service.startswith("DynamoDB_"):
        for asked in asked_of(operation, json.loads(request.body), keys.__getitem__):
            yield AwsCall(
                function=function,
                action=f"dynamodb:{asked.action}",
                resource=asked.resource,
                partitions=asked.partitions,
                attributes=asked.attributes,
                refused=refused,
            )
    elif service == "secretsmanager":
        secret = json.loads(request.body)["SecretId"]
        yield AwsCall(function=function, action=f"secretsmanager:{operation}", resource=secret, refused=refused)
    elif service == "AmazonSQS":
        queue = json.loads(request.body)["QueueUrl"].rpartition("/")[2]
        yield AwsCall(function=function, action=f"sqs:{operation}", resource=queue, refused=refused)
    elif (request.method, request.path) == ("POST", "/v2/email/outbound-emails"):
        sender = json.loads(request.body)["FromEmailAddress"]
        yield AwsCall(function=function, action="ses:SendEmail", resource=sender, refused=refused)
    elif found := _LAMBDA.fullmatch(request.path):
        action = _LAMBDA_ACTIONS[request.method, found[2] or ""]
        yield AwsCall(function=function, action=f"lambda:{action}", resource=unquote(found[1]), refused=refused)
    elif "StackName" in (form := dict(parse_qsl(request.body.decode()))):
        action = f"cloudformation:{form['Action']}"
        yield AwsCall(function=function, action=action, resource=form["StackName"], refused=refused)
    else:
        raise UnknownCall(f"{function} called {service or request.method} {operation or request.path}")


def partition_keys(tables: Mapping[str, str]) -> dict[str, str]:
    """The name of the partition key of each physical table, and of TABLE/index/NAME; `tables` are by logical name."""
    found = {tables[table.name]: table.partition_key for table in TABLES}
    of_indexes = {
        f"{tables[table.name]}/index/{index.name}": index.partition_key for table in TABLES for index in table.indexes
    }
    return found | of_indexes


def was_refused(body: bytes) -> bool:
    """Whether a response of AWS says that the role denies the call."""
    return any(text in body for text in _REFUSALS)
