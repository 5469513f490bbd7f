"""The rotation of a key secret in the four steps of Secrets Manager, and its replacement after a leak.

No rotation rejects a valid token: the new key is published before it is current, and current before it is used. Every
step is idempotent, so that it can be retried after a failure.
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
from gatepost.tokens.signing_keys import handle_key, key_ids, refresh_keys, signing_keys

Replaced = dict[str, list[str]]


class SecretVersions(Protocol):
    """A secret with its versions in Secrets Manager. A missing text is ""."""

    def current(self) -> str:
        """Return the text in use."""

    def pending(self) -> str:
        """Return the text of a rotation in progress."""

    def text(self, version: str) -> str:
        """Return the text of a version, "" if the version has only a name."""

    def put_pending(self, version: str, text: str) -> None:
        """Write the text of a version that is not current yet."""

    def current_version(self) -> str:
        """Return the name of the version in use."""

    def make_current(self, version: str, *, before: str) -> None:
        """Make a version current. Fails unless `before` is still current."""


class RefreshRotation:
    """Rotates the keys of refresh tokens."""

    _successor: Callable[[str, Settings, float], str] = staticmethod(next_refresh_secret)
    _keys: Callable[[str], Sequence[Any]] = staticmethod(refresh_keys)

    def __init__(self, secret: SecretVersions, settings: Settings) -> None:
        """Start without reading anything."""
        self._secret = secret
        self._settings = settings

    def create(self, version: str) -> None:
        """Make the successor, unless an earlier attempt did."""
        if not self._secret.text(version):
            successor = self._successor(self._secret.current(), self._settings, time.time())
            self._secret.put_pending(version, successor)

    def publish(self, version: str) -> None:
        """Check that the successor still follows the current text. Refresh keys are not published."""
        self._following(version)

    def test(self, version: str) -> None:
        """Make a token with each key and open it again."""
        now = time.time()
        for key in refresh_keys(self._secret.text(version)):
            usable = max(key.active_from, now)
            open_refresh_token([key], issue_refresh_token([key], "user.grant", 1, usable))

    def finish(self, version: str) -> None:
        """Make the successor current.

        Raises StepRefused if its key would be used before every container has read it, because the steps took too long;
        the next rotation makes another key. The change fails if another version became current after the check.
        """
        current, text = self._secret.current_version(), self._secret.text(version)
        if current == version:
            return
        before, starts = self._secret.text(current), max(key.active_from for key in self._keys(text))
        if key_ids(before) and starts < time.time() + self._settings.secret_refresh:
            raise StepRefused("the new key comes too late to be known everywhere before it is used")
        _check_follows(text, before)
        self._secret.make_current(version, before=current)

    def replace_leaked(self, version: str) -> Replaced:
        """Replace every key by a new one that is used at once; return the ids of both.

        A rotation in progress can't be finished any more.
        """
        before, pending = self._secret.text(self._secret.current_version()), self._secret.pending()
        text = self._replaced(version)
        ended = {*key_ids(before), *key_ids(pending)} - {*key_ids(text)}
        return {"ended": sorted(ended), "new": list(key_ids(text))}

    def _following(self, version: str) -> tuple[str, str]:
        """Return the successor and the current text that it follows."""
        text, current = self._secret.text(version), self._secret.current()
        _check_follows(text, current)
        return text, current

    def _replaced(self, version: str) -> str:
        """Make a new secret without the previous keys current; an earlier attempt may have been interrupted."""
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
    """Rotates the signing keys, whose public keys verifiers must know in time."""

    _successor = staticmethod(next_signing_secret)
    _keys = staticmethod(signing_keys)

    def __init__(self, secret: SecretVersions, settings: Settings, store: FeedStore) -> None:
        """Take the `store` of the public keys."""
        super().__init__(secret, settings)
        self._store = store

    def publish(self, version: str) -> None:
        """Publish the new public keys, so that every verifier knows them before they are used.

        A key in use gets no expiry yet, so that it keeps signing if a later step fails. Its predecessors have one,
        which is published again in case the last rotation was interrupted there. The key of the handles is the same as
        before, or the first.
        """
        text, current = self._following(version)
        self._store.publish_handle_key(handle_key(text))
        known = key_ids(current)
        new = [key for key in public_keys(text, self._settings) if key.kid not in known]
        self._publish(*public_keys(current, self._settings), *new)

    def test(self, version: str) -> None:
        """Sign with each key and verify with the published keys, also with PyJWT, which shares no code with `jws`."""
        now = time.time()
        tested = signing_keys(self._secret.text(version))
        # only these: an unreadable key, even a withdrawn one, must not block every later rotation
        published = [key for key in self._store.public_keys() if key.kid in {each.kid for each in tested}]
        verifiers = {key.kid: Verifier.of(key) for key in published}
        jwks = {key.kid: jwt.PyJWK.from_json(key.jwk) for key in published}
        for signing in tested:
            signer = Signer(kid=signing.kid, alg=signing.alg, key=signing.load())
            who = {"sub": "test", "client_id": "test", "grant_id": ""}
            token = issue_access_token(
                signer,
                self._settings,
                **who,
                scope=Scope.of("test"),
                lifetime=60,
                now=now,
                audience=self._settings.audience,
            )
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
        """Make the successor current, and publish the expiry of its predecessor. Raises as for refresh keys."""
        super().finish(version)
        self._publish(*public_keys(self._secret.text(version), self._settings))

    def replace_leaked(self, version: str) -> Replaced:
        """Replace every key by a new one that is used at once; return the ids of both.

        The new key is published, then becomes current, then the old ones are withdrawn and never accepted again. The
        key of the handles leaked with them: tokens that carry the old handles are those of the old keys.
        """
        pending, new = self._secret.pending(), self._new_text(version)
        self._store.publish_handle_key(handle_key(new))
        self._publish(*public_keys(new, self._settings))
        text = self._replaced(version)
        leaked = [*public_keys(pending, self._settings), *self._store.public_keys()]
        ended = end_keys(self._store, leaked, keep=text, now=time.time())
        return {"ended": list(ended), "new": list(key_ids(text))}

    def _publish(self, *keys: PublicKey) -> None:
        """Publish keys after adopting those of an older release, since readers that find keys stop looking."""
        self._store.adopt_keys()
        for key in keys:
            self._store.publish_key(key)


def _check_follows(text: str, current: str) -> None:
    if not follows(text, current):
        raise StepRefused("the key in use was replaced while this rotation was under way")
