"""An upgrade and the way back, while clients go on; and records of another version.

The history of the repository is not in every clone. So the next version is the same tree with a mark in the code of
every function, and with other settings. What the version before wrote is kept as items in records/before.json.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.configuration.context import ROOT
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of
from tests.conftest import TEST_SETTINGS
from tests.flows.traffic import Held, Traffic
from tests.infra.rendered import functions
from tests.people import CALLBACK, get, new_client, new_person, opens

RECORDS = Path(__file__).with_name("records") / "before.json"
NEXT = {"access_token_lifetime": 1800, "refresh_token_idle_lifetime": 86400, "signing_algorithm": "ES256"}


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployment]:
    with Deployment(overrides=TEST_SETTINGS) as deployment:
        yield deployment


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    """The functions of the next version."""
    folder = tmp_path / "functions"
    shutil.copytree(ROOT / "functions", folder, ignore=shutil.ignore_patterns("__pycache__"))
    for handler in folder.glob("*/handler.py"):
        handler.write_text(handler.read_text() + '\nVERSION = "next"\n')
    return folder


def test_an_upgrade_and_the_way_back_refuse_nothing_and_lose_nothing(deployed: Deployment, marked: Path) -> None:
    person = new_person(deployed)
    traffic = Traffic(new_client(deployed, person), person)
    before = Held(deployed)
    held: list[Held] = []

    def there_and_back() -> None:
        first = code_keys(deployed)
        deployed.redeploy(NEXT, functions_folder=marked)
        assert first.keys() == code_keys(deployed).keys()
        assert not {*first.values()} & {*code_keys(deployed).values()}  # another code of every function
        assert deployed.functions["token"].config.environment["GATEPOST_ACCESS_TOKEN_LIFETIME"] == "1800"
        before.holds()
        deployed.rotate("signing")
        held.append(Held(deployed))
        deployed.redeploy()

    traffic.during(there_and_back)

    assert traffic.refused == []
    assert traffic.done > 50
    assert "GATEPOST_ACCESS_TOKEN_LIFETIME" not in deployed.functions["token"].config.environment  # the default
    held[0].holds()
    algorithms = {key["alg"] for key in get(deployed, "/.well-known/jwks.json", None).json()["keys"]}
    assert algorithms == {"RS256", "ES256"}  # the key that the next version made goes on


def code_keys(deployment: Deployment) -> dict[str, str]:
    return {name: each["Code"]["S3Key"] for name, each in functions(dict(deployment.template)).items()}


@pytest.fixture
def earlier(deployed: Deployment) -> dict[str, Any]:
    """The tables and secrets of the version before, and how its people and apps sign in."""
    left = json.loads(RECORDS.read_text())
    database, secrets = deployed.client("dynamodb"), deployed.client("secretsmanager")
    for name, items in left["tables"].items():
        for item in items:
            database.put_item(TableName=deployed.tables[name], Item=item)
    arn = deployed.secret_arn("refresh")
    current = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])
    both = {"keys": [*left["told"]["refresh_keys"]["keys"], *current["keys"]]}
    secrets.put_secret_value(SecretId=arn, SecretString=json.dumps(both))
    for function in ("token", "revoke", "introspect"):
        deployed.restart(function)
    told: dict[str, Any] = left["told"]
    return told


def test_records_of_the_version_before_do_what_they_did(deployed: Deployment, earlier: dict[str, Any]) -> None:
    app = earlier["client_id"], earlier["client_secret"]
    anybody = new_client(deployed, new_person(deployed))  # only to ask with the app's own credentials

    own = anybody.token(auth=app, grant_type="client_credentials")
    assert own.status_code == 200
    assert opens(deployed, own.json()["access_token"])
    refreshed = anybody.token(auth=app, grant_type="refresh_token", refresh_token=earlier["refresh_token"])
    assert refreshed.status_code == 200, refreshed.text
    assert opens(deployed, refreshed.json()["access_token"])
    by_password = {"username": earlier["user_name"], "password": earlier["password"]}
    assert anybody.token(auth=app, grant_type="password", **by_password).status_code == 200
    browser = Browser(deployed.base_url)
    browser.cookies = dict(earlier["cookies"])
    page = browser.get("/developer/apps")
    assert page.status_code == 200
    assert "App 2" in page.text
    path = f"/developer/auth?response_type=code&client_id={app[0]}&redirect_uri={CALLBACK}&scope=read"
    assert "code" in answer_of(browser.get(path))  # the approval is remembered
    account = browser.get("/developer/account").text
    assert "Unknown browser" in account  # of the header that sessions held
    assert "python-requests" not in account
    ours = browser.get(f"/developer/apps/{app[0]}/secrets").text
    assert "Label" in ours  # of secrets, which had none


def test_a_record_of_a_newer_form_is_refused_for_now_and_works_again_after_the_upgrade(deployed: Deployment) -> None:
    client = new_client(deployed, new_person(deployed))
    token = client.token(grant_type="client_credentials").json()["access_token"]
    database, table = deployed.client("dynamodb"), deployed.tables["apps"]
    place: dict[str, Any] = {"TableName": table, "Key": {"client_id": {"S": client.app.client_id}}}
    form = {"ExpressionAttributeNames": {"#form": "form"}}

    database.update_item(
        **place, UpdateExpression="SET #form = :two", ExpressionAttributeValues={":two": {"N": "2"}}, **form
    )
    refused = client.token(grant_type="client_credentials")
    introspected = client.introspect(token)
    page = Browser(deployed.base_url).get(client.authorize_path())
    database.update_item(**place, UpdateExpression="REMOVE #form", **form)

    for answer in (refused, introspected):
        assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
        assert answer.headers["Retry-After"] == "2"
    assert page.status_code == 503
    assert client.token(grant_type="client_credentials").status_code == 200
