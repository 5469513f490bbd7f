"""The composition root: the parts of a function, made once a container, at its first request."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from gatepost.aws import services
from gatepost.aws.caller import Caller
from gatepost.aws.errors import NoAnswer, Refusal
from gatepost.errors import TemporarilyUnavailable
from gatepost.server import Server
from gatepost.settings import Settings, secret_variable, table_variable
from gatepost.stores.dynamodb import DynamoDBStore
from gatepost.stores.tables import TABLES
from gatepost.tokens.access import Signer
from gatepost.tokens.keys import RefreshKey, active, refresh_keys, signing_keys
from gatepost.tokens.revocations import Watch

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from gatepost.mail import Mailer

SECRET_REFRESH = 300  # seconds a secret is kept in memory; far less than `key_activation_delay`


@cache
def settings() -> Settings:
    """The settings that the stack wrote."""
    return Settings.from_env(os.environ)


@cache
def store() -> DynamoDBStore:
    """The tables that this function may touch."""
    variables = {table.name: table_variable(table.name) for table in TABLES}
    names = {name: os.environ[variable] for name, variable in variables.items() if variable in os.environ}
    return DynamoDBStore(services.dynamodb(settings().aws_client), names)


@cache
def server() -> Server:
    """Everything that an endpoint works with."""
    return Server(settings=settings(), store=store(), keys=SecretKeys())


@cache
def watch() -> Watch:
    """The keys and revocations as this container knows them."""
    return Watch(store(), settings())


@cache
def mailer() -> Mailer | None:
    """Who sends mail, None where no sender is configured."""
    sender = settings().mail_sender
    if not sender:
        return None
    from gatepost.ses import mailer_as

    return mailer_as(sender)


@cache
def secrets() -> Caller:
    """The secrets that this function may read."""
    return services.secrets_manager(settings().aws_client)


@cache
def secrets_manager() -> SecretsManagerClient:
    """The client for replacing secrets."""
    import boto3

    return boto3.client("secretsmanager")


class SecretKeys:
    """server.Keys over Secrets Manager: each secret is read once every SECRET_REFRESH seconds."""

    def __init__(self) -> None:
        """Nothing is read before it is needed."""
        self._texts: dict[str, tuple[float, str]] = {}
        self._signers: dict[str, Signer] = {}

    def signer(self, now: float) -> Signer:
        """See server.Keys. A loaded key is kept: loading costs far more than signing."""
        key = active(signing_keys(self._text("signing", now)), now)
        if key.kid not in self._signers:
            self._signers = {key.kid: Signer(kid=key.kid, alg=key.alg, key=key.load())}
        return self._signers[key.kid]

    def refresh(self, now: float) -> Sequence[RefreshKey]:
        """See server.Keys."""
        return refresh_keys(self._text("refresh", now))

    def _text(self, secret: str, now: float) -> str:
        read_at, text = self._texts.get(secret, (float("-inf"), ""))
        if 0 <= now - read_at < SECRET_REFRESH and '"kid"' in text:  # one without keys is read again
            return text
        try:
            asked = {"SecretId": os.environ[secret_variable(secret)], "VersionStage": "AWSCURRENT"}
            text = str(secrets().call("GetSecretValue", asked)["SecretString"])
        except (Refusal, NoAnswer) as error:
            raise TemporarilyUnavailable("try again", reason=f"secret {secret}: {error}") from None
        self._texts[secret] = (now, text)
        return text
