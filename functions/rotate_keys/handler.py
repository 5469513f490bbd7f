"""Secrets Manager's rotation of the signing keys and of the refresh keys, in its four steps, and the operator's own."""

import os
import time
from typing import Any

import jwt

from gatepost.aws.errors import Refusal
from gatepost.http.entry_point import quietly
from gatepost.model.feed import PublicKey
from gatepost.observability.log import note
from gatepost.runtime.database import secrets_manager
from gatepost.runtime.environment import settings
from gatepost.runtime.wiring import store
from gatepost.scope import Scope
from gatepost.settings import secret_variable
from gatepost.tokens.access_token import Signer, Verifier, issue_access_token, verify_access_token
from gatepost.tokens.key_rotation import end_keys, follows, next_refresh_secret, next_signing_secret, public_keys
from gatepost.tokens.refresh_token import issue_refresh_token, open_refresh_token
from gatepost.tokens.signing_keys import key_ids, refresh_keys, signing_keys

_CURRENT, _PENDING = "AWSCURRENT", "AWSPENDING"


@quietly
def handler(event: dict[str, Any], context: object) -> dict[str, list[str]] | None:
    """Each step may be called again after a failure and then does nothing twice."""
    step, secret, version = event["Step"], event["SecretId"], event["ClientRequestToken"]
    answer = _STEPS[step](secret, version)
    note(f"rotate_keys.{step}", {"secret": secret, "version": version})
    return answer


def create_secret(secret: str, version: str) -> None:
    """Make the successor, unless an earlier try did."""
    if _text(secret, version):
        return
    successor = next_signing_secret if _is_signing(secret) else next_refresh_secret
    _put(secret, version, successor(_read(secret, VersionStage=_CURRENT), settings(), time.time()))


def set_secret(secret: str, version: str) -> None:
    """Publish the new public key, so that every verifier knows it before it is used.

    The key in use has no end yet: should a later step fail, it signs on. What it replaced has one, told once more in
    case the last rotation broke off there.
    """
    text, current = _text(secret, version), _read(secret, VersionStage=_CURRENT)
    _check_follows(text, current)
    if _is_signing(secret):
        *_, new = public_keys(text, settings())
        _publish(*public_keys(current, settings()), new)


def test_secret(secret: str, version: str) -> None:
    """Make a token with each key and open it again, for signing keys with what was published, and by PyJWT too.

    PyJWT is what apps verify with; it shares no code with `tokens.signatures`.
    """
    now = time.time()
    if not _is_signing(secret):
        for key in refresh_keys(_text(secret, version)):
            usable = key.active_from if key.active_from > now else now
            open_refresh_token([key], issue_refresh_token([key], "user.grant", 1, usable))
        return
    tested = signing_keys(_text(secret, version))
    # no others: one that was ended because it can't be read must not stop every rotation after it
    published = [key for key in store().public_keys() if key.kid in {each.kid for each in tested}]
    verifiers = {key.kid: Verifier.of(key) for key in published}
    jwks = {key.kid: jwt.PyJWK.from_json(key.jwk) for key in published}
    for signing in tested:
        signer = Signer(kid=signing.kid, alg=signing.alg, key=signing.load())
        who = {"sub": "test", "client_id": "test", "grant_id": ""}
        audience = settings().audience
        token = issue_access_token(
            signer, settings(), **who, scope=Scope.of("test"), lifetime=60, now=now, audience=audience
        )
        verify_access_token(token, verifiers, settings(), now)
        jwt.decode(
            token,
            jwks[signing.kid],
            algorithms=[signing.alg],
            audience=audience,
            issuer=settings().issuer,
            options={"verify_exp": False, "verify_iat": False},  # by another clock than ours; both were looked at
        )


def finish_secret(secret: str, version: str) -> None:
    """Make the successor current and tell when what it replaces ends.

    Raises RuntimeError if its key would be used before every container has read it: the steps took too long, and the
    next rotation makes another key. The move fails if another version became current after it was looked at.
    """
    current, text = _current_version(secret), _text(secret, version)
    if current != version:
        _check_in_time(secret, text)
        _check_follows(text, _text(secret, current))
        _make_current(secret, version, before=current)
    if _is_signing(secret):
        _publish(*public_keys(text, settings()))


def _check_in_time(secret: str, text: str) -> None:
    keys = (signing_keys if _is_signing(secret) else refresh_keys)(text)
    if len(keys) > 1 and max(key.active_from for key in keys) < time.time() + settings().secret_refresh:
        raise RuntimeError("the new key comes too late to be known everywhere before it is used")


def replace_leaked(secret: str, version: str) -> dict[str, list[str]]:
    """End every key of the secret at once, for a new one that is used at once; returns the ids of both.

    The new key is published, then current, then the old ones end: what was ended is never accepted again. A rotation
    that was under way can't be finished any more.
    """
    current, pending = _current_version(secret), _read(secret, VersionStage=_PENDING)
    before, text = _text(secret, current), _text(secret, version)
    if not text:
        text = (next_signing_secret if _is_signing(secret) else next_refresh_secret)("", settings(), time.time())
        _put(secret, version, text)
    if _is_signing(secret):
        _publish(*public_keys(text, settings()))
    if current != version:
        _make_current(secret, version, before=current)
    if _is_signing(secret):
        leaked = [*public_keys(pending, settings()), *store().public_keys()]
        ended = end_keys(store(), leaked, keep=text, now=time.time())
    else:
        ended = sorted({*key_ids(before), *key_ids(pending)} - {*key_ids(text)})
    return {"ended": list(ended), "new": list(key_ids(text))}


_STEPS = {
    "createSecret": create_secret,
    "setSecret": set_secret,
    "testSecret": test_secret,
    "finishSecret": finish_secret,
    "replaceLeaked": replace_leaked,  # of `make leaked-key`; Secrets Manager never asks for it
}


def _publish(*keys: PublicKey) -> None:
    """Publish keys, after those of the version before: whoever finds keys in their partition looks for no others."""
    store().adopt_keys()
    for key in keys:
        store().publish_key(key)


def _is_signing(secret: str) -> bool:
    if secret == os.environ[secret_variable("signing")]:
        return True
    if secret == os.environ[secret_variable("refresh")]:
        return False
    raise ValueError("this function rotates other secrets")


def _text(secret: str, version: str) -> str:
    """The value of a version; "" if it exists by name only, or not at all."""
    return _read(secret, VersionId=version)


def _read(secret: str, **which: str) -> str:
    try:
        answer = secrets_manager().call("GetSecretValue", {"SecretId": secret, **which})
    except Refusal as refusal:
        if refusal.code == "ResourceNotFoundException":
            return ""
        raise
    return str(answer["SecretString"])


def _put(secret: str, version: str, text: str) -> None:
    new = {"ClientRequestToken": version, "SecretString": text, "VersionStages": [_PENDING]}
    secrets_manager().call("PutSecretValue", {"SecretId": secret, **new})


def _current_version(secret: str) -> str:
    stages: dict[str, list[str]] = secrets_manager().call("DescribeSecret", {"SecretId": secret})["VersionIdsToStages"]
    return next(version for version, labels in stages.items() if _CURRENT in labels)


def _make_current(secret: str, version: str, *, before: str) -> None:
    """Fails if another version than `before` is current by now."""
    move = {"VersionStage": _CURRENT, "MoveToVersionId": version, "RemoveFromVersionId": before}
    secrets_manager().call("UpdateSecretVersionStage", {"SecretId": secret, **move})


def _check_follows(text: str, current: str) -> None:
    if not follows(text, current):
        raise RuntimeError("the key in use was replaced while this rotation was under way")
