"""DynamoDB in this process: moto, with the tables of the deployment."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import uuid4

from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.ports.store import Store
from gatepost.stores.schema import TABLES, TTL_ATTRIBUTE, Table
from tests.fakes import MemoryStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REGION = "eu-central-1"
LISTING = ("memory", "local")  # the engines of lists: moto takes long for hundreds of them
T = TypeVar("T")


def create_tables(client: DynamoDBClient) -> dict[str, str]:
    """Create the tables under unique names; return logical name to physical name."""
    names = {table.name: f"{table.name}-{uuid4()}" for table in TABLES}
    for table in TABLES:
        _create(client, table, names[table.name])
    return names


def _create(client: Any, table: Table, name: str) -> None:
    keys = [table.partition_key, *([table.sort_key] if table.sort_key else [])]
    attributes = {*keys, *(key for index in table.indexes for key in (index.partition_key, index.sort_key))}
    numbers = {index.sort_key for index in table.indexes if index.sorts_numbers}
    indexes = [
        {
            "IndexName": index.name,
            "KeySchema": _schema(index.partition_key, index.sort_key),
            "Projection": {"ProjectionType": "ALL"},
        }
        for index in table.indexes
    ]
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_schema(*keys),
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": "N" if key in numbers else "S"} for key in sorted(attributes)
        ],
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    )
    ttl = {"Enabled": True, "AttributeName": TTL_ATTRIBUTE}
    client.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)


def _schema(*keys: str) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]


def contents(store: Store) -> object:
    """Return everything that a store holds, to be compared."""
    if isinstance(store, MemoryStore):
        apart = ("_lock", "_compactor", "round_trips")
        return copy.deepcopy({name: value for name, value in vars(store).items() if name not in apart})
    tables = cast(DynamoDBStore, store)._tables
    return {name: tables.client.call("Scan", {"TableName": name})["Items"] for name in tables.names.values()}


def empty(names: Iterable[str]) -> None:
    """Delete every item of moto's tables."""
    for name in names:
        get_backend("dynamodb")[DEFAULT_ACCOUNT_ID][REGION].tables[name].items.clear()


class OneAtATime:
    """A client whose calls wait for each other.

    DynamoDB executes each request atomically. The engine does not by itself: it checks a condition and changes its
    dictionaries without a lock. With this lock around every single request it is as atomic as DynamoDB, and no more:
    between two requests of one call of the store others run.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lock = Lock()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            with self._lock:
                return getattr(self._client, name)(**request)

        return call


def race(count: int, step: Callable[[int], T]) -> list[T]:
    """Return the results of `step(0)` to `step(count - 1)`, all started at the same moment."""
    start = Barrier(count)

    def run(number: int) -> T:
        start.wait()
        return step(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))
