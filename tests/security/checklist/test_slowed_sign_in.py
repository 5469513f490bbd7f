"""Failed sign-ins, which slow the next ones at both doors (S34)."""

import time

import pytest

from gatepost.authentication.sign_in import name_key
from gatepost.identifiers import new_secret
from gatepost.routes import LOGIN, LOGIN_PAGE
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.people import Client, Person, new_person


def fail(deployment: Deployment, name: str, times: int) -> None:
    """Failed sign-ins that were a moment ago: after eight one waits for some seconds, not just for the first one."""
    now = int(time.time())
    for _ in range(times):
        deployment.store.count_failure(name_key(name).name_hash, now=now, forget_at=now + 3600)


def test_s34_both_doors_share_one_counter_and_others_are_not_affected(
    deployment: Deployment, browser: Browser, client: Client, person: Person
) -> None:
    for _ in range(3):
        assert browser.sign_in(person.name, "wrong").status_code == 400
        assert browser.sign_in(person.name, person.password).status_code == 303
        browser.cookies.clear()
    for _ in range(2):
        assert browser.sign_in(person.name, "wrong").status_code == 400
        assert client.token(grant_type="password", username=person.name, password="wrong").status_code == 400
    (attempts,) = deployment.store.read(name_key(person.name))
    assert attempts is not None
    assert attempts.failures == 4
    fail(deployment, person.name, 5)

    slowed = client.token(grant_type="password", username=person.name, password=person.password)
    page = browser.sign_in(person.name, person.password)

    assert slowed.status_code == page.status_code == 429
    assert slowed.json()["error"] == "invalid_grant"
    assert int(slowed.headers["Retry-After"]) >= 10
    assert "Wait" in page.text
    other = new_person(deployment)
    assert Browser(deployment.base_url).sign_in(other.name, other.password).status_code == 303


def test_s34_of_fifteen_wrong_passwords_most_are_not_even_looked_at(
    deployment: Deployment, browser: Browser, client: Client, person: Person
) -> None:
    page = browser.get(LOGIN_PAGE.path)

    wrong = [
        browser.submit(page, LOGIN.path, user_name=person.name, password=f"wrong {n}").status_code for n in range(15)
    ]

    assert wrong[:5] == [400] * 5
    assert wrong.count(429) >= 7  # of the others one a wait is looked at: after 1, 2, 4 ... seconds


@pytest.mark.parametrize("name", ["no-such-user-x", "", "x" * 3000, "somebody@example.test"])
def test_s34_a_name_that_nobody_has_is_slowed_too(deployment: Deployment, client: Client, name: str) -> None:
    name = f"{new_secret()}{name}"
    ask = {"grant_type": "password", "username": name, "password": "x"}

    assert [client.token(**ask).status_code for _ in range(5)] == [400] * 5
    fail(deployment, name, 3)
    assert client.token(**ask).status_code == 429
