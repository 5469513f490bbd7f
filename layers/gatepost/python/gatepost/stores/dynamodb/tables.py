"""Calls to DynamoDB: names filled in, failures told apart, conflicts between transactions retried."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from gatepost.errors import ServerError, TemporarilyUnavailable
from gatepost.stores.tables import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
T = TypeVar("T")

CONDITION_FAILED = "ConditionalCheckFailed"
_TRIES = 4
_FIRST_PAUSE = 0.02  # seconds, doubled each time, with full jitter
# what no retry mends: a mistake in the deployment, not a fault of the moment
_BROKEN = {"AccessDeniedException", "ResourceNotFoundException", "ValidationException", "UnrecognizedClientException"}


class ConditionFailed(Exception):
    """The condition of a write did not hold. `items` are the items as they stood, one a write, {} where it held."""

    def __init__(self, items: Sequence[Item], failed: Sequence[bool]) -> None:
        """`failed` tells for each write of a transaction whether its condition was the one that failed."""
        super().__init__("condition failed")
        self.items = items
        self.failed = failed


class Tables:
    """A DynamoDB client that knows the tables' physical names."""

    def __init__(self, client: DynamoDBClient, names: Mapping[str, str]) -> None:
        """`names`: logical name to physical name."""
        self._client = client
        self._names = names

    def name(self, table: Table) -> str:
        """The physical name."""
        return self._names[table.name]

    def get(self, table: Table, key: Item) -> Item | None:
        """One item, read consistently."""
        return _call(
            lambda: self._client.get_item(TableName=self.name(table), Key=key, ConsistentRead=True).get("Item")
        )

    def batch_get(self, keys: Sequence[tuple[Table, Item]]) -> list[tuple[str, Item]]:
        """The items behind `keys` that exist, with the physical names of their tables; read consistently."""
        wanted: dict[str, Any] = {}
        for table, key in keys:
            entry = wanted.setdefault(self.name(table), {"Keys": [], "ConsistentRead": True})
            if key not in entry["Keys"]:
                entry["Keys"].append(key)
        found: list[tuple[str, Item]] = []
        for pause in _pauses():
            answer = _call(partial(self._client.batch_get_item, RequestItems=wanted))
            found += [(name, item) for name, items in answer["Responses"].items() for item in items]
            wanted = answer.get("UnprocessedKeys") or {}
            if not wanted:
                return found
            time.sleep(pause)
        raise TemporarilyUnavailable("try again", reason="UnprocessedKeys")

    def put(self, table: Table, item: Item) -> None:
        """Write an item, whatever stood there."""
        _call(lambda: self._client.put_item(TableName=self.name(table), Item=item))

    def update(
        self, table: Table, key: Item, expression: str, condition: str, values: Item, names: Item | None = None
    ) -> Item:
        """The item after a conditional update. Raises ConditionFailed with the item as it stood."""
        request: Item = {
            "TableName": self.name(table),
            "Key": key,
            "UpdateExpression": expression,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if names:
            request["ExpressionAttributeNames"] = names
        try:
            answer = _call(lambda: self._client.update_item(**request))
        except _Refused as refused:
            raise ConditionFailed([refused.item], [True]) from refused
        return dict(answer["Attributes"])

    def delete(self, table: Table, key: Item, condition: str = "", values: Item | None = None) -> Item:
        """Remove an item and return it, {} if there was none. Raises ConditionFailed with the item as it stands."""
        request: Item = {"TableName": self.name(table), "Key": key, "ReturnValues": "ALL_OLD"}
        if condition:
            request |= {"ConditionExpression": condition, "ExpressionAttributeValues": values}
        try:
            answer = _call(partial(self._client.delete_item, **request))
        except _Refused as refused:
            raise ConditionFailed([refused.item], [True]) from refused
        return dict(answer.get("Attributes", {}))

    def query(self, table: Table, condition: str, values: Item) -> Iterator[Item]:
        """The items of a partition, read consistently, page after page."""
        request: Item = {
            "TableName": self.name(table),
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ConsistentRead": True,
        }
        while True:
            answer = _call(partial(self._client.query, **request))
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def transact(self, *writes: Item) -> None:
        """All writes or none (TransactWriteItems; the SDK's own retries carry one idempotency token).

        Raises ConditionFailed if a condition did not hold. A conflict with another transaction is tried again.
        """
        for pause in _pauses():
            try:
                _call(lambda: self._client.transact_write_items(TransactItems=list(writes)))  # type: ignore[arg-type]
            except _Cancelled as cancelled:
                failed = [reason.get("Code") == CONDITION_FAILED for reason in cancelled.reasons]
                if any(failed):
                    raise ConditionFailed([r.get("Item", {}) for r in cancelled.reasons], failed) from cancelled
                time.sleep(pause)
            else:
                return
        raise TemporarilyUnavailable("try again", reason="TransactionConflict")


class _Refused(Exception):
    def __init__(self, item: Item) -> None:
        super().__init__("refused")
        self.item = item


class _Met(Exception):
    pass


class _Cancelled(Exception):
    def __init__(self, reasons: Sequence[Mapping[str, Any]]) -> None:
        super().__init__("cancelled")
        self.reasons = reasons


def _call(request: Callable[[], T]) -> T:
    """Make a request; what DynamoDB answers becomes an error of ours, without values of the request in it.

    A single write that meets a transaction on its item is refused at once (TransactionConflict): it is tried again.
    """
    for pause in _pauses():
        try:
            return _tried(request)
        except _Met:
            time.sleep(pause)
    raise TemporarilyUnavailable("try again", reason="TransactionConflict")


def _tried(request: Callable[[], T]) -> T:
    try:
        return request()
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        response: Mapping[str, Any] = error.response
        if code == "ConditionalCheckFailedException":
            raise _Refused(response.get("Item", {})) from None
        if code == "TransactionCanceledException":
            raise _Cancelled(response.get("CancellationReasons", [])) from None
        if code == "TransactionConflictException":
            raise _Met from None
        if code in _BROKEN:
            raise ServerError("the server could not answer", reason=f"DynamoDB: {code}") from None
        raise TemporarilyUnavailable("try again", reason=f"DynamoDB: {code}") from None
    except BotoCoreError as error:
        raise TemporarilyUnavailable("try again", reason=f"DynamoDB: {type(error).__name__}") from None


def _pauses() -> Iterator[float]:
    """How long to wait after each try, in seconds."""
    for attempt in range(_TRIES):
        yield random.uniform(0, _FIRST_PAUSE * 2**attempt)  # noqa: S311 — jitter, not a secret
