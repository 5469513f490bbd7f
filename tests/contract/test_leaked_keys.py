"""The end of a leaked key by the rotation function, on moto."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from gatepost.endpoints.metadata import jwk_set
from gatepost.errors import Conflict, InvalidGrant
from gatepost.model.feed import PublicKey
from gatepost.runtime import wiring
from gatepost.tokens.refresh_token import issue_refresh_token, open_refresh_token
from tests.contract.rotating import Rotate, current, published, rotate, secrets

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient as Secrets

__all__ = ["rotate", "secrets"]


def listed() -> list[str]:
    """Return the ids in the JWK Set now."""
    keys: Any = jwk_set(wiring.store(), time.time())["keys"]
    return [key["kid"] for key in keys]


def test_a_leaked_signing_key_ends_at_once_with_every_other(secrets: Secrets, rotate: Rotate) -> None:
    rotate("signing")
    rotate("signing")
    old = [key["kid"] for key in current(secrets, "signing")]
    assert len(old) == 2

    rotate("signing", "replaceLeaked")

    (new,) = current(secrets, "signing")
    assert listed() == [new["kid"]]
    assert new["kid"] not in old
    assert new["active_from"] <= time.time()
    revocations = wiring.store().feed(0)
    assert sorted((entry.kind, entry.subject) for entry in revocations) == sorted(("key", kid) for kid in old)
    assert min(entry.expires_at for entry in revocations) > time.time() + 9 * 365 * 86400


def test_a_leaked_refresh_key_leaves_nothing_but_the_new_one(secrets: Secrets, rotate: Rotate) -> None:
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
def test_a_leaked_key_may_be_ended_again(secrets: Secrets, rotate: Rotate, secret: str) -> None:
    rotate(secret)
    version = rotate(secret, "replaceLeaked")
    made, keys = current(secrets, secret), listed()

    rotate(secret, "replaceLeaked", version=version)
    assert (current(secrets, secret), listed()) == (made, keys)

    rotate(secret, "replaceLeaked")
    (new,) = current(secrets, secret)
    assert new != made[0]
    assert listed() == ([new["kid"]] if secret == "signing" else [])

    rotate(secret)  # the schedule goes on
    assert (current(secrets, secret)[0], len(current(secrets, secret))) == (new, 2)
    assert len(listed()) == (2 if secret == "signing" else 0)


def test_what_broke_off_is_finished_by_the_same_call(secrets: Secrets, rotate: Rotate) -> None:
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
    secrets: Secrets, rotate: Rotate, secret: str, reached: tuple[str, ...]
) -> None:
    rotate(secret)
    version = rotate(secret, *reached)
    rotate(secret, "replaceLeaked")
    made, keys = current(secrets, secret), listed()

    for step in ("setSecret", "finishSecret"):
        with pytest.raises((RuntimeError, Conflict)):
            rotate(secret, step, version=version)

    assert (current(secrets, secret), listed()) == (made, keys)


def test_a_key_that_can_not_be_read_stops_no_rotation(secrets: Secrets, rotate: Rotate) -> None:
    rotate("signing")
    odd = {"kty": "EC", "alg": "ES384", "crv": "P-384", "x": "AA", "y": "AA"}
    wiring.store().publish_key(PublicKey(kid="odd", jwk=json.dumps(odd)))

    rotate("signing")

    assert len(wiring.store().public_keys()) == 3


def test_a_key_is_ended_once_though_it_is_in_a_version_that_waits(secrets: Secrets, rotate: Rotate) -> None:
    rotate("signing")
    waiting = rotate("signing", "createSecret")
    rotate("signing", "replaceLeaked")
    ended = {entry.subject for entry in wiring.store().feed(0)}
    assert len(ended) == 2  # the key in use and the one of the version that waited
    secrets.update_secret_version_stage(SecretId="signing", VersionStage="AWSPENDING", MoveToVersionId=waiting)

    rotate("signing", "replaceLeaked")

    assert len(wiring.store().feed(0)) == 3
