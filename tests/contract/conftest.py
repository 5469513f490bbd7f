"""Every port twice: on the fake that the unit tests use, and on DynamoDB as moto has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import boto3
import pytest
from moto import mock_aws

from gatepost.stores.dynamodb import DynamoDBStore
from gatepost.stores.memory import MemoryStore
from gatepost.stores.ports import Store
from tests.contract.cloud import REGION, OneAtATime, create_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[DynamoDBClient]:
    with mock_aws():
        yield boto3.client("dynamodb", region_name=REGION)


@pytest.fixture
def table_names(dynamodb: DynamoDBClient) -> dict[str, str]:
    return create_tables(dynamodb)


@pytest.fixture
def dynamodb_store(dynamodb: DynamoDBClient, table_names: dict[str, str]) -> DynamoDBStore:
    return DynamoDBStore(dynamodb, table_names)


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Store:
    """A store that is empty."""
    if request.param == "memory":
        return MemoryStore()
    return cast(Store, request.getfixturevalue("dynamodb_store"))


@pytest.fixture(params=["memory", "dynamodb"])
def racing_store(request: pytest.FixtureRequest) -> Store:
    """A store for many threads; see OneAtATime."""
    if request.param == "memory":
        return MemoryStore()
    client, names = request.getfixturevalue("dynamodb"), request.getfixturevalue("table_names")
    return DynamoDBStore(cast("DynamoDBClient", OneAtATime(client)), names)
