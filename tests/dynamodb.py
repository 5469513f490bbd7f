"""DynamoDB in this process, without a wire: the engine of the local AWS (ministack), called as a function.

moto copies every table of a transaction before it writes; this engine takes a tenth of its time.
"""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Callable, Iterable, Mapping
from threading import Event
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from ministack.services import dynamodb as _engine

Response = tuple[int, dict[str, str], bytes]


def _now() -> float:
    return time.time()  # looked up each time: a test may have stopped the clock


# Its only pauses are those of the thread that deletes expired items, whenever that is: they would come to no end where
# a test stopped the clock and lets nothing sleep. A read has to look at the date of an item anyhow.
_engine.time = SimpleNamespace(time=_now, sleep=lambda _: Event().wait())

_repeatable: dict[str, Response] = {}  # the last response by its ClientRequestToken
_OPERATIONS: Mapping[str, Callable[[dict[str, Any]], Response]] = {
    "create_table": _engine._create_table,
    "update_time_to_live": lambda _: (200, {}, b"{}"),
    "get_item": _engine._get_item,
    "batch_get_item": _engine._batch_get_item,
    "query": _engine._query,
    "scan": _engine._scan,
    "put_item": _engine._put_item,
    "update_item": _engine._update_item,
    "delete_item": _engine._delete_item,
    "transact_write_items": _engine._transact_write_items,
}


def answered(operation: str, body: str | bytes) -> Response:
    """Return status, headers and body of the response to a request's body; the operation as boto3 calls it."""
    request = json.loads(body)
    token = request.pop("ClientRequestToken", None)  # the engine does not always know it again
    if token is None:
        return _OPERATIONS[operation](request)
    if token not in _repeatable:
        response = _OPERATIONS[operation](request)
        if response[0] != 200:
            return response
        _repeatable.clear()
        _repeatable[token] = response
    return _repeatable[token]


class InProcess:
    """A client like boto3's, for what the stores call."""

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """An operation; errors come as botocore raises them."""
        if operation not in _OPERATIONS:
            raise AttributeError(operation)

        def call(**request: Any) -> Any:
            status, _, body = answered(operation, json.dumps(request))
            document = json.loads(body)
            if status != 200:
                raise _client_error(document, operation)
            return document

        return call


def items(table: str) -> list[dict[str, Any]]:
    """Return every item of a table."""
    return [item for partition in _engine._tables[table]["items"].values() for item in partition.values()]


def snapshot(tables: Iterable[str]) -> bytes:
    """Return everything that is stored in tables."""
    return pickle.dumps({name: _engine._tables[name] for name in tables})


def restore(stored: bytes) -> None:
    """Make the tables of a snapshot as they were."""
    for name, table in pickle.loads(stored).items():
        _engine._tables[name] = table


def drop(tables: Iterable[str]) -> None:
    """Forget tables."""
    for name in tables:
        del _engine._tables[name]


def _client_error(told: dict[str, Any], operation: str) -> ClientError:
    fault = {"Code": told.pop("__type").rpartition("#")[2], "Message": told.pop("message", told.pop("Message", ""))}
    response: Any = {"Error": fault, **told}
    return ClientError(response, operation)
