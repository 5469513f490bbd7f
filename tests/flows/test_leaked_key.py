"""`make leaked-key`: signatures of a leaked key are rejected within the bound, and never accepted again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import jwt
import pytest

from gatepost.routes import JWKS, WHOAMI
from infra.local.deployment import Deployment
from tests.conftest import TEST_SETTINGS
from tests.http.consumer import Consumer
from tests.operating import operate, reachable
from tests.people import Client, Person, get, new_client, new_person, opens, stops


@pytest.fixture(scope="module")
def leaky() -> Iterator[Deployment]:
    """A deployment of its own: its keys end."""
    with Deployment(overrides=TEST_SETTINGS) as deployed:
        yield deployed


@pytest.fixture(scope="module")
def port(leaky: Deployment) -> Iterator[str]:
    with reachable(leaky) as found:
        yield found


@pytest.fixture
def someone(leaky: Deployment) -> Person:
    return new_person(leaky)


@pytest.fixture
def app(leaky: Deployment, someone: Person) -> Client:
    return new_client(leaky, someone)


class Watched:
    """A token that is sent to a route continuously; `history` is when it was accepted and when not."""

    def __init__(self, deployment: Deployment, token: str) -> None:
        self._end = threading.Event()
        self.history: list[bool] = []
        self._thread = threading.Thread(target=self._watch, args=(deployment, token))

    def _watch(self, deployment: Deployment, token: str) -> None:
        while not self._end.wait(0.05):
            self.history.append(opens(deployment, token))

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


def listed(deployment: Deployment) -> list[str]:
    """The keys that access tokens are signed with."""
    keys = get(deployment, JWKS.path, None).json()["keys"]
    return [key["kid"] for key in keys if key["alg"] == deployment.settings.signing_algorithm]


def kid_of(token: str) -> str:
    kid: str = jwt.get_unverified_header(token)["kid"]
    return kid


def test_tokens_of_a_leaked_signing_key_are_refused_within_the_bound_and_for_ever(
    leaky: Deployment, port: str, app: Client, someone: Person
) -> None:
    consumer = Consumer(leaky, someone)
    old = app.tokens(someone)
    (leaked,) = listed(leaky)
    with Watched(leaky, old["access_token"]) as watched:
        assert operate("leaked_key", "--port", port, "signing")[0] == 0
        asked_at = time.monotonic()
        assert stops(leaky, old["access_token"])
        assert time.monotonic() - asked_at < leaky.settings.revocation_bound + 1

        (new,) = listed(leaky)
        assert new != leaked
        assert stops(leaky, consumer.token, "/consumer/account")
        assert app.introspect(old["access_token"]).json() == {"active": False}
        assert app.revoke(old["access_token"]).status_code == 200
        leaky.restart("authorizer")  # one that knows the keys from a first read only
        assert not opens(leaky, old["access_token"])

        fresh = app.refresh(old["refresh_token"]).json()
        assert kid_of(fresh["access_token"]) == new
        assert opens(leaky, fresh["access_token"], WHOAMI.path)
        assert app.introspect(fresh["access_token"]).json()["active"] is True

        leaky.rotate("signing")
        assert set(listed(leaky)) > {new}
        assert opens(leaky, fresh["access_token"])
        assert operate("leaked_key", "--port", port, "signing")[0] == 0
        assert stops(leaky, fresh["access_token"])
        (third,) = listed(leaky)
        assert third not in (leaked, new)
        assert opens(leaky, app.token(grant_type="client_credentials").json()["access_token"])
    accepted = watched.history.index(False)
    assert accepted > 0
    assert not any(watched.history[accepted:])


def test_every_refresh_token_dies_with_a_leaked_refresh_key(
    leaky: Deployment, port: str, app: Client, someone: Person
) -> None:
    old = app.tokens(someone)
    assert app.introspect(old["refresh_token"]).json()["active"] is True

    status, said = operate("leaked_key", "--port", port, "refresh")

    assert status == 0, said
    assert "Every refresh token that was issued until now is dead: users sign in again." in said
    assert app.introspect(old["refresh_token"]).json() == {"active": False}
    answer = app.refresh(old["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    new = app.tokens(someone)
    leaky.rotate("refresh")
    assert app.refresh(new["refresh_token"]).status_code == 200


def test_both_secrets_at_once_end_all_that_was_issued(
    leaky: Deployment, port: str, app: Client, someone: Person
) -> None:
    old = app.tokens(someone)

    status, said = operate("leaked_key", "--port", port, "all")

    assert status == 0, said
    assert stops(leaky, old["access_token"])
    assert app.refresh(old["refresh_token"]).json()["error"] == "invalid_grant"


def test_it_stands_in_the_audit_list(leaky: Deployment, port: str) -> None:
    operate("leaked_key", "--port", port, "refresh")

    today = time.strftime("%Y-%m-%d", time.gmtime())
    entries = leaky.store.entries(today, cursor=None, limit=100).items
    assert ("keys_ended", "operator", "refresh") in [(each.event, each.actor_name, each.subject) for each in entries]


def test_an_unknown_secret_is_said_in_a_sentence() -> None:
    assert operate("leaked_key", "everything") == (
        2,
        "Which secret leaked? SECRET is one of signing, refresh, or all to end all that was issued.\n",
    )
