"""The keys of a running deployment: rotated twice under load, and ended for good by `make leaked-key`.

With `cdk.json` a new key waits at least ten minutes. Here the template's environment sets three seconds, which also
shortens the caching of secrets, so that both rotations activate their key within the test.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest

from gatepost.routes import DEMO_READ, JWKS, WHOAMI
from gatepost.tokens.refresh_token import open_refresh_token
from gatepost.tokens.signing_keys import refresh_keys, signing_keys
from infra.local.deployment import Deployment
from tests.flows.operated import DELAY, Operated
from tests.http.consumer import Consumer
from tests.operating import operate, reachable
from tests.people import Client, Person, get, new_client, new_person, opens, stops

PAUSE = 0.05  # seconds of a client between two requests
SECRETS = ("signing", "refresh")


@pytest.fixture
def deployed(operated: Operated) -> Deployment:
    return operated.deployment


@pytest.fixture
def someone(deployed: Deployment) -> Person:
    return new_person(deployed)


@pytest.fixture
def app(deployed: Deployment, someone: Person) -> Client:
    return new_client(deployed, someone)


class Load:
    """Clients that run until stopped, and their results."""

    def __init__(self, deployment: Deployment, client: Client, person: Person) -> None:
        self.deployment, self.client, self.person = deployment, client, person
        self.refused: list[str] = []
        self.tokens: dict[str, list[str]] = defaultdict(list)  # by the id of their key
        self.first_signed: dict[str, float] = {}
        self.first_listed: dict[str, float] = {}
        self.refresh_tokens: list[str] = []
        self.rounds = 0
        self._stop = threading.Event()

    def run(self, work: Callable[[], None]) -> None:
        with ThreadPoolExecutor(4) as pool:
            jobs = [pool.submit(job) for job in (self._issue, self._refresh, self._use_old_ones, self._read_keys)]
            try:
                work()
            finally:
                self._stop.set()
            for job in jobs:
                job.result()

    def _issue(self) -> None:
        while not self._stop.wait(PAUSE):
            self._accepts(self._noted(self.client.token(grant_type="client_credentials").json()), DEMO_READ.path)
            self.rounds += 1

    def _refresh(self) -> None:
        tokens = self.client.tokens(self.person)
        while not self._stop.wait(PAUSE):
            self.refresh_tokens.append(tokens["refresh_token"])
            answer = self.client.refresh(tokens["refresh_token"])
            if answer.status_code != 200:
                self.refused.append(f"refresh: {answer.text}")
                return
            tokens = answer.json()
            self._accepts(self._noted(tokens), WHOAMI.path)

    def _use_old_ones(self) -> None:
        for number in itertools.count():
            if self._stop.wait(PAUSE):
                return
            for tokens in list(self.tokens.values()):
                token = tokens[number % len(tokens)]
                self._accepts(token, WHOAMI.path)
                if self.client.introspect(token).json().get("active") is not True:
                    self.refused.append("introspect")

    def _read_keys(self) -> None:
        while not self._stop.wait(0.05):
            for kid in listed(self.deployment):
                self.first_listed.setdefault(kid, time.monotonic())

    def _noted(self, answer: dict[str, Any]) -> str:
        token: str = answer["access_token"]
        kid = jwt.get_unverified_header(token)["kid"]
        self.tokens[kid].append(token)
        self.first_signed.setdefault(kid, time.monotonic())
        return token

    def _accepts(self, token: str, path: str) -> None:
        answer = get(self.deployment, path, token)
        if answer.status_code != 200:
            self.refused.append(f"{path}: {answer.status_code}")


def listed(deployment: Deployment) -> list[str]:
    keys = get(deployment, JWKS.path, None).json()["keys"]
    return [key["kid"] for key in keys if key["alg"] == deployment.settings.signing_algorithm]


def signing(deployment: Deployment) -> list[str]:
    """The keys in the secret that access tokens are signed with."""
    keys = signing_keys(secret_of(deployment, "signing"))
    return [key.kid for key in keys if key.alg == deployment.settings.signing_algorithm]


def secret_of(deployment: Deployment, secret: str) -> str:
    answer = deployment.client("secretsmanager").get_secret_value(SecretId=deployment.secret_arn(secret))
    text: str = answer["SecretString"]
    return text


def test_two_rotations_in_a_row_under_load_refuse_nothing(deployed: Deployment, app: Client, someone: Person) -> None:
    kept = app.tokens(someone)  # a client that comes back at the end
    load = Load(deployed, app, someone)
    *before, first = signing(deployed)
    held = len(refresh_keys(secret_of(deployed, "refresh")))

    def rotate_twice() -> None:
        time.sleep(1)
        for _ in range(2):
            for secret in SECRETS:
                deployed.rotate(secret)
            time.sleep(DELAY + deployed.settings.secret_refresh + 1)  # every container has read it and uses it

    load.run(rotate_twice)

    *_, second, third = signing(deployed)
    assert load.refused == []
    assert load.rounds > 50
    assert list(load.first_signed) == [first, second, third]
    assert sorted(listed(deployed)) == sorted([*before, first, second, third])
    for kid in (second, third):
        assert load.first_signed[kid] - load.first_listed[kid] > deployed.settings.secret_refresh
    for tokens in load.tokens.values():
        assert get(deployed, WHOAMI.path, tokens[0]).status_code == 200
    keys = refresh_keys(secret_of(deployed, "refresh"))
    assert len(keys) == held + 2
    for key, token in ((keys[-3], load.refresh_tokens[0]), (keys[-1], load.refresh_tokens[-1])):
        open_refresh_token([key], token)
    assert app.refresh(kept["refresh_token"]).status_code == 200


class Watched:
    """A token that is sent to a route continuously; `history` is when it was accepted and when not."""

    def __init__(self, deployment: Deployment, token: str) -> None:
        self._end = threading.Event()
        self.history: list[bool] = []
        self._thread = threading.Thread(target=self._watch, args=(deployment, token))

    def _watch(self, deployment: Deployment, token: str) -> None:
        while not self._end.wait(PAUSE):
            self.history.append(opens(deployment, token))

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


def test_tokens_of_a_leaked_signing_key_are_refused_within_the_bound_and_for_ever(
    deployed: Deployment, app: Client, someone: Person
) -> None:
    consumer, old = Consumer(deployed, someone), app.tokens(someone)
    leaked = listed(deployed)
    with reachable(deployed) as port, Watched(deployed, old["access_token"]) as watched:
        assert operate("leaked_key", "--port", port, "signing")[0] == 0
        asked_at = time.monotonic()
        assert stops(deployed, old["access_token"])
        assert time.monotonic() - asked_at < deployed.settings.revocation_bound + 1

        (new,) = listed(deployed)
        assert new not in leaked
        assert stops(deployed, consumer.token, "/consumer/account")
        assert app.introspect(old["access_token"]).json() == {"active": False}
        assert app.revoke(old["access_token"]).status_code == 200
        deployed.restart("authorizer")  # one that knows the keys from a first read only
        assert not opens(deployed, old["access_token"])

        fresh = app.refresh(old["refresh_token"]).json()
        assert jwt.get_unverified_header(fresh["access_token"])["kid"] == new
        assert opens(deployed, fresh["access_token"])
        assert app.introspect(fresh["access_token"]).json()["active"] is True

        deployed.rotate("signing")
        assert set(listed(deployed)) > {new}
        assert opens(deployed, fresh["access_token"])
        assert operate("leaked_key", "--port", port, "signing")[0] == 0
        assert stops(deployed, fresh["access_token"])
        (third,) = listed(deployed)
        assert third not in (*leaked, new)
        assert opens(deployed, app.token(grant_type="client_credentials").json()["access_token"])
    accepted = watched.history.index(False)
    assert accepted > 0
    assert not any(watched.history[accepted:])


def test_every_refresh_token_dies_with_a_leaked_refresh_key(deployed: Deployment, app: Client, someone: Person) -> None:
    old = app.tokens(someone)
    assert app.introspect(old["refresh_token"]).json()["active"] is True

    with reachable(deployed) as port:
        status, said = operate("leaked_key", "--port", port, "refresh")

    assert status == 0, said
    assert "Every refresh token that was issued until now is dead: users sign in again." in said
    assert app.introspect(old["refresh_token"]).json() == {"active": False}
    answer = app.refresh(old["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    new = app.tokens(someone)
    deployed.rotate("refresh")
    assert app.refresh(new["refresh_token"]).status_code == 200


def test_an_unknown_secret_is_said_in_a_sentence() -> None:
    assert operate("leaked_key", "everything") == (
        2,
        "Which secret leaked? SECRET is one of signing, refresh, or all to end all that was issued.\n",
    )
