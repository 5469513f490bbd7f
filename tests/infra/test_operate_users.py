"""`make export-user` and `make erase-user` on a local deployment, for a user of every feature."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from gatepost.accounts.links import new_link
from gatepost.audit_log import events as audit
from gatepost.routes import ADMIN_USER_PAGE
from gatepost.stores.record_keys import UserKey
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.operating import operate
from tests.people import Client, Person, entered, new_client, new_person

SECRETS = ("secret_hash", "password_hash", "session_hash", "link_hash", "request_hash", "code_challenge")


@pytest.fixture
def used(deployment: Deployment, person: Person, client: Client) -> dict[str, Any]:
    """Tokens of a person with an address, a session, an app, failed sign-ins, a link and a request that wait."""
    deployment.store.change_email(person.user, f"{person.name}@example.test", confirmed=True)
    deployment.store.set_user_rights(person.user.user_id, groups=("editors", "staff"))
    browser = entered(deployment, person)
    browser.get(client.authorize_path(scope="write"))  # the consent page
    tokens = client.tokens(person)
    Browser(deployment.base_url).sign_in(person.name, "wrong")
    new_link(
        deployment.store, "email", user_id=person.user.user_id, user_name=person.name, email="x@y.example", now=1e10
    )
    return tokens


def test_an_export_holds_all_that_is_kept_about_a_user_and_nothing_that_opens_anything(
    deployment: Deployment, port: str, person: Person, client: Client, used: dict[str, Any], tmp_path: Path
) -> None:
    out = tmp_path / "export.json"

    assert operate("export_user", "--port", port, "--out", str(out), "--", person.name.upper()) == (
        0,
        f"What is kept about {person.name} is in {out}.\n",
    )

    found = json.loads(out.read_text())
    assert out.stat().st_mode & 0o777 == 0o600
    assert found["account"]["user_id"] == person.user.user_id
    assert found["account"]["email"] == f"{person.name}@example.test"
    assert found["account"]["groups"] == ["editors", "staff"]
    assert [app["client_id"] for app in found["apps"]] == [client.app.client_id]
    assert [grant["client_id"] for grant in found["grants"]] == [client.app.client_id]
    assert [approval["scope"] for approval in found["approvals"]] == ["read"]
    assert len(found["sessions"]) == 2
    assert found["sessions"][0]["device"] == "Unknown browser"
    assert [request["scope"] for request in found["requests_that_wait"]] == ["write"]
    assert [link["email"] for link in found["links_in_mails"]] == ["x@y.example"]
    assert [each["failures"] for each in found["failed_sign_ins"]] == [1, 1]  # of the name, and of the day
    assert sorted({entry["event"] for entry in found["audit"]}) == ["approved", "sign_in_failed", "signed_in"]
    assert found["audit"][0]["source_ip"] in {"127.0.0.1", "::1"}
    text = out.read_text()
    assert [name for name in SECRETS if name in text] == []
    opening = (client.secret, client.app.secrets[0].secret_hash, used["access_token"])
    assert [each for each in opening if each in text] == []


def test_an_export_of_one_user_holds_nothing_of_another(
    deployment: Deployment, port: str, person: Person, used: dict[str, Any]
) -> None:
    other = new_person(deployment)
    new_client(deployment, other).tokens(other)
    by: dict[str, Any] = {"actor": person.user, "subject": other.name, "source_ip": "192.0.2.9"}
    audit.record(deployment.store, deployment.settings, "user_approved", now=time.time(), **by)

    status, text = operate("export_user", "--port", port, "--", other.name)

    assert status == 0
    found = json.loads(text)
    assert found["account"]["user_name"] == other.name
    assert {entry["event"] for entry in found["audit"]} == {"approved", "signed_in", "user_approved"}
    assert [each for each in ("192.0.2.9", person.name, person.user.user_id) if each in text] == []


def test_a_file_that_is_there_is_not_written_over(port: str, person: Person, tmp_path: Path) -> None:
    out = tmp_path / "there.json"
    out.write_text("mine")

    assert operate("export_user", "--port", port, "--out", str(out), "--", person.name) == (
        1,
        f"{out} can't be written: File exists.\n",
    )
    assert out.read_text() == "mine"


@pytest.mark.parametrize("typed", ["", "yes\n"])
def test_without_the_name_typed_nothing_is_erased_and_what_would_go_along_is_named(
    deployment: Deployment, port: str, person: Person, client: Client, typed: str
) -> None:
    status, said = operate("erase_user", "--port", port, "--", person.name, typed=typed)

    page = f"{deployment.base_url}{ADMIN_USER_PAGE.at(user_id=person.user.user_id)}"
    assert status == 1
    assert f" Its apps are deleted too: {client.app.name}. First transfer those that must continue, at {page}. " in said
    assert said.endswith("That is not the user name: nothing was erased.\n")
    assert deployment.store.read(UserKey(person.user.user_id)) == (person.user,)


def test_a_user_is_erased_by_id_as_the_audit_list_has_it(deployment: Deployment, port: str, person: Person) -> None:
    assert operate("erase_user", "--port", port, "--yes", "--id", "--", person.user.user_id)[0] == 0

    assert deployment.store.read(UserKey(person.user.user_id)) == (None,)
    assert operate("erase_user", "--port", port, "--yes", "--id", "--", person.user.user_id) == (
        1,
        f"There is no account with the id {person.user.user_id}.\n",
    )


def test_no_name_and_an_unknown_name_are_said_in_a_sentence(port: str) -> None:
    assert operate("erase_user", "--port", port, "--", " ") == (
        2,
        "Who is to be forgotten? For example: make erase-user NAME=maria\n",
    )
    assert operate("export_user", "--port", port, "--", "") == (
        2,
        "Whose data? For example: make export-user NAME=maria OUT=maria.json\n",
    )
    for command in ("erase_user", "export_user"):
        assert operate(command, "--port", port, "--", "nobody") == (1, "There is no account nobody.\n")
