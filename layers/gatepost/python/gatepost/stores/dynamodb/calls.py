"""One call to DynamoDB: its failures told apart, and how long to wait before another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from gatepost.aws.caller import Caller
from gatepost.aws.errors import NoAnswer, Refusal
from gatepost.aws.retries import jittered
from gatepost.errors import ServerError, TemporarilyUnavailable

Item = dict[str, Any]
T = TypeVar("T")

_TRIES = 4
_FIRST_PAUSE = 0.02  # seconds, doubled each time, with full jitter
# what no retry mends: a mistake in the deployment, not a fault of the moment
BROKEN_WRITE = "ValidationError"  # the same, of one write of a transaction
_BROKEN = {"ResourceNotFoundException", "ValidationException", "UnrecognizedClientException"}


class ConditionFailed(Exception):
    """The condition of a write did not hold. `items` are the items as they stood, one a write, {} where it held."""

    def __init__(self, items: Sequence[Item], failed: Sequence[bool]) -> None:
        """`failed` tells for each write of a transaction whether its condition was the one that failed."""
        super().__init__("condition failed")
        self.items = items
        self.failed = failed


class Refused(Exception):
    """The condition of a single write did not hold; `item` is the item as it stood."""

    def __init__(self, item: Item) -> None:
        """`item` is {} if there was none."""
        super().__init__("refused")
        self.item = item


class _Met(Exception):
    pass


class NotAllowed(ServerError):
    """The role, or the table's policy, does not allow the call."""


class Cancelled(Exception):
    """A transaction was cancelled; `reasons` has one entry a write."""

    def __init__(self, reasons: Sequence[Mapping[str, Any]]) -> None:
        """`reasons` is what DynamoDB says."""
        super().__init__("cancelled")
        self.reasons = reasons
        self.codes = sorted({str(reason["Code"]) for reason in reasons if reason.get("Code", "None") != "None"})

    @property
    def cause(self) -> str:
        """For the log; DynamoDB's messages would name values."""
        return f"DynamoDB: {', '.join(self.codes) or 'TransactionCanceledException'}"


def call(request: Callable[[], T]) -> T:
    """Make a request; what DynamoDB answers becomes an error of ours, without values of the request in it.

    A single write that meets a transaction on its item is refused at once (TransactionConflict): it is tried again.
    """
    for pause in pauses():
        try:
            return _tried(request)
        except _Met:
            time.sleep(pause)
    raise TemporarilyUnavailable("try again", reason="DynamoDB: TransactionConflictException")


def queried(client: Caller, request: Item) -> Iterator[Item]:
    """The items of a Query, page after page."""
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
            raise Refused(response.get("Item", {})) from None
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


def pauses() -> Iterator[float]:
    """How long to wait after each try, in seconds."""
    for attempt in range(_TRIES):
        yield jittered(_FIRST_PAUSE * 2**attempt)
