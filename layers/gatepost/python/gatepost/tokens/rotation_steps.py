"""The rotation of a secret of keys in the four steps of Secrets Manager, and its replacement after a leak.

A rotation never refuses a good token: the new key is published before it is current, and current before it is used.
Each step may be called again after a failure, and then does nothing twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import jwt

from gatepost.errors import StepRefused
from gatepost.model.feed import PublicKey
from gatepost.scope import Scope
from gatepost.settings import Settings
from gatepost.stores.ports.feed import FeedStore
from gatepost.tokens.access_token import Signer, Verifier, issue_access_token, verify_access_token
from gatepost.tokens.key_rotation import end_keys, follows, next_refresh_secret, next_signing_secret, public_keys
from gatepost.tokens.refresh_token import issue_refresh_token, open_refresh_token
from gatepost.tokens.signing_keys import key_ids, refresh_keys, signing_keys

Replaced = dict[str, list[str]]


class SecretVersions(Protocol):
    """One secret with its versions, as Secrets Manager keeps them. Texts are "" where there is none."""

    def current(self) -> str:
        """The text that is in use."""

    def pending(self) -> str:
        """The text of a rotation that is under way."""

    def text(self, version: str) -> str:
        """The text of a version, which may exist by name only."""

    def put_pending(self, version: str, text: str) -> None:
        """Write the text of a version that is not current yet."""

    def current_version(self) -> str:
        """The name of the version in use."""

    def make_current(self, version: str, *, before: str) -> None:
        """Put a version into use. Fails if another one than `before` is in use by now."""


class RefreshRotation:
    """Rotates the keys of refresh tokens."""

    _successor: Callable[[str, Settings, float], str] = staticmethod(next_refresh_secret)
    _keys: Callable[[str], Sequence[Any]] = staticmethod(refresh_keys)

    def __init__(self, secret: SecretVersions, settings: Settings) -> None:
        """Nothing is read before a step is called."""
        self._secret = secret
        self._settings = settings

    def create(self, version: str) -> None:
        """Make the successor, unless an earlier try did."""
        if not self._secret.text(version):
            successor = self._successor(self._secret.current(), self._settings, time.time())
            self._secret.put_pending(version, successor)

    def publish(self, version: str) -> None:
        """Check that the successor still is one. Verifiers need no key for refresh tokens."""
        self._following(version)

    def test(self, version: str) -> None:
        """Make a token with each key and open it again."""
        now = time.time()
        for key in refresh_keys(self._secret.text(version)):
            usable = max(key.active_from, now)
            open_refresh_token([key], issue_refresh_token([key], "user.grant", 1, usable))

    def finish(self, version: str) -> None:
        """Make the successor current.

        Raises StepRefused if its key would be used before every container has read it: the steps took too long, and
        the next rotation makes another key. The move fails if another version became current after it was looked at.
        """
        current, text = self._secret.current_version(), self._secret.text(version)
        if current == version:
            return
        keys = self._keys(text)
        if len(keys) > 1 and max(key.active_from for key in keys) < time.time() + self._settings.secret_refresh:
            raise StepRefused("the new key comes too late to be known everywhere before it is used")
        _check_follows(text, self._secret.text(current))
        self._secret.make_current(version, before=current)

    def replace_leaked(self, version: str) -> Replaced:
        """End every key at once for a new one that is used at once; returns the ids of both.

        A rotation that was under way can't be finished any more.
        """
        before, pending = self._secret.text(self._secret.current_version()), self._secret.pending()
        text = self._replaced(version)
        ended = {*key_ids(before), *key_ids(pending)} - {*key_ids(text)}
        return {"ended": sorted(ended), "new": list(key_ids(text))}

    def _following(self, version: str) -> tuple[str, str]:
        """The successor, and the current text that it follows."""
        text, current = self._secret.text(version), self._secret.current()
        _check_follows(text, current)
        return text, current

    def _replaced(self, version: str) -> str:
        """Put a new secret without the keys from before into use; an earlier try may have come part of the way."""
        current, text = self._secret.current_version(), self._new_text(version)
        if current != version:
            self._secret.make_current(version, before=current)
        return text

    def _new_text(self, version: str) -> str:
        text = self._secret.text(version)
        if not text:
            text = self._successor("", self._settings, time.time())
            self._secret.put_pending(version, text)
        return text


class SigningRotation(RefreshRotation):
    """Rotates the signing keys, whose public halves verifiers must know in time."""

    _successor = staticmethod(next_signing_secret)
    _keys = staticmethod(signing_keys)

    def __init__(self, secret: SecretVersions, settings: Settings, store: FeedStore) -> None:
        """`store` keeps the public halves."""
        super().__init__(secret, settings)
        self._store = store

    def publish(self, version: str) -> None:
        """Publish the new public key, so that every verifier knows it before it is used.

        The key in use has no end yet: should a later step fail, it signs on. What it replaced has one, published once
        more in case the last rotation broke off there.
        """
        text, current = self._following(version)
        *_, new = public_keys(text, self._settings)
        self._publish(*public_keys(current, self._settings), new)

    def test(self, version: str) -> None:
        """Sign with each key and verify with what was published, also with PyJWT, which shares no code with `jws`."""
        now = time.time()
        tested = signing_keys(self._secret.text(version))
        # no others: one that was ended because it can't be read must not stop every rotation after it
        published = [key for key in self._store.public_keys() if key.kid in {each.kid for each in tested}]
        verifiers = {key.kid: Verifier.of(key) for key in published}
        jwks = {key.kid: jwt.PyJWK.from_json(key.jwk) for key in published}
        for signing in tested:
            signer = Signer(kid=signing.kid, alg=signing.alg, key=signing.load())
            who = {"sub": "test", "client_id": "test", "grant_id": ""}
            token = issue_access_token(signer, self._settings, **who, scope=Scope.of("test"), lifetime=60, now=now)
            verify_access_token(token, verifiers, self._settings, now)
            jwt.decode(
                token,
                jwks[signing.kid],
                algorithms=[signing.alg],
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                options={"verify_exp": False, "verify_iat": False},  # by another clock than ours; both were looked at
            )

    def finish(self, version: str) -> None:
        """Make the successor current, and publish when what it replaces ends. Raises as for refresh keys."""
        super().finish(version)
        self._publish(*public_keys(self._secret.text(version), self._settings))

    def replace_leaked(self, version: str) -> Replaced:
        """End every key at once for a new one that is used at once; returns the ids of both.

        The new key is published, then current, then the old ones end: what was ended is never accepted again.
        """
        pending = self._secret.pending()
        self._publish(*public_keys(self._new_text(version), self._settings))
        text = self._replaced(version)
        leaked = [*public_keys(pending, self._settings), *self._store.public_keys()]
        ended = end_keys(self._store, leaked, keep=text, now=time.time())
        return {"ended": list(ended), "new": list(key_ids(text))}

    def _publish(self, *keys: PublicKey) -> None:
        """Publish keys after those of the version before: whoever finds keys in their partition looks for no others."""
        self._store.adopt_keys()
        for key in keys:
            self._store.publish_key(key)


def _check_follows(text: str, current: str) -> None:
    if not follows(text, current):
        raise StepRefused("the key in use was replaced while this rotation was under way")
