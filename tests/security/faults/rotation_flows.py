"""The steps of a rotation of keys, as Secrets Manager calls them."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from gatepost.model.feed import PublicKey
from tests.security.faults.flow import Flows
from tests.security.faults.world import Answer, Event, World

FLOWS = Flows()
VERSION = str(UUID(int=7))
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


def rotation(secret: str, step: str) -> Any:
    """A step of a rotation, after those before it."""

    def arrange(world: World) -> Event:
        arn = world.cloud.secrets.describe_secret(SecretId=secret)["ARN"]
        for earlier in STEPS[: STEPS.index(step)]:
            world.call("rotate_keys", {"Step": earlier, "SecretId": arn, "ClientRequestToken": VERSION})
        return {"Step": step, "SecretId": arn, "ClientRequestToken": VERSION}

    return arrange


def rotated(secret: str, step: str) -> Any:
    """Check the state after a step: the key in use is still there, and in use or next."""

    def check(world: World, answer: Answer | None) -> None:
        keys = {stage: secret_keys(world, secret, stage) for stage in ("AWSCURRENT", "AWSPENDING")}
        finished = step == "finishSecret"
        assert len(keys["AWSCURRENT"]) == (2 if finished else 1)
        assert len(keys["AWSPENDING"]) == 2
        assert (
            keys["AWSPENDING"][0] == (secret_keys(world, secret, "AWSPREVIOUS") if finished else keys["AWSCURRENT"])[0]
        )
        published: set[str] = {key.kid for key in world.store.public_keys() if isinstance(key, PublicKey)}
        if secret == "signing" and step != "createSecret":
            assert published == {key["kid"] for key in keys["AWSPENDING"]}

    return check


def secret_keys(world: World, secret: str, stage: str) -> list[dict[str, Any]]:
    text = world.cloud.secrets.get_secret_value(SecretId=secret, VersionStage=stage)["SecretString"]
    found: list[dict[str, Any]] = json.loads(text)["keys"]
    return found


for _secret in ("signing", "refresh"):
    for _step in STEPS:
        FLOWS.add("rotate_keys", f"{_secret}, {_step}", "done", check=rotated(_secret, _step))(rotation(_secret, _step))
