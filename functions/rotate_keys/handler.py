"""Rotation of the signing and refresh keys in the four steps of Secrets Manager, and replacement after a leak."""

import os
from typing import Any

from gatepost.aws.secret_versions import AWSSecretVersions
from gatepost.http.entry_point import quietly
from gatepost.observability.log import note
from gatepost.runtime.database import secrets_manager
from gatepost.runtime.environment import settings
from gatepost.runtime.wiring import store
from gatepost.settings import secret_variable
from gatepost.tokens.rotation_steps import RefreshRotation, SigningRotation

_STEPS = {
    "createSecret": "create",
    "setSecret": "publish",
    "testSecret": "test",
    "finishSecret": "finish",
    "replaceLeaked": "replace_leaked",  # of `make leaked-key`; Secrets Manager never calls it
}


@quietly
def handler(event: dict[str, Any], context: object) -> dict[str, list[str]] | None:
    """Perform one step for one version of a secret."""
    step, secret, version = event["Step"], event["SecretId"], event["ClientRequestToken"]
    answer: dict[str, list[str]] | None = getattr(_rotation_of(secret), _STEPS[step])(version)
    note(f"rotate_keys.{step}", {"secret": secret, "version": version})
    return answer


def _rotation_of(secret: str) -> RefreshRotation:
    versions = AWSSecretVersions(secrets_manager(), secret)
    if secret == os.environ[secret_variable("signing")]:
        return SigningRotation(versions, settings(), store())
    if secret == os.environ[secret_variable("refresh")]:
        return RefreshRotation(versions, settings())
    raise ValueError("this function rotates other secrets")
