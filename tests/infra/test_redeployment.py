"""A deployment over what runs, and the way back: the local AWS plays versions and aliases."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from gatepost.routes import JWKS, OPENID_METADATA
from infra.configuration.context import ROOT
from infra.local.deployment import Deployment
from tests.conftest import TEST_SETTINGS
from tests.operating import account_of, operate
from tests.people import Client, get, new_client, new_person, opens

# What a function keeps a secret in memory is half of it: `make leaked-key` waits for that.
DELAY = 4


def hasty(template: dict[str, Any]) -> None:
    for each in template["Resources"].values():
        if each["Type"] == "AWS::Lambda::Function":
            each["Properties"]["Environment"]["Variables"]["GATEPOST_KEY_ACTIVATION_DELAY"] = str(DELAY)


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployment]:
    with Deployment(overrides=TEST_SETTINGS, alter=hasty) as deployment:
        yield deployment


@pytest.fixture
def app(deployed: Deployment) -> Client:
    return new_client(deployed, new_person(deployed))


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """The functions with another metadata document."""
    folder = tmp_path / "functions"
    shutil.copytree(ROOT / "functions", folder, ignore=shutil.ignore_patterns("__pycache__"))
    handler = folder / "metadata" / "handler.py"
    handler.write_text(handler.read_text() + '\n\ndef handler(event, context):\n    return {"statusCode": 418}\n')
    return folder


def document(deployment: Deployment) -> int:
    url = f"{deployment.base_url}/.well-known/oauth-authorization-server"
    return requests.get(url, timeout=30).status_code


def alias_of(deployment: Deployment, function: str) -> dict[str, Any]:
    name = deployment.running.functions[function]
    found: dict[str, Any] = deployment.client("lambda").get_alias(FunctionName=name, Name="live")
    return found


def test_what_is_called_is_a_version_behind_an_alias(deployed: Deployment) -> None:
    token = deployed.functions["token"].config
    assert token.alias_arn == f"{token.arn}:live"
    assert token.version == alias_of(deployed, "token")["FunctionVersion"] != "$LATEST"


def test_the_way_back_is_deploying_what_was_deployed_before(deployed: Deployment, app: Client, edited: Path) -> None:
    token = app.token(grant_type="client_credentials").json()["access_token"]
    first = alias_of(deployed, "metadata")["FunctionVersion"]
    untouched = alias_of(deployed, "token")["FunctionVersion"]
    assert document(deployed) == 200

    deployed.redeploy(functions_folder=edited)
    second = alias_of(deployed, "metadata")["FunctionVersion"]
    assert document(deployed) == 418
    assert opens(deployed, token)

    deployed.redeploy()
    third = alias_of(deployed, "metadata")["FunctionVersion"]
    assert document(deployed) == 200
    assert opens(deployed, token)
    assert app.token(grant_type="client_credentials").status_code == 200
    assert len({first, second, third}) == 3
    assert alias_of(deployed, "token")["FunctionVersion"] == untouched  # what did not change goes on as it was


def test_a_deployment_refuses_no_request_and_what_it_replaced_is_gone(
    deployed: Deployment, app: Client, edited: Path
) -> None:
    seen: list[int] = []
    token = app.token(grant_type="client_credentials").json()["access_token"]
    ended = threading.Event()

    def call() -> None:
        while not ended.wait(0.02):
            seen.append(get(deployed, "/demo/read", token).status_code)
            seen.append(app.token(grant_type="client_credentials").status_code)

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    deployed.redeploy({"code_lifetime": 59}, functions_folder=edited)
    ended.set()
    for thread in threads:
        thread.join()

    assert set(seen) == {200}
    assert deployed.functions["token"].config.environment["GATEPOST_CODE_LIFETIME"] == "59"
    name = deployed.running.functions["token"]
    published = deployed.client("lambda").list_versions_by_function(FunctionName=name)["Versions"]
    assert [each["Version"] for each in published] == ["$LATEST", alias_of(deployed, "token")["FunctionVersion"]]
    deployed.redeploy()


def test_after_a_leaked_key_the_alias_is_where_the_next_deployment_expects_it(
    deployed: Deployment, app: Client, edited: Path
) -> None:
    before = {name: alias_of(deployed, name)["FunctionVersion"] for name in ("consent", "token", "revoke")}
    pids = set(deployed.functions["token"].pids)

    status, said = operate("leaked_key", "--stage", "local", "all", **account_of(deployed))

    assert status == 0, said
    assert "No process uses the key any more. In 7 seconds the deployed version goes on ..." in said
    assert before == {name: alias_of(deployed, name)["FunctionVersion"] for name in before}
    assert not pids & set(deployed.functions["token"].pids)
    assert app.token(grant_type="client_credentials").status_code == 200

    deployed.redeploy({"code_lifetime": 58})
    assert alias_of(deployed, "token")["FunctionVersion"] != before["token"]
    assert app.token(grant_type="client_credentials").status_code == 200
    deployed.redeploy()


def algorithms(deployment: Deployment) -> list[str]:
    return sorted(key["alg"] for key in get(deployment, JWKS.path, None).json()["keys"])


def test_s216_an_update_to_openid_connect_makes_the_key_that_is_missing_at_once() -> None:
    with Deployment(overrides={**TEST_SETTINGS, "openid": False}, alter=hasty) as deployment:
        assert algorithms(deployment) == ["RS256"]

        deployment.redeploy({"openid": True})
        assert algorithms(deployment) == ["ES256", "RS256", "RS256"]
        said = get(deployment, OPENID_METADATA.path, None).json()
        assert said["id_token_signing_alg_values_supported"] == ["RS256", "ES256"]

        deployment.redeploy({"openid": True})
        assert len(algorithms(deployment)) == 3  # the schedule did not change again
