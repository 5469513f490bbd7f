"""Concurrent guesses, both doors, and guesses beside the owner's own browser (S34, S124, S132)."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from gatepost.authentication.sign_in import name_key
from gatepost.routes import ACCOUNT_PAGE, CHANGE_PASSWORD, DELETE_ACCOUNT
from infra.local.deployment import Deployment
from tests.browsing import Browser, post
from tests.people import Client, Person, new_person

AT_ONCE = 40


def by_password(client: Client, person: Person, password: str) -> int:
    return client.token(grant_type="password", username=person.name, password=password).status_code


def test_s132_of_forty_guesses_at_once_no_more_than_the_free_ones_are_looked_at(client: Client, person: Person) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(lambda number: by_password(client, person, f"wrong {number}"), range(AT_ONCE)))

    # one more may be looked at when its wait of a second is over, and another after two more
    assert 5 <= told.count(400) <= 6 + int(time.monotonic() - began), told
    assert told.count(400) + told.count(429) == AT_ONCE


def test_s132_right_passwords_at_once_all_get_in(client: Client, person: Person) -> None:
    def sign_in(_: int) -> int:
        for _try in range(30):
            answer = client.token(grant_type="password", username=person.name, password=person.password)
            if answer.status_code not in (429, 503):
                return answer.status_code
            time.sleep(int(answer.headers["Retry-After"]))
        return answer.status_code

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(sign_in, range(12))) == [200] * 12


def guessed_elsewhere(deployment: Deployment, person: Person, times: int = 9) -> None:
    """Guesses from other browsers, of a moment ago."""
    now = int(time.time())
    for _ in range(times):
        deployment.store.count_failure(name_key(person.name).name_hash, now=now, forget_at=now + 3600)


def test_s34_both_doors_share_one_counter_and_others_are_not_affected(
    deployment: Deployment, browser: Browser, client: Client, person: Person
) -> None:
    for _ in range(2):
        assert browser.sign_in(person.name, "wrong").status_code == 400
        assert by_password(client, person, "wrong") == 400
    (attempts,) = deployment.store.read(name_key(person.name))
    assert attempts is not None
    assert attempts.failures == 4
    guessed_elsewhere(deployment, person, 5)

    slowed = client.token(grant_type="password", username=person.name, password=person.password)
    page = browser.sign_in(person.name, person.password)

    assert slowed.status_code == page.status_code == 429
    assert slowed.json()["error"] == "invalid_grant"
    assert int(slowed.headers["Retry-After"]) >= 10
    assert "Wait" in page.text
    other = new_person(deployment)
    assert Browser(deployment.base_url).sign_in(other.name, other.password).status_code == 303


def test_s124_guesses_elsewhere_do_not_stop_the_owners_own_browser(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    guessed_elsewhere(deployment, person)
    change = {"current_password": person.password, "new_password": "another password 1"}
    assert post(signed_in, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **change).status_code == 303

    guessed_elsewhere(deployment, person)
    going = {"confirm_name": person.name, "current_password": "another password 1"}
    assert post(signed_in, ACCOUNT_PAGE.path, DELETE_ACCOUNT.path, **going).status_code == 303


def test_s124_guesses_in_the_account_pages_make_their_own_browser_wait(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    change = {"current_password": "wrong", "new_password": "another password 1"}
    for _ in range(5):
        assert "not your password" in post(signed_in, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **change).text
    pages = [post(signed_in, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **change).text for _ in range(4)]
    assert any("Too many attempts" in page for page in pages)  # the first waits are short

    assert Browser(deployment.base_url).sign_in(person.name, person.password).status_code == 303
