"""A deployment over what runs, and the way back: the local AWS plays versions and aliases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from gatepost.routes import JWKS, OPENID_METADATA
from infra.configuration.context import ROOT
from infra.local.demo import paths
from infra.local.deployment import Deployment
from infra.tools.operator import leaked_key
from tests.conftest import TEST_SETTINGS
from tests.operating import account_of, operate
from tests.people import Client, get, new_client, new_person

# What a function keeps a secret in memory is half of it: `make leaked-key` waits for that.
DELAY = 8


def hasty(template: dict[str, Any]) -> None:
    for each in template["Resources"].values():
        if each["Type"] == "AWS::Lambda::Function":
            each["Properties"]["Environment"]["Variables"]["GATEPOST_KEY_ACTIVATION_DELAY"] = str(DELAY)


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployment]:
    """Without OpenID Connect, which the first test turns on."""
    with Deployment(overrides={**TEST_SETTINGS, "openid": False}, alter=hasty) as deployment:
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


def algorithms(deployment: Deployment) -> list[str]:
    return sorted(key["alg"] for key in get(deployment, JWKS.path, None).json()["keys"])


def test_s216_an_update_to_openid_connect_makes_the_key_that_is_missing_at_once(deployed: Deployment) -> None:
    assert algorithms(deployed) == ["RS256"]
    assert deployed.facts.sign_in_app is None
    assert requests.get(deployed.client_app.url + paths.HOME, timeout=30).status_code == 404
    assert paths.HOME not in requests.get(deployed.client_app.url, timeout=30).text

    deployed.redeploy({"openid": True})

    assert algorithms(deployed) == ["ES256", "RS256", "RS256"]
    said = get(deployed, OPENID_METADATA.path, None).json()
    assert said["id_token_signing_alg_values_supported"] == ["RS256", "ES256"]


def test_what_is_called_is_a_version_behind_an_alias_and_what_was_replaced_is_gone(
    deployed: Deployment, edited: Path
) -> None:
    """`tests/flows/test_upgrade.py` sends requests meanwhile."""
    first, untouched = (alias_of(deployed, name)["FunctionVersion"] for name in ("metadata", "token"))
    assert document(deployed) == 200

    deployed.redeploy({"openid": True}, functions_folder=edited)

    assert document(deployed) == 418
    assert alias_of(deployed, "token")["FunctionVersion"] == untouched  # what did not change goes on as it was
    config = deployed.functions["metadata"].config
    assert config.alias_arn == f"{config.arn}:live"
    assert config.version == alias_of(deployed, "metadata")["FunctionVersion"]
    assert config.version not in ("$LATEST", first)
    name = deployed.running.functions["metadata"]
    published = deployed.client("lambda").list_versions_by_function(FunctionName=name)["Versions"]
    assert [each["Version"] for each in published] == ["$LATEST", config.version]


def test_after_a_leaked_key_the_alias_is_where_the_next_deployment_expects_it(
    deployed: Deployment, app: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaked_key, "_MARGIN", 0)  # there is one clock here
    before = {name: alias_of(deployed, name)["FunctionVersion"] for name in ("consent", "token", "revoke")}
    pids = set(deployed.functions["token"].pids)

    status, said = operate("leaked_key", "--stage", "local", "all", **account_of(deployed))

    assert status == 0, said
    assert f"No process uses the key any more. Returning to the deployed version in {DELAY // 2} seconds ..." in said
    assert before == {name: alias_of(deployed, name)["FunctionVersion"] for name in before}
    assert not pids & set(deployed.functions["token"].pids)
    assert app.token(grant_type="client_credentials").status_code == 200

    deployed.redeploy({"openid": True, "code_lifetime": 58})
    assert alias_of(deployed, "token")["FunctionVersion"] != before["token"]
    assert app.token(grant_type="client_credentials").status_code == 200
