"""The rotation function, called step by step as by Secrets Manager, on moto."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from gatepost.endpoints.metadata import jwk_set
from gatepost.errors import Conflict, InvalidGrant, TemporarilyUnavailable
from gatepost.model.feed import PublicKey
from gatepost.resource_server import feed_watch
from gatepost.runtime import database, environment, wiring
from gatepost.settings import secret_variable, table_variable
from gatepost.tokens.access_token import issue_access_token
from gatepost.tokens.refresh_token import issue_refresh_token, open_refresh_token
from tests.contract.cloud import REGION, create_tables
from tests.unit.world import READ, SETTINGS

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
HANDLER = Path(__file__).parents[2] / "functions" / "rotate_keys" / "handler.py"
CACHES = (
    *(environment.settings, database.table_names, database.dynamodb),
    *(wiring.store, wiring.server, feed_watch.watch, database.secrets_manager),
)
Rotate = Callable[..., str]


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretsManagerClient]:
    """Create secrets and tables as the stack does, and an environment that names them."""
    with mock_aws():
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        client = boto3.client("secretsmanager", region_name=REGION)
        environment = replace(SETTINGS, aws_client="boto3").to_env()
        for name, physical in create_tables(boto3.client("dynamodb", region_name=REGION)).items():
            environment[table_variable(name)] = physical
        for name in ("signing", "refresh"):
            made = client.create_secret(Name=name, SecretString="what-CloudFormation-generated")
            environment[secret_variable(name)] = made["ARN"]
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        for cached in CACHES:
            cached.cache_clear()
        yield client
    for cached in CACHES:
        cached.cache_clear()


@pytest.fixture
def rotate(secrets: SecretsManagerClient) -> Rotate:
    spec = spec_from_file_location("rotate_keys_handler", HANDLER)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)

    def run(secret: str, *steps: str, version: str = "") -> str:
        """Run the steps, by default all four; return the version."""
        version = version or str(uuid4())
        arn = secrets.describe_secret(SecretId=secret)["ARN"]
        for step in steps or STEPS:
            module.handler({"Step": step, "SecretId": arn, "ClientRequestToken": version}, None)
        return version

    return run


def current(secrets: SecretsManagerClient, secret: str) -> list[dict[str, Any]]:
    answer = secrets.get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")
    keys: list[dict[str, Any]] = json.loads(answer["SecretString"])["keys"]
    return keys


def published() -> dict[str, int]:
    keys, _ = wiring.store().feed(None)
    return {key.kid: key.expires_at for key in keys}


def test_s114_before_the_first_rotation_the_server_is_unavailable(secrets: SecretsManagerClient) -> None:
    with pytest.raises(TemporarilyUnavailable):
        wiring.server().keys.signer(0)
    with pytest.raises(TemporarilyUnavailable):
        issue_refresh_token(wiring.server().keys.refresh(0), "a.b", 1, 0)


def test_the_first_rotation_makes_the_server_work(secrets: SecretsManagerClient, rotate: Rotate) -> None:
    for secret in ("signing", "refresh"):
        rotate(secret)
    moment = current(secrets, "signing")[0]["active_from"] + 1
    server = wiring.server()

    who = {"sub": "alice-id", "client_id": "web", "grant_id": ""}
    token = issue_access_token(
        server.keys.signer(moment),
        server.settings,
        **who,
        scope=READ,
        lifetime=60,
        now=moment,
        audience=server.settings.audience,
    )
    refresh_token = issue_refresh_token(server.keys.refresh(moment), "alice-id.g", 1, moment)

    assert feed_watch.watch().claims(token, moment).sub == "alice-id"
    assert open_refresh_token(server.keys.refresh(moment), refresh_token) == ("alice-id.g", 1)
    assert published() == {current(secrets, "signing")[0]["kid"]: 0}


def test_s88_the_second_rotation_publishes_the_new_key_before_it_is_used(
    secrets: SecretsManagerClient, rotate: Rotate
) -> None:
    rotate("signing")
    (before,) = current(secrets, "signing")
    rotate("signing")
    old, new = current(secrets, "signing")

    assert old == before
    assert new["active_from"] >= old["active_from"] + 900
    assert published() == {old["kid"]: new["active_from"] + 3600 + 30 + 60, new["kid"]: 0}


def test_s114_the_key_in_use_gets_no_end_before_another_is_in_use(
    secrets: SecretsManagerClient, rotate: Rotate
) -> None:
    """An interrupted rotation may leave its key unused for good; the server keeps signing with the current one."""
    rotate("signing")
    (used,) = current(secrets, "signing")

    version = rotate("signing", "createSecret", "setSecret", "testSecret")
    assert published()[used["kid"]] == 0

    rotate("signing", "finishSecret", version=version)
    assert published()[used["kid"]] > 0


def test_s114_an_end_that_could_not_be_told_is_told_by_the_next_rotation(
    secrets: SecretsManagerClient, rotate: Rotate
) -> None:
    rotate("signing")
    rotate("signing")
    old, new = current(secrets, "signing")
    end = published()[old["kid"]]
    (key,) = (key for key in wiring.store().public_keys() if key.kid == old["kid"])
    wiring.store().publish_key(replace(key, expires_at=0))

    rotate("signing", "createSecret", "setSecret")

    assert published()[old["kid"]] == end
    assert published()[new["kid"]] == 0


def test_refresh_keys_are_published_nowhere(secrets: SecretsManagerClient, rotate: Rotate) -> None:
    rotate("refresh")

    assert published() == {}
    assert len(current(secrets, "refresh")) == 1


@pytest.mark.parametrize("secret", ["signing", "refresh"])
def test_every_step_may_be_called_again(secrets: SecretsManagerClient, rotate: Rotate, secret: str) -> None:
    version = rotate(secret)
    made, keys = current(secrets, secret), published()

    for step in STEPS:
        rotate(secret, step, version=version)

    assert (current(secrets, secret), published()) == (made, keys)


@pytest.mark.parametrize("secret", ["signing", "refresh"])
def test_a_rotation_that_breaks_off_goes_on_with_the_same_key(
    secrets: SecretsManagerClient, rotate: Rotate, secret: str
) -> None:
    rotate(secret)
    before = current(secrets, secret)
    version = rotate(secret, "createSecret", "setSecret")
    pending = secrets.get_secret_value(SecretId=secret, VersionId=version, VersionStage="AWSPENDING")["SecretString"]
    assert current(secrets, secret) == before

    rotate(secret, version=version)

    assert current(secrets, secret) == json.loads(pending)["keys"]


def test_a_key_that_was_not_published_does_not_become_current(secrets: SecretsManagerClient, rotate: Rotate) -> None:
    version = rotate("signing", "createSecret")

    with pytest.raises(Exception, match="the token is not valid"):
        rotate("signing", "testSecret", version=version)


def test_another_secret_is_not_touched(secrets: SecretsManagerClient, rotate: Rotate) -> None:
    secrets.create_secret(Name="other", SecretString="of somebody else")

    with pytest.raises(ValueError, match="other secrets"):
        rotate("other")
    assert secrets.get_secret_value(SecretId="other")["SecretString"] == "of somebody else"


def listed() -> list[str]:
    """Return the ids in the JWK Set now."""
    keys: Any = jwk_set(wiring.store(), time.time())["keys"]
    return [key["kid"] for key in keys]


def test_a_leaked_signing_key_ends_at_once_with_every_other_and_a_new_one_signs(
    secrets: SecretsManagerClient, rotate: Rotate
) -> None:
    rotate("signing")
    rotate("signing")
    old = [key["kid"] for key in current(secrets, "signing")]
    assert len(old) == 2

    rotate("signing", "replaceLeaked")

    (new,) = current(secrets, "signing")
    assert listed() == [new["kid"]]
    assert new["kid"] not in old
    assert new["active_from"] <= time.time()
    _, revocations = wiring.store().feed(0)
    assert sorted((entry.kind, entry.subject) for entry in revocations) == sorted(("key", kid) for kid in old)
    assert min(entry.expires_at for entry in revocations) > time.time() + 9 * 365 * 86400


def test_a_leaked_refresh_key_leaves_nothing_but_the_new_one(secrets: SecretsManagerClient, rotate: Rotate) -> None:
    rotate("refresh")
    rotate("refresh")
    old = wiring.server().keys.refresh(time.time())
    token = issue_refresh_token(old, "alice-id.g", 1, time.time())

    rotate("refresh", "replaceLeaked")

    wiring.server.cache_clear()  # a container that starts
    (new,) = wiring.server().keys.refresh(time.time())
    assert new.kid not in {key.kid for key in old}
    assert issue_refresh_token([new], "alice-id.g", 1, time.time()) != token
    with pytest.raises(InvalidGrant):
        open_refresh_token([new], token)
    assert published() == {}


@pytest.mark.parametrize("secret", ["signing", "refresh"])
def test_the_end_of_a_leaked_key_may_be_asked_for_again(
    secrets: SecretsManagerClient, rotate: Rotate, secret: str
) -> None:
    rotate(secret)
    version = rotate(secret, "replaceLeaked")
    made, keys = current(secrets, secret), listed()

    rotate(secret, "replaceLeaked", version=version)
    assert (current(secrets, secret), listed()) == (made, keys)

    rotate(secret, "replaceLeaked")
    (new,) = current(secrets, secret)
    assert new != made[0]
    assert listed() == ([new["kid"]] if secret == "signing" else [])


def test_what_broke_off_before_the_old_keys_ended_is_finished_by_the_same_call(
    secrets: SecretsManagerClient, rotate: Rotate
) -> None:
    rotate("signing")
    (old,) = listed()
    version = rotate("signing", "replaceLeaked")
    (new,) = current(secrets, "signing")
    wiring.store().publish_key(PublicKey(kid="left", jwk="{}"))
    assert sorted(published()) == sorted([old, new["kid"], "left"])

    rotate("signing", "replaceLeaked", version=version)

    assert listed() == [new["kid"]]


@pytest.mark.parametrize("reached", [("createSecret",), ("createSecret", "setSecret", "testSecret")])
@pytest.mark.parametrize("secret", ["signing", "refresh"])
def test_a_rotation_that_was_under_way_brings_no_leaked_key_back(
    secrets: SecretsManagerClient, rotate: Rotate, secret: str, reached: tuple[str, ...]
) -> None:
    rotate(secret)
    version = rotate(secret, *reached)
    rotate(secret, "replaceLeaked")
    made, keys = current(secrets, secret), listed()

    for step in ("setSecret", "finishSecret"):
        with pytest.raises((RuntimeError, Conflict)):
            rotate(secret, step, version=version)

    assert (current(secrets, secret), listed()) == (made, keys)


@pytest.mark.parametrize("secret", ["signing", "refresh"])
def test_the_schedule_goes_on_after_a_leak(secrets: SecretsManagerClient, rotate: Rotate, secret: str) -> None:
    rotate(secret)
    rotate(secret, "replaceLeaked")
    (first,) = current(secrets, secret)

    rotate(secret)

    assert current(secrets, secret)[0] == first
    assert len(current(secrets, secret)) == 2
    assert len(listed()) == (2 if secret == "signing" else 0)


def test_a_key_that_can_not_be_read_stops_no_rotation(secrets: SecretsManagerClient, rotate: Rotate) -> None:
    rotate("signing")
    odd = {"kty": "EC", "alg": "ES384", "crv": "P-384", "x": "AA", "y": "AA"}
    wiring.store().publish_key(PublicKey(kid="odd", jwk=json.dumps(odd)))

    rotate("signing")

    assert len(wiring.store().public_keys()) == 3


def test_a_key_is_ended_once_though_it_stands_in_a_version_that_waits(
    secrets: SecretsManagerClient, rotate: Rotate
) -> None:
    rotate("signing")
    waiting = rotate("signing", "createSecret")
    rotate("signing", "replaceLeaked")
    ended = {entry.subject for entry in wiring.store().feed(0)[1]}
    assert len(ended) == 2  # the key in use and the one of the version that waited
    secrets.update_secret_version_stage(SecretId="signing", VersionStage="AWSPENDING", MoveToVersionId=waiting)

    rotate("signing", "replaceLeaked")

    assert len(wiring.store().feed(0)[1]) == 3


def test_of_another_secret_nothing_is_ended(secrets: SecretsManagerClient, rotate: Rotate) -> None:
    secrets.create_secret(Name="other", SecretString="of somebody else")

    with pytest.raises(ValueError, match="other secrets"):
        rotate("other", "replaceLeaked")
    assert secrets.get_secret_value(SecretId="other")["SecretString"] == "of somebody else"
