"""Our client and a service on the loopback interface with scripted responses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from botocore.config import Config

from gatepost.aws.client import Client
from gatepost.aws.sigv4 import RoleCredentials
from tests.unit.aws.service import Service

NOW = 1_800_000_000.0
Ask = Callable[..., tuple[Client, Service]]


@pytest.fixture
def ask() -> Iterator[Ask]:
    """A function that starts a service with its responses, and returns a client of it and the service."""
    with ExitStack() as running:

        def asked(*answers: bytes) -> tuple[Client, Service]:
            service = Service(*answers)
            running.callback(service.close)
            client = client_of(service)
            running.callback(client.close)
            return client, service

        yield asked


def client_of(service: Service, slept: list[float] | None = None) -> Client:
    return Client(
        "dynamodb",
        target="DynamoDB_20120810",
        version="1.0",
        environ={"AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL_DYNAMODB": service.url},
        credentials=lambda: RoleCredentials("AKID", "secret", "token"),
        clock=lambda: NOW,
        sleep=(slept if slept is not None else []).append,
        read_seconds=0.2,
    )


def boto(service: Service, name: str) -> Any:
    """A client of boto3 for the same service, which tries a call once."""
    client: Any = boto3.client
    config = Config(read_timeout=1, retries={"mode": "standard", "total_max_attempts": 1})
    keys = {"aws_access_key_id": "AKID", "aws_secret_access_key": "secret"}
    return client(name, endpoint_url=service.url, region_name="eu-central-1", **keys, config=config)
