"""The rotation function on moto, and the secrets and tables of a stack."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest

from gatepost.resource_server import feed_watch
from gatepost.runtime import database, environment, wiring
from gatepost.settings import secret_variable, table_variable
from gatepost.tokens.access_token import issue_access_token
from tests.contract.cloud import REGION
from tests.unit.world import READ, SETTINGS

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
HANDLER = Path(__file__).parents[2] / "functions" / "rotate_keys" / "handler.py"
CACHES = (
    *(environment.settings, database.table_names, database.dynamodb),
    *(wiring.store, wiring.server, feed_watch.watch, database.secrets_manager),
)
Rotate = Callable[..., str]


@pytest.fixture
def secrets(
    dynamodb: object, table_names: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[SecretsManagerClient]:
    """Create secrets as the stack does, beside empty tables, and an environment that names them."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    client = boto3.client("secretsmanager", region_name=REGION)
    environment = SETTINGS._replace(aws_client="boto3", signing_algorithm="ES256").to_env()
    environment |= {table_variable(name): physical for name, physical in table_names.items()}
    for name in ("signing", "refresh"):
        made = client.create_secret(Name=name, SecretString="what-CloudFormation-generated")
        environment[secret_variable(name)] = made["ARN"]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for cached in CACHES:
        cached.cache_clear()
    yield client
    for cached in CACHES:
        cached.cache_clear()
    for each in client.list_secrets()["SecretList"]:
        client.delete_secret(SecretId=each["ARN"], ForceDeleteWithoutRecovery=True)


@pytest.fixture
def rotate(secrets: SecretsManagerClient) -> Rotate:
    spec = spec_from_file_location("rotate_keys_handler", HANDLER)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)

    def run(secret: str, *steps: str, version: str = "") -> str:
        """Run the steps, by default all four; return the version."""
        version = version or str(uuid4())
        arn = secrets.describe_secret(SecretId=secret)["ARN"]
        for step in steps or STEPS:
            module.handler({"Step": step, "SecretId": arn, "ClientRequestToken": version}, None)
        return version

    return run


def current(secrets: SecretsManagerClient, secret: str) -> list[dict[str, Any]]:
    answer = secrets.get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")
    keys: list[dict[str, Any]] = json.loads(answer["SecretString"])["keys"]
    return keys


def published() -> dict[str, int]:
    keys = wiring.store().public_keys()
    return {key.kid: key.expires_at for key in keys}


def token(now: float, *, lifetime: int = 60) -> str:
    """Return an access token of alice's, signed by the server as it is configured at `now`."""
    server = wiring.server()
    who = {"sub": "alice-id", "client_id": "web", "grant_id": ""}
    return issue_access_token(
        server.keys.signer(now),
        server.settings,
        **who,
        scope=READ,
        lifetime=lifetime,
        now=now,
        audience=server.settings.audience,
    )
