"""The rotation function, called step by step as by Secrets Manager, on moto."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from gatepost.errors import TemporarilyUnavailable
from gatepost.resource_server import feed_watch
from gatepost.runtime import wiring
from gatepost.tokens.refresh_token import issue_refresh_token, open_refresh_token
from gatepost.tokens.signing_keys import handle_key, new_signing_key, written
from tests.contract.rotating import STEPS, Rotate, current, published, rotate, secrets, token

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient as Secrets

__all__ = ["rotate", "secrets"]


def test_s114_before_the_first_rotation_the_server_is_unavailable(secrets: Secrets) -> None:
    with pytest.raises(TemporarilyUnavailable):
        wiring.server().keys.signer(0)
    with pytest.raises(TemporarilyUnavailable):
        issue_refresh_token(wiring.server().keys.refresh(0), "a.b", 1, 0)


def test_the_first_rotation_makes_the_server_work(secrets: Secrets, rotate: Rotate) -> None:
    for secret in ("signing", "refresh"):
        rotate(secret)
    moment = max(current(secrets, secret)[0]["active_from"] for secret in ("signing", "refresh"))
    server = wiring.server()

    refresh_token = issue_refresh_token(server.keys.refresh(moment), "alice-id.g", 1, moment)

    assert feed_watch.watch().claims(token(moment), moment).sub == "alice-id"
    assert open_refresh_token(server.keys.refresh(moment), refresh_token) == ("alice-id.g", 1)
    assert published() == {current(secrets, "signing")[0]["kid"]: 0}


def test_s88_a_second_rotation_publishes_its_key_before_its_use(secrets: Secrets, rotate: Rotate) -> None:
    rotate("signing")
    (before,) = current(secrets, "signing")
    rotate("signing")
    old, new = current(secrets, "signing")

    assert old == before
    assert new["active_from"] >= old["active_from"] + 900
    assert published() == {old["kid"]: new["active_from"] + 86_400 + 300 + 60, new["kid"]: 0}


def test_s367_a_rotation_denies_no_token_of_another_lifetime(secrets: Secrets, rotate: Rotate) -> None:
    """The settings say an hour and a month, as at the rotation; the tokens have what was set before or afterwards."""
    for secret in ("signing", "refresh", "signing"):
        rotate(secret)
    first, second = current(secrets, "signing")

    for moment in (first["active_from"] + 1, second["active_from"] - 1):
        assert wiring.server().keys.signer(moment).kid == first["kid"]
        issued = token(moment, lifetime=86_400)
        assert feed_watch.watch().claims(issued, moment + 86_400 + 29).sub == "alice-id"


def test_s114_the_key_in_use_has_no_end_before_another_is_in_use(secrets: Secrets, rotate: Rotate) -> None:
    """An interrupted rotation may leave its key unused for good; the server keeps signing with the current one."""
    rotate("signing")
    (used,) = current(secrets, "signing")

    version = rotate("signing", "createSecret", "setSecret", "testSecret")
    assert published()[used["kid"]] == 0

    rotate("signing", "finishSecret", version=version)
    assert published()[used["kid"]] > 0


def test_s114_an_end_that_was_not_told_is_told_by_the_next_one(secrets: Secrets, rotate: Rotate) -> None:
    rotate("signing")
    rotate("signing")
    old, new = current(secrets, "signing")
    end = published()[old["kid"]]
    (key,) = (key for key in wiring.store().public_keys() if key.kid == old["kid"])
    wiring.store().publish_key(key._replace(expires_at=0))

    rotate("signing", "createSecret", "setSecret")

    assert published()[old["kid"]] == end
    assert published()[new["kid"]] == 0


@pytest.mark.parametrize("secret", ["signing", "refresh"])
def test_every_step_may_be_called_again(secrets: Secrets, rotate: Rotate, secret: str) -> None:
    version = rotate(secret)
    made, keys = current(secrets, secret), published()

    for step in STEPS:
        rotate(secret, step, version=version)

    assert (current(secrets, secret), published()) == (made, keys)


@pytest.mark.parametrize("secret", ["signing", "refresh"])
def test_a_rotation_that_broke_off_keeps_its_key(secrets: Secrets, rotate: Rotate, secret: str) -> None:
    rotate(secret)
    before = current(secrets, secret)
    version = rotate(secret, "createSecret", "setSecret")
    pending = secrets.get_secret_value(SecretId=secret, VersionId=version, VersionStage="AWSPENDING")["SecretString"]
    assert current(secrets, secret) == before

    rotate(secret, version=version)

    assert current(secrets, secret) == json.loads(pending)["keys"]


def test_a_key_that_was_not_published_does_not_become_current(secrets: Secrets, rotate: Rotate) -> None:
    version = rotate("signing", "createSecret")

    with pytest.raises(Exception, match="the token is not valid"):
        rotate("signing", "testSecret", version=version)


@pytest.mark.parametrize("steps", [(), ("replaceLeaked",)])
def test_another_secret_is_not_touched(secrets: Secrets, rotate: Rotate, steps: tuple[str, ...]) -> None:
    secrets.create_secret(Name="other", SecretString="of somebody else")

    with pytest.raises(ValueError, match="other secrets"):
        rotate("other", *steps)
    assert secrets.get_secret_value(SecretId="other")["SecretString"] == "of somebody else"


def handle_key_of(secrets: Secrets) -> bytes:
    return handle_key(secrets.get_secret_value(SecretId="signing", VersionStage="AWSCURRENT")["SecretString"])


def test_the_key_of_the_handles_is_published_before_it_is_used(secrets: Secrets, rotate: Rotate) -> None:
    store = wiring.store()
    version = rotate("signing", "createSecret")
    assert store.listed().handle_key == b""
    rotate("signing", "setSecret", version=version)
    (first,) = {store.listed().handle_key}
    assert len(first) == 32
    assert handle_key_of(secrets) == b""  # not current yet
    rotate("signing", "testSecret", "finishSecret", version=version)
    assert handle_key_of(secrets) == first
    rotate("signing")

    assert handle_key_of(secrets) == store.listed().handle_key == first
    rotate("signing", "replaceLeaked")
    assert handle_key_of(secrets) == store.listed().handle_key != first


@pytest.mark.parametrize("published", [False, True])
def test_tokens_carry_handles_if_the_list_is_published(
    secrets: Secrets, rotate: Rotate, monkeypatch: pytest.MonkeyPatch, published: bool
) -> None:
    monkeypatch.setenv("GATEPOST_PUBLISHED_REVOCATIONS", str(published).lower())
    rotate("signing")
    moment = current(secrets, "signing")[0]["active_from"] + 1
    signers = [wiring.server().keys.signer(now) for now in (moment, moment + 1, moment + 9999)]

    assert {signer.handle_key for signer in signers} == {handle_key_of(secrets) if published else b""}


def test_a_secret_of_the_version_before_signs_tokens_without_handles(
    secrets: Secrets, rotate: Rotate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEPOST_PUBLISHED_REVOCATIONS", "true")
    secrets.update_secret(SecretId="signing", SecretString=written([new_signing_key("ES256", active_from=0)]))
    now, keys = time.time(), wiring.server().keys
    assert keys.signer(now).handle_key == b""
    rotate("signing")

    assert keys.signer(now + 400).handle_key == handle_key_of(secrets) != b""
    assert keys.signer(now).kid == keys.signer(now + 400).kid  # the key goes on, until the next one is known everywhere
