"""The feed grows only by revocations that void something (S128)."""

from __future__ import annotations

import pytest
import requests

from gatepost.accounts.connected_apps import MOST_ENTRIES
from gatepost.routes import (
    APP_PAGE,
    APPS_PAGE,
    CREATE_APP,
    DELETE_APP,
    GRANTS_PAGE,
    NEW_APP_PAGE,
    REVOKE_GRANT,
    REVOKE_GRANTS,
)
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of, post
from tests.http.consumer import Consumer
from tests.people import Client, Person, stops

OFTEN = 10


@pytest.fixture
def entries(deployment: Deployment) -> Entries:
    return Entries(deployment)


class Entries:
    """The entries added to the feed since the last look."""

    def __init__(self, deployment: Deployment) -> None:
        self._store, self._seen = deployment.store, 0
        self.new()

    def new(self) -> int:
        before, self._seen = self._seen, len(self._store.feed(0))
        return self._seen - before


def revoke_all(browser: Browser) -> int:
    return post(browser, GRANTS_PAGE.path, REVOKE_GRANTS.path).status_code


def test_s128_who_has_nothing_writes_nothing(signed_in: Browser, client: Client, entries: Entries) -> None:
    path = REVOKE_GRANT.at(client_id=client.app.client_id)

    assert {revoke_all(signed_in) for _ in range(OFTEN)} == {303}
    assert {post(signed_in, GRANTS_PAGE.path, path).status_code for _ in range(OFTEN)} == {303}
    assert entries.new() == 0


def test_s128_everything_ends_with_one_entry_and_once(
    signed_in: Browser, client: Client, person: Person, entries: Entries
) -> None:
    tokens = [client.token(grant_type="password", username=person.name, password=person.password) for _ in range(3)]

    assert {revoke_all(signed_in) for _ in range(OFTEN)} == {303}
    assert entries.new() in (1, 2)  # the second one where a second of the clock began meanwhile
    assert all(stops(client.deployment, answer.json()["access_token"]) for answer in tokens)


def test_s128_codes_that_nobody_redeemed_write_nothing(signed_in: Browser, client: Client, entries: Entries) -> None:
    signed_in.decide(signed_in.get(client.authorize_path()), "allow")
    codes = [answer_of(signed_in.get(client.authorize_path()))["code"] for _ in range(OFTEN)]
    assert revoke_all(signed_in) == 303

    assert entries.new() == 0
    for code in codes:
        answer = client.token(grant_type="authorization_code", code=code, redirect_uri="https://client.example.test/cb")
        assert answer.json()["error"] == "invalid_grant"


def test_s128_an_app_with_very_many_grants_is_disconnected_with_two_entries(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person, entries: Entries
) -> None:
    ask = {"grant_type": "password", "username": person.name, "password": person.password}
    tokens = [client.token(**ask).json() for _ in range(MOST_ENTRIES + 1)]

    assert post(signed_in, GRANTS_PAGE.path, REVOKE_GRANT.at(client_id=client.app.client_id)).status_code == 303

    assert entries.new() == 2
    assert stops(deployment, tokens[-1]["access_token"])
    assert client.refresh(tokens[0]["refresh_token"]).json()["error"] == "invalid_grant"


def test_s128_a_token_that_is_given_back_twice_is_told_once(client: Client, entries: Entries) -> None:
    token = client.token(grant_type="client_credentials").json()["access_token"]

    assert {client.revoke(token).status_code for _ in range(OFTEN)} == {200}
    assert entries.new() == 1


def test_s128_apps_that_were_never_used_come_and_go_without_an_entry(signed_in: Browser, entries: Entries) -> None:
    for number in range(3):
        delete(signed_in, created(signed_in, f"Mayfly {number}"), f"Mayfly {number}")

    assert entries.new() == 0


def test_s128_an_app_that_was_used_once_is_told_when_it_goes(
    deployment: Deployment, person: Person, signed_in: Browser, client: Client, entries: Entries
) -> None:
    token = client.token(grant_type="client_credentials").json()["access_token"]
    delete(signed_in, client.app.client_id, client.app.name)

    assert entries.new() == 1
    assert stops(deployment, token)


def test_s128_an_app_whose_only_token_came_in_a_fragment_is_told_when_it_goes(
    deployment: Deployment, signed_in: Browser, client: Client, entries: Entries
) -> None:
    page = signed_in.get(client.authorize_path(response_type="token"))
    token = answer_of(signed_in.decide(page, "allow"))["access_token"]
    delete(signed_in, client.app.client_id, client.app.name)

    assert entries.new() == 1
    assert stops(deployment, token)


def test_s128_the_consumer_api_writes_nothing_for_nothing(
    deployment: Deployment, person: Person, entries: Entries
) -> None:
    consumer = Consumer(deployment, person)
    made = consumer.created()
    for _ in range(OFTEN):
        assert consumer.call("DELETE", f"/consumer/grant/{made.json()['client_id']}").status_code == 404
    assert consumer.call("DELETE", made.headers["Location"]).status_code == 204

    assert entries.new() == 0


def created(browser: Browser, name: str) -> str:
    fields = {
        "name": name,
        "url": "https://mayfly.example.test/",
        "redirect_uris": "",
        "kind": "confidential",
        "grant_types": ["client_credentials"],
        "scope": ["read"],
    }
    answer: requests.Response = post(browser, NEW_APP_PAGE.path, CREATE_APP.path, **fields)
    assert answer.status_code == 200, answer.text
    return answer.text.partition(f"{APPS_PAGE.path}/")[2][:36]


def delete(browser: Browser, client_id: str, name: str) -> None:
    at = {"client_id": client_id}
    answer = post(browser, APP_PAGE.at(**at), DELETE_APP.at(**at), confirm_name=name)
    assert answer.status_code == 303, answer.text
