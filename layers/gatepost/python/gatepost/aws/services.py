"""The services that the functions call, and the port of their clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from gatepost.aws.client import Client
from gatepost.identifiers import random_text

DYNAMODB = "DynamoDB_20120810"
BOTO3 = "boto3"


class Invoker(Protocol):
    """Something that invokes functions: `invoking.LambdaClient`, or `boto.BotoInvoker`."""

    def invoke(self, function: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return a function's result. Raises Refusal, also if the function failed, and NoAnswer."""


class Caller(Protocol):
    """Something that calls an operation of a service: `client.Client`, or `boto.BotoClient`."""

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer, as the service's JSON has it. Raises Refusal and NoAnswer."""


def idempotency_token() -> str:
    """For `ClientRequestToken`: a call that is repeated with the same one takes effect once."""
    return random_text(16)


def dynamodb(kind: str, region: str | None = None) -> Caller:
    """Return a client for DynamoDB in the function's region or another; `kind` is `Settings.aws_client`."""
    return _client("dynamodb", kind, DYNAMODB, "1.0", region)


def secrets_manager(kind: str) -> Caller:
    """Return a client for Secrets Manager in the function's region."""
    return _client("secretsmanager", kind, "secretsmanager", "1.1", None)


def sqs(kind: str) -> Caller:
    """Return a client for SQS in the function's region."""
    return _client("sqs", kind, "AmazonSQS", "1.0", None)


def functions(kind: str) -> Invoker:
    """Return a client that invokes functions in the function's region."""
    if kind == BOTO3:
        from gatepost.aws.boto import boto_invoker

        return boto_invoker()
    from gatepost.aws.invoking import LambdaClient

    return LambdaClient()


def _client(service: str, kind: str, target: str, version: str, region: str | None) -> Caller:
    if kind == BOTO3:
        from gatepost.aws.boto import boto_client

        return boto_client(service, region)
    return Client(service, target=target, version=version, region=region)
