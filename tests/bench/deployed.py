"""A deployment to measure: the real handlers on a state in a dictionary."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from gatepost.aws.client import Client
from gatepost.aws.services import Caller
from gatepost.identifiers import new_secret
from gatepost.observability import log
from gatepost.resource_server import feed_watch
from gatepost.runtime import database, wiring
from gatepost.settings import Settings, secret_variable, table_variable
from gatepost.stores.dynamodb.feed import DynamoDBFeed
from gatepost.stores.dynamodb.operations import Tables
from tests.bench.state import NAMES, State
from tests.functions import forget, module_of

Event = dict[str, Any]
Handler = Callable[[Event, object], Any]


class Deployed(State):
    """A state and the handlers that see it."""

    def handler(self, function: str) -> Handler:
        """The handler of a function."""
        found: Handler = module_of(function).handler
        return found

    def forget(self) -> None:
        """The handlers see no deployment any more; what they hold open is closed."""
        for made in (database.secrets_manager, database.dynamodb):
            if made.cache_info().currsize:
                client = made()
                if isinstance(client, Client):
                    client.close()
        forget(counts=False)

    def environment(self, *, client: str, endpoint: str) -> dict[str, str]:
        """Return the stack's environment, for a client and a service of this machine."""
        return {
            **self.settings._replace(aws_client=client).to_env(*Settings._fields),
            **{table_variable(name): name for name in NAMES},
            **{secret_variable(name): name for name in self.secrets},
            log.METRICS: log.OFF,
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            "AWS_SESSION_TOKEN": new_secret() * 8,
        }

    def use(self, *, client: str, endpoint: str, caller: Caller | None = None) -> None:
        """Make this the deployment that the handlers see; with a `caller`, DynamoDB is called through it."""
        os.environ.update(self.environment(client=client, endpoint=endpoint))
        self.forget()
        if caller is not None:
            wiring.store()._tables = Tables(caller, NAMES)
            feed_watch.watch()._store = DynamoDBFeed(caller, NAMES)
