"""Calls to DynamoDB: the mapping of their errors, and the pauses between retries."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from gatepost.aws.errors import NoAnswer, Refusal
from gatepost.aws.retries import jittered
from gatepost.aws.services import Caller
from gatepost.errors import ServerError, TemporarilyUnavailable

Item = dict[str, Any]
T = TypeVar("T")

LONGEST_PAUSES = (0.02, 0.04, 0.08, 0.16)  # seconds, one for each try; the pause after it is drawn, with full jitter
# what no retry mends: a mistake in the deployment, not a fault of the moment
BROKEN_WRITE = "ValidationError"  # the same, of one write of a transaction
_BROKEN = {"ResourceNotFoundException", "ValidationException", "UnrecognizedClientException"}


class ConditionFailed(Exception):
    """The condition of a write failed, alone or in a transaction.

    `items` are the current items, one per write; {} if its condition held or there was no item.
    """

    def __init__(self, items: Sequence[Item], failed: Sequence[bool]) -> None:
        """Take, for each write of a transaction, whether its condition failed."""
        super().__init__("condition failed")
        self.items = items
        self.failed = failed


class _Met(Exception):
    pass


class NotAllowed(ServerError):
    """The role, or the table's policy, denies the call."""


class Cancelled(Exception):
    """A transaction was cancelled; `reasons` has one entry per write."""

    def __init__(self, reasons: Sequence[Mapping[str, Any]]) -> None:
        """Take DynamoDB's cancellation reasons."""
        super().__init__("cancelled")
        self.reasons = reasons
        self.codes = sorted({str(reason["Code"]) for reason in reasons if reason.get("Code", "None") != "None"})

    @property
    def cause(self) -> str:
        """For the log; DynamoDB's messages would name values."""
        return f"DynamoDB: {', '.join(self.codes) or 'TransactionCanceledException'}"


def call(request: Callable[[], T]) -> T:
    """Send a request, mapping DynamoDB's errors to ours without values of the request in them.

    A single write that conflicts with a transaction on its item fails at once (TransactionConflict) and is retried.
    """
    for longest in LONGEST_PAUSES:
        try:
            return _tried(request)
        except _Met:
            time.sleep(jittered(longest))
    raise TemporarilyUnavailable("try again", reason="DynamoDB: TransactionConflictException")


def queried(client: Caller, request: Item) -> Iterator[Item]:
    """Yield the items of a Query, page by page."""
    while True:
        answer = call(partial(client.call, "Query", request))
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        request = {**request, "ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _tried(request: Callable[[], T]) -> T:
    try:
        return request()
    except Refusal as error:
        code, response = error.code, error.response
        if code == "ConditionalCheckFailedException":
            raise ConditionFailed([response.get("Item", {})], [True]) from None
        if code == "TransactionCanceledException":
            raise Cancelled(response.get("CancellationReasons", [])) from None
        if code == "TransactionConflictException":
            raise _Met from None
        if code == "AccessDeniedException":
            raise NotAllowed("the server could not answer", reason=f"DynamoDB: {code}") from None
        if code in _BROKEN:
            raise ServerError("the server could not answer", reason=f"DynamoDB: {code}") from None
        raise TemporarilyUnavailable("try again", reason=f"DynamoDB: {code}") from None
    except NoAnswer as error:
        raise TemporarilyUnavailable("try again", reason=f"DynamoDB: {error.reason}") from None
