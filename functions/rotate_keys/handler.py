"""Secrets Manager's rotation of the signing keys and of the refresh keys, in its four steps."""

import os
import time
from typing import Any

from gatepost.http import logger, quietly
from gatepost.scope import Scope
from gatepost.settings import secret_variable
from gatepost.tokens.access import Signer, Verifier, issue_access_token, verify_access_token
from gatepost.tokens.keys import refresh_keys, signing_keys
from gatepost.tokens.refresh import issue_refresh_token, open_refresh_token
from gatepost.tokens.rotation import next_refresh_secret, next_signing_secret, public_keys
from gatepost.wiring import SECRET_REFRESH, secrets_manager, settings, store

_CURRENT, _PENDING = "AWSCURRENT", "AWSPENDING"


@quietly
def handler(event: dict[str, Any], context: object) -> None:
    """Each step may be called again after a failure and then does nothing twice."""
    step, secret, version = event["Step"], event["SecretId"], event["ClientRequestToken"]
    _STEPS[step](secret, version)
    logger.info(f"rotate_keys.{step}", extra={"secret": secret, "version": version})


def create_secret(secret: str, version: str) -> None:
    """Make the successor, unless an earlier try did."""
    client = secrets_manager()
    try:
        _text(secret, version)
    except client.exceptions.ResourceNotFoundException:
        pass  # the version exists by name only until its value is put
    else:
        return
    text = client.get_secret_value(SecretId=secret, VersionStage=_CURRENT)["SecretString"]
    successor = next_signing_secret if _is_signing(secret) else next_refresh_secret
    client.put_secret_value(
        SecretId=secret,
        ClientRequestToken=version,
        SecretString=successor(text, settings(), time.time()),
        VersionStages=[_PENDING],
    )


def set_secret(secret: str, version: str) -> None:
    """Publish the public keys, so that every verifier knows them before they are used."""
    if _is_signing(secret):
        for key in public_keys(_text(secret, version), settings()):
            store().publish_key(key)


def test_secret(secret: str, version: str) -> None:
    """Make a token with each key and open it again, for signing keys with what was published."""
    now = time.time()
    if not _is_signing(secret):
        for key in refresh_keys(_text(secret, version)):
            usable = key.active_from if key.active_from > now else now
            open_refresh_token([key], issue_refresh_token([key], "user.grant", 1, usable))
        return
    published = store().public_keys()
    verifiers = {key.kid: Verifier.of(key) for key in published}
    for signing in signing_keys(_text(secret, version)):
        signer = Signer(kid=signing.kid, alg=signing.alg, key=signing.load())
        who = {"sub": "test", "client_id": "test", "grant_id": ""}
        token = issue_access_token(signer, settings(), **who, scope=Scope.of("test"), lifetime=60, now=now)
        verify_access_token(token, verifiers, settings(), now)


def finish_secret(secret: str, version: str) -> None:
    """Make the successor current, unless its key would be used before every container has read it.

    Raises RuntimeError then: the steps took too long, and the next rotation makes another key.
    """
    stages = _stages(secret)
    if _CURRENT in stages.get(version, []):
        return
    keys = (signing_keys if _is_signing(secret) else refresh_keys)(_text(secret, version))
    if len(keys) > 1 and max(key.active_from for key in keys) < time.time() + SECRET_REFRESH:
        raise RuntimeError("the new key comes too late to be known everywhere before it is used")
    current = next((name for name, labels in stages.items() if _CURRENT in labels), None)
    moved = {"RemoveFromVersionId": current} if current else {}
    secrets_manager().update_secret_version_stage(
        SecretId=secret, VersionStage=_CURRENT, MoveToVersionId=version, **moved
    )


_STEPS = {
    "createSecret": create_secret,
    "setSecret": set_secret,
    "testSecret": test_secret,
    "finishSecret": finish_secret,
}


def _is_signing(secret: str) -> bool:
    if secret == os.environ[secret_variable("signing")]:
        return True
    if secret == os.environ[secret_variable("refresh")]:
        return False
    raise ValueError("this function rotates other secrets")


def _text(secret: str, version: str) -> str:
    answer = secrets_manager().get_secret_value(SecretId=secret, VersionId=version)
    return answer["SecretString"]


def _stages(secret: str) -> dict[str, list[str]]:
    return secrets_manager().describe_secret(SecretId=secret).get("VersionIdsToStages", {})
