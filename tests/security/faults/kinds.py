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
_ENDPOINT = "https://aws.example.test"

Call = Callable[[], Any]
Strike = Callable[[Call, Mapping[str, Any]], Any]

READS = frozenset({"get_item", "batch_get_item", "query", "get_secret_value", "describe_secret"})
SINGLE_WRITES = frozenset({"put_item", "update_item", "delete_item"})
WRITES = SINGLE_WRITES | {"transact_write_items", "put_secret_value", "update_secret_version_stage", "send_email"}
WRITES |= {"send_message"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of fault. `strike` replaces the call; `lasts` until the request is over, else for one call."""

    name: str
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


def _kind(name: str, services: frozenset[str], operations: frozenset[str], strike: Strike | None, **more: bool) -> Kind:
    return Kind(name=name, services=services, operations=operations, strike=strike, **more)


KINDS: tuple[Kind, ...] = (
    _kind("throughput exceeded", _DYNAMODB, _ALL, _refused("ProvisionedThroughputExceededException")),
    _kind("throttled", _EVERYWHERE, _ALL, _refused("ThrottlingException")),
    _kind("request limit", _DYNAMODB, _ALL, _refused("RequestLimitExceeded")),
    _kind("internal error", _DYNAMODB, _ALL, _refused("InternalServerError")),
    _kind("internal error", _SECRETS, _ALL, _refused("InternalServiceError")),
    _kind("key unusable", _SECRETS, frozenset({"get_secret_value"}), _refused("DecryptionFailure")),
    _kind("sending paused", _MAIL, _ALL, _refused("SendingPausedException")),
    _kind("denied", _DYNAMODB, _ALL, _refused("AccessDeniedException")),
    _kind("timeout before", _EVERYWHERE, _ALL, _broken(_timeout, after=False)),
    _kind("reset before", _EVERYWHERE, _ALL, _broken(_reset, after=False)),
    _kind("timeout after", _EVERYWHERE, WRITES, _broken(_timeout, after=True), after=True),
    _kind("reset after", _EVERYWHERE, WRITES, _broken(_reset, after=True), after=True),
    _kind("answer lost, SDK repeats", _DYNAMODB, WRITES, None, absorbed=True),
    _kind("conflict, once", _DYNAMODB, SINGLE_WRITES, _refused("TransactionConflictException"), absorbed=True),
    _kind("conflict, stays", _DYNAMODB, SINGLE_WRITES, _refused("TransactionConflictException"), lasts=True),
    _kind("cancelled by conflict, once", _DYNAMODB, _TRANSACTION, _cancelled("TransactionConflict"), absorbed=True),
    _kind("cancelled by conflict, stays", _DYNAMODB, _TRANSACTION, _cancelled("TransactionConflict"), lasts=True),
    _kind("cancelled by throttling, once", _DYNAMODB, _TRANSACTION, _cancelled("ThrottlingError"), absorbed=True),
    _kind("cancelled by throttling, stays", _DYNAMODB, _TRANSACTION, _cancelled("ThrottlingError"), lasts=True),
    _kind("keys unprocessed, once", _DYNAMODB, _BATCH, _unprocessed, absorbed=True),
    _kind("keys unprocessed, stay", _DYNAMODB, _BATCH, _unprocessed, lasts=True),
)
