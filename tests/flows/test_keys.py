"""The keys of a running deployment: rotated twice under load, and ended for good by `make leaked-key`.

With `cdk.json` a new key waits at least ten minutes. Here the template's environment sets six seconds, which also
shortens the caching of secrets, so that both rotations activate their key within the test.
"""

from __future__ import annotations

import time

import jwt
import pytest

from gatepost.routes import JWKS
from gatepost.tokens.refresh_token import open_refresh_token
from gatepost.tokens.signing_keys import refresh_keys, signing_keys
from infra.local.deployment import Deployment
from tests.flows.operated import DELAY, Operated
from tests.flows.traffic import Traffic, Watched
from tests.http.consumer import Consumer
from tests.operating import operate, reachable
from tests.people import Client, Person, get, new_client, new_person, opens, stops

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
    traffic = Traffic(app, someone)
    *before, first = signing(deployed)
    held = len(refresh_keys(secret_of(deployed, "refresh")))

    def rotate_twice() -> None:
        time.sleep(1)
        for _ in range(2):
            for secret in SECRETS:
                deployed.rotate(secret)
            time.sleep(DELAY + deployed.settings.secret_refresh + 1)  # every container has read it and uses it

    traffic.during(rotate_twice)

    *_, second, third = signing(deployed)
    assert traffic.refused == []
    assert traffic.done > 100
    assert list(traffic.first_signed) == [first, second, third]
    assert sorted(listed(deployed)) == sorted([*before, first, second, third])
    for kid in (second, third):
        assert traffic.first_signed[kid] - traffic.first_listed[kid] > deployed.settings.secret_refresh
    for tokens in traffic.tokens.values():
        assert opens(deployed, tokens[0])
    keys = refresh_keys(secret_of(deployed, "refresh"))
    assert len(keys) == held + 2
    for key, token in ((keys[-3], traffic.refresh_tokens[0]), (keys[-1], traffic.refresh_tokens[-1])):
        open_refresh_token([key], token)
    assert app.refresh(kept["refresh_token"]).status_code == 200


def test_tokens_of_a_leaked_signing_key_are_refused_within_the_bound_and_for_ever(
    deployed: Deployment, app: Client, someone: Person
) -> None:
    consumer, old = Consumer(deployed, someone), app.tokens(someone)
    leaked = listed(deployed)
    with reachable(deployed) as port, Watched(deployed, old["access_token"]) as watched:
        assert operate("leaked_key", "--port", port, "signing")[0] == 0
        assert stops(deployed, old["access_token"])

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
    history = [call.accepted for call in watched.calls]
    assert history.index(False) > 0
    assert not any(history[history.index(False) :])


def test_an_unknown_secret_is_said_in_a_sentence() -> None:
    assert operate("leaked_key", "everything") == (
        2,
        "Which secret leaked? SECRET is one of signing, refresh, or all to end all that was issued.\n",
    )
