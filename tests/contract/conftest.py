"""Every port on three engines: the fake of the unit tests, moto through boto3, and the engine of the local AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import boto3
import pytest
from moto import mock_aws

from gatepost.aws.boto import BotoClient
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.ports.store import Store
from tests.contract.cloud import REGION, OneAtATime, create_tables, empty
from tests.dynamodb import InProcess, restore, snapshot
from tests.fakes import MemoryStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[DynamoDBClient]:
    with mock_aws():
        yield boto3.client("dynamodb", region_name=REGION)


@pytest.fixture(scope="module")
def created(dynamodb: DynamoDBClient) -> dict[str, str]:
    return create_tables(dynamodb)


@pytest.fixture
def table_names(created: dict[str, str]) -> dict[str, str]:
    """The tables of moto, empty."""
    empty(created.values())
    return created


@pytest.fixture
def dynamodb_store(dynamodb: DynamoDBClient, table_names: dict[str, str]) -> DynamoDBStore:
    return DynamoDBStore(BotoClient(dynamodb), table_names)


@pytest.fixture(scope="session")
def local_tables() -> tuple[dict[str, str], bytes]:
    """The names of the local AWS's tables, and their state when they are empty."""
    names = create_tables(cast("DynamoDBClient", InProcess()))
    return names, snapshot(names.values())


@pytest.fixture
def local_store(local_tables: tuple[dict[str, str], bytes]) -> DynamoDBStore:
    names, empty_tables = local_tables
    restore(empty_tables)
    return DynamoDBStore(BotoClient(OneAtATime(InProcess())), names)


@pytest.fixture(params=["memory", "boto3", "local"])
def store(request: pytest.FixtureRequest) -> Store:
    """An empty store: the fake, and DynamoDB by moto and by the local AWS."""
    return MemoryStore() if request.param == "memory" else _store_of(request)


@pytest.fixture(params=["memory", "local"])
def racing_store(request: pytest.FixtureRequest) -> Store:
    """A store for many threads; see OneAtATime."""
    return MemoryStore() if request.param == "memory" else _store_of(request)


def _store_of(request: pytest.FixtureRequest) -> Store:
    name = "dynamodb_store" if request.param == "boto3" else "local_store"
    return cast(Store, request.getfixturevalue(name))
