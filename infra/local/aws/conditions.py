"""Enforces the conditions of roles on DynamoDB, which ministack's evaluator supports without getting their values.

The child process (`cloud_process`) wraps the callers of the evaluator with this.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from infra.local.aws.table_access import KNOWN, TRANSACTION, Asked, UnknownCall, asked_of

_body: ContextVar[bytes] = ContextVar("body")
_UNTOLD = ("\0",)  # not covered by any pattern of a policy


def enforce_conditions() -> None:
    """Pass the partitions and attributes of each request to the evaluator."""
    from ministack.core import iam_actions, iam_evaluator
    from ministack.services import dynamodb

    context_of, enforce = iam_actions.dynamodb_service_context, iam_evaluator.enforce

    def remembered(body: bytes) -> dict[str, Any]:
        _body.set(body)
        return dict(context_of(body))

    def enforced(
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        if service == "dynamodb":
            told = values_of(iam_action, resource_arn, _body.get(), dynamodb._tables)
            service_context = {**(service_context or {}), **told}
        return enforce(access_key_id, iam_action, service, region, resource_arn, service_context)

    iam_actions.dynamodb_service_context, iam_evaluator.enforce = remembered, enforced


def values_of(iam_action: str, resource_arn: str, body: bytes, tables: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the condition keys' values for one action on a table or index; `tables` as ministack describes them."""
    action, place = iam_action.partition(":")[2], _place(resource_arn)
    try:
        request = json.loads(body)
        operation = TRANSACTION if "TransactItems" in request else action
        if operation not in KNOWN:
            return {}
        asked = asked_of(operation, request, lambda resource: _partition_key(tables, _place(resource)))
        (found,) = [each for each in asked if (each.action, _place(each.resource)) == (action, place)]
    except (UnknownCall, KeyError, TypeError, ValueError):  # unreadable requests fail every condition
        found = Asked(action, place, _UNTOLD, _UNTOLD)
    return {"dynamodb:LeadingKeys": list(found.partitions), "dynamodb:Attributes": list(found.attributes)}


def _place(resource: str) -> str:
    """Return `TABLE` or `TABLE/index/NAME` of an ARN or of a resource in a request."""
    return resource.rpartition(":table/")[2]


def _partition_key(tables: Mapping[str, Any], place: str) -> str:
    name, _, index = place.partition("/index/")
    described = tables[name]
    if index:
        (described,) = [each for each in described["GlobalSecondaryIndexes"] if each["IndexName"] == index]
    (key,) = [each["AttributeName"] for each in described["KeySchema"] if each["KeyType"] == "HASH"]
    return str(key)
