"""DynamoDB in this process: moto, with the tables of the deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from gatepost.aws.client import Client
from gatepost.stores.schema import TABLES, TTL_ATTRIBUTE, Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REGION = "eu-central-1"
# The engines of lists: BotoClient sends the same requests and answers the same (tests/unit/aws/test_same_answers.py).
LISTING = ("memory", "own client")
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
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in sorted(attributes)],
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    )
    ttl = {"Enabled": True, "AttributeName": TTL_ATTRIBUTE}
    client.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)


def _schema(*keys: str) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]


def empty(names: Iterable[str]) -> None:
    """Delete every item of moto's tables."""
    for name in names:
        get_backend("dynamodb")[DEFAULT_ACCOUNT_ID][REGION].tables[name].items.clear()


def empty_by(client: Client, names: Mapping[str, str]) -> None:
    """Delete every item of the tables that `client` reaches."""
    for table in TABLES:
        keys = [table.partition_key, *([table.sort_key] if table.sort_key else [])]
        found = client.call("Scan", {"TableName": names[table.name]})["Items"]
        deleted = [{"DeleteRequest": {"Key": {name: item[name] for name in keys}}} for item in found]
        for at in range(0, len(deleted), 25):
            client.call("BatchWriteItem", {"RequestItems": {names[table.name]: deleted[at : at + 25]}})


class OneAtATime:
    """A client whose calls wait for each other.

    DynamoDB executes each request atomically. moto does not: it checks a condition and changes its dictionaries without
    a lock, so that parallel requests lose each other's writes. With this lock around every single request moto is as
    atomic as DynamoDB, and no more: between two requests of one call of the store others run.
    """

    def __init__(self, client: DynamoDBClient) -> None:
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
