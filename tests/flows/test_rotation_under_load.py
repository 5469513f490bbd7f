"""Two rotations of both secrets in a row while clients issue, refresh and use tokens: nothing is rejected.

With `cdk.json` a new key waits at least ten minutes. Here the template's environment sets ten seconds, which also
shortens the caching of secrets, so that both rotations activate their key within the test.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest

from gatepost.routes import DEMO_READ, JWKS, WHOAMI
from gatepost.tokens.refresh_token import open_refresh_token
from gatepost.tokens.signing_keys import refresh_keys, signing_keys
from infra.local.deployment import Deployment
from tests.conftest import TEST_SETTINGS
from tests.infra.rendered import Template, functions
from tests.people import Client, Person, get, new_client, new_person

DELAY = 10  # seconds
PAUSE = 0.05  # seconds of a client between two requests
SECRETS = ("signing", "refresh")


def sooner(template: Template) -> None:
    for function in functions(template).values():
        function["Environment"]["Variables"]["GATEPOST_KEY_ACTIVATION_DELAY"] = str(DELAY)


@pytest.fixture(scope="module")
def hasty() -> Iterator[Deployment]:
    with Deployment(overrides=TEST_SETTINGS, alter=sooner) as deployed:
        yield deployed


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


def test_two_rotations_in_a_row_under_load_refuse_nothing(hasty: Deployment) -> None:
    person = new_person(hasty)
    client = new_client(hasty, person)
    kept = client.tokens(person)  # a client that comes back at the end
    load = Load(hasty, client, person)
    (first,) = signing(hasty)

    def rotate_twice() -> None:
        time.sleep(1)
        for _ in range(2):
            for secret in SECRETS:
                hasty.rotate(secret)
            time.sleep(DELAY + hasty.settings.secret_refresh + 1)  # every container has read it and uses it

    load.run(rotate_twice)

    _, second, third = (first, *signing(hasty))
    assert load.refused == []
    assert load.rounds > 50
    assert list(load.first_signed) == [first, second, third]
    assert sorted(listed(hasty)) == sorted([first, second, third])
    for kid in (second, third):
        assert load.first_signed[kid] - load.first_listed[kid] > hasty.settings.secret_refresh
    for tokens in load.tokens.values():
        assert get(hasty, WHOAMI.path, tokens[0]).status_code == 200
    keys = refresh_keys(secret_of(hasty, "refresh"))
    assert len(keys) == 3
    for key, token in ((keys[0], load.refresh_tokens[0]), (keys[2], load.refresh_tokens[-1])):
        open_refresh_token([key], token)
    assert client.refresh(kept["refresh_token"]).status_code == 200
