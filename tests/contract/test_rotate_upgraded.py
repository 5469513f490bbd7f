"""A stack of an older release, with keys only beside the revocations, is upgraded while it serves (S130)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import boto3
import pytest

from gatepost.errors import InvalidToken
from gatepost.model.feed import PublicKey
from gatepost.resource_server import feed_watch
from gatepost.runtime import wiring
from gatepost.stores.dynamodb.codec import from_item
from tests.contract.cloud import REGION
from tests.contract.rotating import Rotate, current, rotate, secrets, token

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient as Secrets

__all__ = ["rotate", "secrets"]


def place(name: str) -> dict[str, PublicKey]:
    """Return the keys of a partition, by their ids."""
    table = wiring.store()._tables.names["tokens"]
    items = boto3.client("dynamodb", region_name=REGION).query(
        TableName=table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :key)",
        ExpressionAttributeValues={":pk": {"S": name}, ":key": {"S": "key#"}},
    )["Items"]
    return {key.kid: key for key in (from_item(PublicKey, dict(item)) for item in items)}


def as_the_version_before_left_it() -> None:
    """Empty the partition of the keys."""
    names = wiring.store()._tables.names
    client = boto3.client("dynamodb", region_name=REGION)
    for kid in place("keys"):
        client.delete_item(TableName=names["tokens"], Key={"pk": {"S": "keys"}, "sk": {"S": f"key#{kid}"}})


def cold_authorizer_accepts(issued: str, now: float) -> bool:
    feed_watch.watch.cache_clear()
    try:
        feed_watch.watch().claims(issued, now)
    except InvalidToken:
        return False
    return True


@pytest.fixture
def upgraded(rotate: Rotate) -> None:
    """Three rotations and a leaked key of the version before."""
    rotate("signing")
    rotate("signing", "replaceLeaked")
    rotate("signing")
    as_the_version_before_left_it()


@pytest.mark.usefixtures("upgraded")
def test_s130_tokens_are_accepted_before_the_first_rotation(secrets: Secrets) -> None:
    now = time.time()

    assert place("keys") == {}
    assert cold_authorizer_accepts(token(now), now)


@pytest.mark.usefixtures("upgraded")
@pytest.mark.parametrize("steps", [(), ("createSecret", "setSecret"), ("replaceLeaked",)])
def test_s130_the_first_rotation_takes_it_over(secrets: Secrets, rotate: Rotate, steps: tuple[str, ...]) -> None:
    before = place("feed")
    issued, now = token(time.time()), time.time()
    rotate("signing", *steps)

    assert place("keys") == place("feed")
    assert before.keys() < place("keys").keys()
    ended = {kid for kid, key in place("keys").items() if key.ended_at}
    assert {kid for kid, key in before.items() if key.ended_at} <= ended
    assert cold_authorizer_accepts(issued, now) is (steps != ("replaceLeaked",))


@pytest.mark.usefixtures("upgraded")
def test_s130_a_rotation_of_the_version_before_is_finished(secrets: Secrets, rotate: Rotate) -> None:
    version = rotate("signing", "createSecret", "setSecret", "testSecret")
    as_the_version_before_left_it()

    rotate("signing", "finishSecret", version=version)
    assert place("keys") == place("feed")
    assert {key["kid"] for key in current(secrets, "signing")} <= place("keys").keys()
