"""Every port twice: on the fake of the unit tests, and on DynamoDB by moto."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, cast

import boto3
import pytest
from moto import mock_aws

from gatepost.aws.boto import BotoClient
from gatepost.aws.client import Client
from gatepost.aws.credentials import credentials_source
from gatepost.aws.services import DYNAMODB
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.ports.store import Store
from infra.local.aws.cloud import REGION as LOCAL_REGION
from infra.local.aws.cloud import Cloud
from tests.contract.cloud import REGION, OneAtATime, create_tables, empty, empty_by
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
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The local AWS, over HTTP as on AWS."""
    with closing(Cloud(tmp_path_factory.mktemp("cloud"))) as running:
        yield running


@pytest.fixture(scope="session")
def own_client(cloud: Cloud) -> Iterator[Client]:
    """The client of the functions."""
    environ = {
        "AWS_REGION": LOCAL_REGION,
        "AWS_ENDPOINT_URL_DYNAMODB": cloud.endpoint,
        "AWS_ACCESS_KEY_ID": cloud.access.key_id,
        "AWS_SECRET_ACCESS_KEY": cloud.access.secret,
    }
    credentials = credentials_source(environ)
    client = Client("dynamodb", target=DYNAMODB, version="1.0", environ=environ, credentials=credentials)
    with closing(client):
        yield client


@pytest.fixture(scope="session")
def own_tables(cloud: Cloud) -> dict[str, str]:
    return create_tables(cloud.client("dynamodb"))


@pytest.fixture
def own_store(own_tables: dict[str, str], own_client: Client) -> DynamoDBStore:
    empty_by(own_client, own_tables)
    return DynamoDBStore(own_client, own_tables)


@pytest.fixture(params=["memory", "boto3", "own client"])
def store(request: pytest.FixtureRequest) -> Store:
    """An empty store: the fake, DynamoDB of moto through boto3, and of the local AWS through our own client."""
    if request.param == "memory":
        return MemoryStore()
    return cast(Store, request.getfixturevalue("dynamodb_store" if request.param == "boto3" else "own_store"))


@pytest.fixture(params=["memory", "boto3", "own client"])
def racing_store(request: pytest.FixtureRequest) -> Store:
    """A store for many threads; see OneAtATime."""
    if request.param == "memory":
        return MemoryStore()
    if request.param == "own client":
        return cast(Store, request.getfixturevalue("own_store"))
    client, names = request.getfixturevalue("dynamodb"), request.getfixturevalue("table_names")
    return DynamoDBStore(BotoClient(OneAtATime(client)), names)
