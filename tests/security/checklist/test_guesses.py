"""Concurrent guesses, and guesses from a network that the owner shares (S124, S129, S132, S138)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from gatepost.authentication.sign_in import name_key
from gatepost.authentication.throttling import PASSWORDS, SECRETS, network_key
from gatepost.routes import ACCOUNT_PAGE, CHANGE_PASSWORD, DELETE_ACCOUNT
from infra.local.deployment import Deployment
from tests.browsing import Browser, post
from tests.conftest import TEST_SETTINGS
from tests.people import Client, Person, new_client, new_person

AT_ONCE = 40
NETWORK_FREE = 6


def test_s132_of_forty_guesses_at_once_no_more_than_the_free_ones_are_looked_at(client: Client, person: Person) -> None:
    def guess(number: int) -> int:
        return client.token(grant_type="password", username=person.name, password=f"wrong {number}").status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(guess, range(AT_ONCE)))

    # one more may be looked at when its wait of a second is over
    assert told.count(400) in (5, 6), told
    assert told.count(400) + told.count(429) == AT_ONCE


def test_s132_twenty_right_passwords_at_once_all_get_in(client: Client, person: Person) -> None:
    def sign_in(_: int) -> int:
        for _try in range(30):
            answer = client.token(grant_type="password", username=person.name, password=person.password)
            if answer.status_code not in (429, 503):
                return answer.status_code
            time.sleep(int(answer.headers["Retry-After"]))
        return answer.status_code

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(sign_in, range(20))) == [200] * 20


def wrong_elsewhere(deployment: Deployment, person: Person) -> None:
    """Guesses from other browsers, of a moment ago."""
    now = int(time.time())
    for _ in range(9):
        deployment.store.count_failure(name_key(person.name).name_hash, now=now, forget_at=now + 3600)


def test_s124_guesses_elsewhere_do_not_stop_the_owners_own_browser(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    wrong_elsewhere(deployment, person)
    change = {"current_password": person.password, "new_password": "another password 1"}
    assert post(signed_in, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **change).status_code == 303

    wrong_elsewhere(deployment, person)
    going = {"confirm_name": person.name, "current_password": "another password 1"}
    assert post(signed_in, ACCOUNT_PAGE.path, DELETE_ACCOUNT.path, **going).status_code == 303


def test_s124_guesses_in_the_account_pages_make_their_own_browser_wait(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    change = {"current_password": "wrong", "new_password": "another password 1"}
    for _ in range(5):
        assert "not your password" in post(signed_in, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **change).text
    assert "Too many attempts" in post(signed_in, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **change).text

    assert Browser(deployment.base_url).sign_in(person.name, person.password).status_code == 303


@pytest.fixture(scope="module")
def counting() -> Iterator[Deployment]:
    """A deployment that soon finds that a network guesses too often."""
    with Deployment(overrides={**TEST_SETTINGS, "network_attempts_free": NETWORK_FREE}) as deployed:
        yield deployed


@pytest.fixture
def crowded(counting: Deployment) -> Deployment:
    """The same, as if nobody had guessed."""
    for guessed in (PASSWORDS, SECRETS):
        counting.store.forget_failures(network_key("127.0.0.1", guessed).name_hash)
    return counting


def test_s129_s138_wrong_secrets_stop_nobody_and_stay_invalid_client(crowded: Deployment) -> None:
    person = new_person(crowded)
    client = new_client(crowded, person)
    told = [
        client.token(auth=(client.app.client_id, "wrong"), grant_type="client_credentials")
        for _ in range(NETWORK_FREE + 4)
    ]

    assert {answer.status_code for answer in told} == {401}
    assert {answer.json()["error"] for answer in told} == {"invalid_client"}
    assert {answer.headers["WWW-Authenticate"].partition(" ")[0] for answer in told} == {"Basic"}
    assert [("Retry-After" in answer.headers) for answer in told][:NETWORK_FREE] == [False] * NETWORK_FREE
    assert any("Retry-After" in answer.headers for answer in told)
    assert client.token(grant_type="client_credentials").status_code == 200
    assert Browser(crowded.base_url).sign_in(person.name, person.password).status_code == 303
    assert crowded.store.read(network_key("127.0.0.1", PASSWORDS)) == (None,)


def test_s129_wrong_passwords_of_a_network_do_not_stop_a_right_one(crowded: Deployment) -> None:
    people = [new_person(crowded) for _ in range(NETWORK_FREE + 1)]
    told = [Browser(crowded.base_url).sign_in(each.name, "wrong").status_code for each in people]

    assert told == [400] * NETWORK_FREE + [429]
    assert Browser(crowded.base_url).sign_in(people[0].name, people[0].password).status_code == 303
    assert crowded.store.read(network_key("127.0.0.1", SECRETS)) == (None,)
