"""The ways in which an AWS call fails, injected at the client of the stores, the keys and the mailer.

A fault affects one call. It happens before or after the call takes effect; `absorbed` ones are handled at once by the
layer or by the SDK, so that nobody notices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

PRIVATE = "a-very-private-value"  # what AWS says of a request is for nobody's eyes
_CONFLICT = "TransactionConflictException"
_ENDPOINT = "https://aws.example.test"

Call = Callable[[], Any]
Strike = Callable[[Call, Mapping[str, Any]], Any]

READS = frozenset({"get_item", "batch_get_item", "query", "get_secret_value", "describe_secret"})
SINGLE_WRITES = frozenset({"put_item", "update_item", "delete_item"})
WRITES = SINGLE_WRITES | {"transact_write_items", "put_secret_value", "update_secret_version_stage", "send_email"}
WRITES |= {"send_message"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault. `strike` replaces the call; `lasts` until the request is over, else for one call."""

    name: str
    alike: str
    services: frozenset[str]
    operations: frozenset[str]
    strike: Strike | None  # None: the answer is lost on the wire, and the SDK repeats the call by itself
    absorbed: bool = False
    after: bool = False
    lasts: bool = False

    def fits(self, service: str, operation: str) -> bool:
        """Whether the call can fail so."""
        return service in self.services and operation in self.operations


def error(code: str, **more: Any) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": PRIVATE}, **more}
    return ClientError(response, "Operation")


def _refused(code: str) -> Strike:
    def strike(call: Call, request: Mapping[str, Any]) -> Any:
        raise error(code)

    return strike


def _cancelled(code: str) -> Strike:
    def strike(call: Call, request: Mapping[str, Any]) -> Any:
        reasons = [{"Code": "None"} for _ in request["TransactItems"]]
        reasons[-1] = {"Code": code}
        raise error("TransactionCanceledException", CancellationReasons=reasons)

    return strike


def _broken(made: Callable[[], Exception], *, after: bool) -> Strike:
    def strike(call: Call, request: Mapping[str, Any]) -> Any:
        if after:
            call()
        raise made()

    return strike


def _unprocessed(call: Call, request: Mapping[str, Any]) -> Any:
    return {"Responses": {}, "UnprocessedKeys": request["RequestItems"]}


def _timeout() -> Exception:
    return ReadTimeoutError(endpoint_url=_ENDPOINT)


def _reset() -> Exception:
    return ConnectionClosedError(endpoint_url=_ENDPOINT)


_DYNAMODB, _SECRETS, _MAIL = frozenset({"dynamodb"}), frozenset({"secretsmanager"}), frozenset({"sesv2"})
_QUEUE = frozenset({"sqs"})
_EVERYWHERE = _DYNAMODB | _SECRETS | _MAIL | _QUEUE
_ALL = READS | WRITES
_TRANSACTION = frozenset({"transact_write_items"})
_BATCH = frozenset({"batch_get_item"})


_MET, _SLOWED = _cancelled("TransactionConflict"), _cancelled("ThrottlingError")


# Named alike is what the layer handles in the same way: nothing happened, or it happened and nobody knows, and so on.
KINDS: tuple[Kind, ...] = (
    Kind("throughput exceeded", "before", _DYNAMODB, _ALL, _refused("ProvisionedThroughputExceededException")),
    Kind("throttled", "before", _EVERYWHERE, _ALL, _refused("ThrottlingException")),
    Kind("request limit", "before", _DYNAMODB, _ALL, _refused("RequestLimitExceeded")),
    Kind("internal error", "before", _DYNAMODB, _ALL, _refused("InternalServerError")),
    Kind("internal error", "before", _SECRETS, _ALL, _refused("InternalServiceError")),
    Kind("key unusable", "before", _SECRETS, frozenset({"get_secret_value"}), _refused("DecryptionFailure")),
    Kind("sending paused", "before", _MAIL, _ALL, _refused("SendingPausedException")),
    Kind("timeout before", "before", _EVERYWHERE, _ALL, _broken(_timeout, after=False)),
    Kind("reset before", "before", _EVERYWHERE, _ALL, _broken(_reset, after=False)),
    Kind("denied", "denied", _DYNAMODB, _ALL, _refused("AccessDeniedException")),
    Kind("timeout after", "after", _EVERYWHERE, WRITES, _broken(_timeout, after=True), after=True),
    Kind("reset after", "after", _EVERYWHERE, WRITES, _broken(_reset, after=True), after=True),
    Kind("answer lost, SDK repeats", "lost", _DYNAMODB, WRITES, None, absorbed=True),
    Kind("conflict, once", "once", _DYNAMODB, SINGLE_WRITES, _refused(_CONFLICT), absorbed=True),
    Kind("conflict, stays", "stays", _DYNAMODB, SINGLE_WRITES, _refused(_CONFLICT), lasts=True),
    Kind("cancelled by conflict, once", "once", _DYNAMODB, _TRANSACTION, _MET, absorbed=True),
    Kind("cancelled by throttling, once", "once", _DYNAMODB, _TRANSACTION, _SLOWED, absorbed=True),
    Kind("cancelled by conflict, stays", "stays", _DYNAMODB, _TRANSACTION, _MET, lasts=True),
    Kind("cancelled by throttling, stays", "stays", _DYNAMODB, _TRANSACTION, _SLOWED, lasts=True),
    Kind("keys unprocessed, once", "once", _DYNAMODB, _BATCH, _unprocessed, absorbed=True),
    Kind("keys unprocessed, stay", "stays", _DYNAMODB, _BATCH, _unprocessed, lasts=True),
)


def kinds_of(service: str, operation: str, turn: int | None) -> list[Kind]:
    """The ways in which a call fails: every one, or of those that are alike the one whose turn it is."""
    alike: dict[str, list[Kind]] = {}
    for kind in KINDS:
        if kind.fits(service, operation):
            alike.setdefault(kind.alike, []).append(kind)
    if turn is None:
        return [kind for kinds in alike.values() for kind in kinds]
    return [kinds[turn % len(kinds)] for kinds in alike.values()]
