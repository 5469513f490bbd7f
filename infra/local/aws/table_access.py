"""What a request asks of DynamoDB's tables as IAM checks it: actions, and the partitions and attributes that they name.

DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control": `dynamodb:LeadingKeys` are
values of the partition key, `dynamodb:Attributes` the names at the top level of a request, those of its conditions
among them. It does not say whether the writes of a transaction are checked one by one. Here those of one kind on one
table are one check, with the partitions and attributes of all: what passes this passes the other reading as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

TRANSACTION = "TransactWriteItems"
_TRANSACTED = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_SINGLE = frozenset({"GetItem", "PutItem", "UpdateItem", "DeleteItem"})
KNOWN = frozenset({*_SINGLE, "BatchGetItem", "Query", "Scan", TRANSACTION})
_EXPRESSIONS = (
    *("ConditionExpression", "FilterExpression", "KeyConditionExpression", "ProjectionExpression", "UpdateExpression"),
)
_OLD_PARAMETERS = frozenset(
    {"AttributesToGet", "AttributeUpdates", "ConditionalOperator", "Expected", "KeyConditions", "QueryFilter"}
)
_PATH = re.compile(r"(?<![:\w#.])(#?[A-Za-z_]\w*)(?:\.#?\w+|\[\d+\])*(\s*\()?")
_WORDS = frozenset({"ADD", "AND", "BETWEEN", "DELETE", "IN", "NOT", "OR", "REMOVE", "SET"})
_EQUAL = re.compile(r"(?<![:\w#.])(#?\w+)\s*=\s*(:\w+)")

KeyOf = Callable[[str], str]  # of a table, or of TABLE/index/NAME, the name of its partition key; raises KeyError


class UnknownCall(Exception):
    """A request that can't be read; the text says which."""


class Asked(NamedTuple):
    """One action on one table, or on one index of it (`TABLE/index/NAME`)."""

    action: str  # "GetItem"
    resource: str
    partitions: tuple[str, ...]
    attributes: tuple[str, ...]


def asked_of(operation: str, body: Mapping[str, Any], key_of: KeyOf) -> Sequence[Asked]:
    """What IAM checks of a request. Raises UnknownCall."""
    found: dict[tuple[str, str], Asked] = {}
    for each in _parts(operation, body, key_of):
        place = each.action, each.resource
        before = found.get(place, Asked(*place, (), ()))
        found[place] = Asked(
            *place, before.partitions + each.partitions, tuple(sorted({*before.attributes, *each.attributes}))
        )
    return list(found.values())


def _parts(operation: str, body: Mapping[str, Any], key_of: KeyOf) -> Iterator[Asked]:
    if operation == TRANSACTION:
        for write in body["TransactItems"]:
            ((kind, each),) = write.items()
            yield _of_item(_TRANSACTED[kind], each, key_of)
    elif operation == "BatchGetItem":
        for table, wanted in body["RequestItems"].items():
            for key in wanted["Keys"]:
                yield _of_item(operation, {**wanted, "TableName": table, "Key": key}, key_of)
    elif operation == "Query":
        index = f"/index/{body['IndexName']}" if "IndexName" in body else ""
        resource = f"{body['TableName']}{index}"
        yield Asked(operation, resource, (_queried(body, key_of(resource)),), _attributes(body))
    elif operation == "Scan":
        yield Asked(operation, body["TableName"], (), _attributes(body))  # it names no partition
    elif operation in _SINGLE:
        yield _of_item(operation, body, key_of)
    else:
        raise UnknownCall(f"DynamoDB {operation}")


def _of_item(action: str, request: Mapping[str, Any], key_of: KeyOf) -> Asked:
    table, item = request["TableName"], request["Item"] if "Item" in request else request["Key"]
    return Asked(action, table, (item[key_of(table)]["S"],), tuple({*item, *_attributes(request)}))


def _queried(body: Mapping[str, Any], key: str) -> str:
    """The partition of a query."""
    condition, names = body["KeyConditionExpression"], body.get("ExpressionAttributeNames", {})
    values = {body["ExpressionAttributeValues"][value]["S"] for name, value in _EQUAL.findall(condition)
              if names.get(name, name) == key}  # fmt: skip
    if len(values) != 1:
        raise UnknownCall(f"DynamoDB Query {condition}")
    (value,) = values
    return str(value)


def _attributes(request: Mapping[str, Any]) -> tuple[str, ...]:
    """The names in the expressions of a request."""
    if old := _OLD_PARAMETERS & request.keys():
        raise UnknownCall(f"DynamoDB {min(old)}")
    names = request.get("ExpressionAttributeNames", {})
    text = " ".join(request.get(name, "") for name in _EXPRESSIONS)
    paths = [name for name, call in _PATH.findall(text) if not call and name.upper() not in _WORDS]
    return tuple(names.get(name, name) for name in paths)
