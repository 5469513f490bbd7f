"""With everything logged and an error in every handler, no secret appears in a log line or a table. S104, S105."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatepost.identifiers import base64url, digest
from gatepost.scope import Scope
from gatepost.stores.schema import TABLES
from gatepost.tokens.signing_keys import handle_key
from infra.configuration.context import ROOT
from infra.local.deployment import Deployment
from tests.conftest import TEST_SETTINGS
from tests.people import new_client, new_person
from tests.security.checklist.spellings import found
from tests.security.checklist.walk import BreakingClient, as_an_app, in_the_console, keys_of, with_a_token

ENDPOINTS = {
    "account", "admin", "apps", "authorize", "connections", "consent", "console", "consumer", "demo", "introspect",
    "logout", "metadata", "recovery", "registration", "revoke", "token", "userinfo", "whoami",
}  # fmt: skip
READING = ENDPOINTS - {"admin", "demo", "userinfo", "whoami"}


@pytest.fixture(scope="module")
def breaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A deployment that logs everything and whose functions break on demand (see `breaking.py`)."""
    folder = tmp_path_factory.mktemp("breaking") / "functions"
    shutil.copytree(ROOT / "functions", folder, ignore=shutil.ignore_patterns("__pycache__"))
    for handler in folder.glob("*/handler.py"):
        shutil.copy(Path(__file__).with_name("breaking.py"), handler.parent)
        handler.write_text(f"import breaking\n{handler.read_text()}")
    settings = {"log_level": "DEBUG", "mail_sender": "gatepost@example.com"}
    with Deployment(overrides={**TEST_SETTINGS, **settings}, functions_folder=folder, width=1) as deployed:
        yield deployed


@pytest.fixture(scope="module")
def used(breaking: Deployment) -> dict[str, str]:
    """Every secret of a walk through everything, by name."""
    person = new_person(breaking)
    made = new_client(breaking, new_person(breaking), scope=Scope.of("read", "write", "consumer", "openid"))
    client = BreakingClient(deployment=breaking, app=made.app, secret=made.secret)
    secrets = {"client secret": client.secret, "password of a person": person.password, **as_an_app(client, person)}
    secrets |= with_a_token(breaking, client.tokens(person, scope="read consumer")["access_token"])
    secrets |= in_the_console(breaking)
    secrets |= keys_of(breaking)
    for name, secret in list(secrets.items()):
        if secret.count(".") >= 2:  # a token; its last part is what authenticates it
            secrets[f"last part of {name}"] = secret.rpartition(".")[2]
    time.sleep(0.5)  # the last lines of the functions
    return secrets


def test_s104_no_secret_stands_in_a_log_line_though_every_handler_failed(
    breaking: Deployment, used: dict[str, str]
) -> None:
    lines = [json.loads(line) for line in breaking.logs]
    logs = "\n".join(breaking.logs)

    assert {line.get("endpoint") for line in lines if line.get("reason") == "RuntimeError"} - {None} == ENDPOINTS
    assert {line.get("endpoint") for line in lines if "ValidationException" in line.get("reason", "")} >= READING
    assert "authorizer.failed" in {line.get("message") for line in lines}
    assert "RuntimeError at breaking:" in logs
    assert min(map(len, used.values())) >= 20
    assert len(used) > 45
    assert found(used, logs) == []
    assert [each for each in ("Request(method", "Set-Cookie", "Traceback", "SecretString") if each in logs] == []


def test_s105_no_secret_stands_in_a_table_or_an_index(breaking: Deployment, used: dict[str, str]) -> None:
    database = breaking.client("dynamodb")
    items = []
    for table in TABLES:
        for index in (None, *(each.name for each in table.indexes)):
            scan = {"TableName": breaking.tables[table.name], **({"IndexName": index} if index else {})}
            items += [item for page in database.get_paginator("scan").paginate(**scan) for item in page["Items"]]
    stored = json.dumps(items, default=str)

    # what a request said is kept until it is answered, so `state` may wait in a table, and beside the public keys lies
    # the key of the handles, which hides from the published list what the tables' readers know anyway; nothing else may
    secret = breaking.client("secretsmanager").get_secret_value(SecretId=breaking.secret_arn("signing"))
    handles = base64url(handle_key(secret["SecretString"]))
    assert {used[name] for name in found(used, stored) if name != "state"} == {handles}
    hashed = {name for name, secret in used.items() if digest(secret) in stored}
    assert hashed >= {"client secret", "secret by the API", "secret by hand", "second secret by hand", "code"}
    assert not [name for name in hashed if "password" in name or "access token" in name or "refresh token" in name]
    assert stored.count("$2b$04$") >= 3
