"""The AWS services that the functions call."""

from __future__ import annotations

from gatepost.aws.caller import Caller
from gatepost.aws.client import Client

DYNAMODB = "DynamoDB_20120810"
BOTO3 = "boto3"


def dynamodb(kind: str, region: str | None = None) -> Caller:
    """Return a client for DynamoDB in the function's region or another; `kind` is `Settings.aws_client`."""
    return _client("dynamodb", kind, DYNAMODB, "1.0", region)


def secrets_manager(kind: str) -> Caller:
    """Return a client for Secrets Manager in the function's region."""
    return _client("secretsmanager", kind, "secretsmanager", "1.1", None)


def _client(service: str, kind: str, target: str, version: str, region: str | None) -> Caller:
    if kind == BOTO3:
        from gatepost.aws.boto import boto_client

        return boto_client(service, region)
    return Client(service, target=target, version=version, region=region)
