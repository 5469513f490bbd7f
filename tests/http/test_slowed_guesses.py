"""Throttling of guesses in a deployment: names, networks and known browsers (S34, S59, S355).

The first failures are real requests; those that make the wait long are written to the counters.
"""

from __future__ import annotations

import time

from gatepost.authentication.sign_in import name_key, normalized
from gatepost.authentication.throttling import PASSWORDS, SECRETS, account_key, guesses_a_day, network_key
from gatepost.model.records import Attempts
from gatepost.routes import LOGIN, TOKEN
from gatepost.stores.record_keys import AttemptsKey
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.http.deployed import with_settings
from tests.people import CALLBACK, PASSWORD, Client, Person, new_person

ADDRESSES = ("127.0.0.1", "::1")
DEVICE = "__Host-gatepost-device"


def test_s28_s34_guesses_from_elsewhere_never_stop_a_browser_that_signed_in_before(
    deployment: Deployment, person: Person
) -> None:
    owner, stranger = Browser(deployment.base_url), Browser(deployment.base_url)
    answer = owner.sign_in(person.name, PASSWORD)
    (line,) = [each for each in answer.raw.headers.getlist("Set-Cookie") if each.startswith(DEVICE)]
    assert line.endswith("; Max-Age=31536000; Path=/; Secure; HttpOnly; SameSite=Lax")
    assert owner.cookies[DEVICE].startswith(f"{person.user.user_id}.")
    for _ in range(5):
        assert stranger.sign_in(person.name, "a wrong password").status_code == 400
    _guessed_on(deployment, name_key(person.name), failures=5)

    assert stranger.sign_in(person.name, PASSWORD).status_code == 429
    again = owner.sign_in(person.name, PASSWORD)
    assert again.status_code == 303
    assert DEVICE not in again.headers["Set-Cookie"]


def test_s355_guesses_by_an_address_tell_nobody_whose_it_is(deployment: Deployment, person: Person) -> None:
    address = f"{person.name.lower()}@example.test"
    deployment.store.change_email(person.user, address, confirmed=True)
    stranger, other = Browser(deployment.base_url), new_person(deployment)
    for _ in range(5):
        assert stranger.sign_in(address, "a wrong password").status_code == 400
    _guessed_on(deployment, name_key(address), failures=5)

    assert stranger.sign_in(address, PASSWORD).status_code == 429
    told = [stranger.sign_in(name, "a wrong password").status_code for name in (person.name, other.name)]
    assert told == [400, 400]
    assert Browser(deployment.base_url).sign_in(person.name, PASSWORD).status_code == 303

    # An account that is guessed at all day by both names says nothing either.
    now, key = int(time.time()), account_key(normalized(person.name), time.time())
    for _ in range(guesses_a_day(deployment.settings) + 20):
        deployment.store.count_failure(key.name_hash, now=now, forget_at=now + 86400)
    right, wrong = (stranger.sign_in(person.name, each) for each in (PASSWORD, "a wrong password"))
    assert (right.status_code, wrong.status_code) == (400, 400)
    assert right.text == wrong.text


def test_s34_and_s59_a_network_that_guesses_is_told_to_wait(deployment: Deployment, client: Client) -> None:
    """Six guesses: passwords of several names, a secret, a code."""
    wrong = (client.app.client_id, "wrong")
    _forget(deployment)
    few = {"network_attempts_free": 4, "network_attempts_max_wait": 3600}
    with with_settings(deployment, TOKEN.function, LOGIN.function, **few):
        for name in ("one", "two"):
            answer = client.token(grant_type="password", username=name, password="a popular one")
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
        for _ in range(2):
            answer = client.token(grant_type="client_credentials", auth=wrong)
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
            answer = client.token(grant_type="authorization_code", code="invented", redirect_uri=CALLBACK)
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
        for guessed in (PASSWORDS, SECRETS):
            _guessed_on(deployment, _network(deployment, guessed), failures=4 if guessed == SECRETS else 2)

        waits = client.token(grant_type="client_credentials", auth=wrong)
        assert (waits.status_code, waits.json()["error"]) == (401, "invalid_client")
        assert 1 <= int(waits.headers["Retry-After"]) <= 3600
        assert client.token(grant_type="client_credentials").status_code == 200
        assert Browser(deployment.base_url).sign_in("somebody", PASSWORD).status_code == 429
    _forget(deployment)


def _forget(deployment: Deployment) -> None:
    """Let this machine's network be one that guessed nothing."""
    for guessed in (PASSWORDS, SECRETS):
        for address in ADDRESSES:
            deployment.store.forget_failures(network_key(address, guessed).name_hash)


def _guessed_on(deployment: Deployment, counter: AttemptsKey, *, failures: int) -> None:
    """Assert the counter's `failures`, then add twenty, which makes its wait the longest."""
    (attempts,) = deployment.store.read(counter)
    assert isinstance(attempts, Attempts)
    assert attempts.failures == failures
    for _ in range(20):
        now = int(time.time())
        deployment.store.count_failure(counter.name_hash, now=now, forget_at=now + 3600)


def _network(deployment: Deployment, guessed: str) -> AttemptsKey:
    """The counter of this machine, whichever of its addresses the requests came from."""
    counters = [network_key(address, guessed) for address in ADDRESSES]
    (used,) = [key for key, found in zip(counters, deployment.store.read_each(counters), strict=True) if found]
    return used
