"""The composition root: a function's dependencies, created once per container, at its first request."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Generic, TypeVar

from gatepost.aws.errors import NoAnswer, Refusal
from gatepost.errors import TemporarilyUnavailable
from gatepost.oauth.server import Server
from gatepost.observability.log import note
from gatepost.runtime.database import dynamodb, region, secrets_manager, table_names
from gatepost.runtime.environment import settings
from gatepost.settings import LOGOUT_QUEUE_VARIABLE, secret_variable
from gatepost.stores.dynamodb.store import DynamoDBStore

if TYPE_CHECKING:
    from gatepost.clients.recent_apps import RecentApps
    from gatepost.mail.messages import Mailer
    from gatepost.oauth.client_authentication import Credentials
    from gatepost.tokens.access_token import Signer
    from gatepost.tokens.signing_keys import RefreshKey, SigningKey

K = TypeVar("K")


@cache
def store() -> DynamoDBStore:
    """Return the store, limited to the tables that this function may access."""
    if LOGOUT_QUEUE_VARIABLE in os.environ:
        from gatepost.runtime.logouts import announcing_store

        return announcing_store()
    return DynamoDBStore(dynamodb(), table_names(), region())


@cache
def server() -> Server:
    """Return the dependencies of the endpoints."""
    return Server(settings=settings(), store=store(), keys=SecretKeys())


def server_for(credentials: Credentials, now: float) -> AbstractContextManager[Server]:
    """Return the dependencies of an endpoint that authenticates an app, for one request: see `app_cache_seconds`."""
    return recent_apps().serving(server(), credentials, now) if settings().app_cache_seconds else nullcontext(server())


@cache
def recent_apps() -> RecentApps:
    """Return the apps that this container need not read again."""
    from gatepost.clients.recent_apps import RecentApps

    return RecentApps(settings().app_cache_seconds)


@cache
def mailer() -> Mailer | None:
    """Return the mailer, None if no sender is configured."""
    sender = settings().mail_sender
    if not sender:
        return None
    from gatepost.mail.ses import mailer_as

    return mailer_as(sender, settings().mail_configuration_set)


class SecretKeys:
    """Implements server.Keys with Secrets Manager: each secret is read once every `secret_refresh` seconds.

    A function that signs imports the tokens at startup; the others have no cryptography in their layers.
    """

    def __init__(self) -> None:
        """Start without reading anything."""
        self._texts: dict[str, tuple[float, str]] = {}
        self._signing: _Parsed[SigningKey] = _Parsed()
        self._refresh: _Parsed[RefreshKey] = _Parsed()
        self._handles: _Parsed[bytes] = _Parsed()
        self._signers: dict[str, Signer] = {}
        self._asked_at = float("-inf")
        self._asked: dict[str, Signer] = {}  # at that time: a request checks that there is a key before it uses it

    def signer(self, now: float, alg: str = "") -> Signer:
        """See server.Keys. Loaded keys are cached: loading costs far more than signing."""
        if self._asked_at != now:
            self._asked_at, self._asked = now, {}
        if alg not in self._asked:
            self._asked[alg] = self._signer(now, alg)
        return self._asked[alg]

    def _signer(self, now: float, alg: str) -> Signer:
        from gatepost.tokens.signing_keys import active_signing_key, signing_keys

        keys = self._signing.keys(self._text("signing", now), signing_keys)
        key = active_signing_key(keys, now, alg or settings().signing_algorithm, only=bool(alg))
        if self._texts["signing"][0] == now:  # the secret was read just now
            note("signing_key.read", {"age_days": round((now - key.active_from) / 86400, 2)})
        if key.kid not in self._signers:
            from gatepost.tokens.access_token import Signer

            kept = {each.kid: self._signers[each.kid] for each in keys if each.kid in self._signers}
            self._signers = {**kept, key.kid: Signer(kid=key.kid, alg=key.alg, key=key.load())}
        if not settings().published_revocations:
            return self._signers[key.kid]
        from gatepost.tokens.signing_keys import handle_key

        (handles,) = self._handles.keys(self._texts["signing"][1], lambda text: [handle_key(text)])
        return self._signers[key.kid]._replace(handle_key=handles)

    def refresh(self, now: float) -> Sequence[RefreshKey]:
        """See server.Keys."""
        from gatepost.tokens.signing_keys import refresh_keys

        return self._refresh.keys(self._text("refresh", now), refresh_keys)

    def _text(self, secret: str, now: float) -> str:
        read_at, text = self._texts.get(secret, (float("-inf"), ""))
        if 0 <= now - read_at < settings().secret_refresh and '"kid"' in text:  # a secret without keys is read again
            return text
        try:
            asked = {"SecretId": os.environ[secret_variable(secret)], "VersionStage": "AWSCURRENT"}
            text = str(secrets_manager().call("GetSecretValue", asked)["SecretString"])
        except (Refusal, NoAnswer) as error:
            raise TemporarilyUnavailable("try again", reason=f"secret {secret}: {error}") from None
        self._texts[secret] = (now, text)
        return text


class _Parsed(Generic[K]):
    """The keys of a secret, parsed once per text."""

    def __init__(self) -> None:
        self._known: tuple[str, Sequence[K]] = ("", ())

    def keys(self, text: str, parse: Callable[[str], Sequence[K]]) -> Sequence[K]:
        if self._known[0] is not text:
            self._known = (text, parse(text))
        return self._known[1]
