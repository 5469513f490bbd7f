"""Every function of the deployment in this process, on a cloud that can fail: real handlers, AWS's events."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType
from typing import Any
from unittest.mock import patch

import boto3
from moto import mock_aws

from gatepost.authentication.passwords import hash_password
from gatepost.aws import services
from gatepost.aws.boto import BotoClient
from gatepost.endpoints.authorization import checked_request
from gatepost.endpoints.pending_request import pending_request
from gatepost.grants import authorization_code, exchange
from gatepost.grants.token_response import TokenAnswer
from gatepost.identifiers import digest
from gatepost.model.links import Link
from gatepost.model.records import ADMINISTRATOR, App, Login, User
from gatepost.model.sessions import Session
from gatepost.oauth.redirect_uris import Callback
from gatepost.oauth.server import Server
from gatepost.observability import log
from gatepost.runtime import wiring
from gatepost.scope import Scope
from gatepost.settings import (
    LOGOUT_QUEUE_VARIABLE,
    SLOW_LOGOUT_QUEUE_VARIABLE,
    Settings,
    function_variable,
    secret_variable,
    table_variable,
)
from gatepost.stores.dynamodb.operations import Tables
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.schema import APPS
from gatepost.tokens.signing_keys import new_refresh_key, new_signing_key, written
from tests.contract.cloud import REGION
from tests.dynamodb import InProcess
from tests.functions import FUNCTIONS, forget, module_of
from tests.security.faults.cloud import Cloud
from tests.security.faults.fetched import Invoked
from tests.security.faults.own_client import OwnClient
from tests.unit.world import (
    CALLBACK,
    CHALLENGE,
    ISSUER,
    NOW,
    PASSWORD,
    VERIFIER,
    WEB,
    credentials_of,
    native_app,
    web_app,
)

Event = dict[str, Any]
Answer = dict[str, Any]
_SETTINGS = Settings._fields  # all are written, so that none is left of another world
ALICE = User(
    user_id="a11ce000-0000-4000-8000-000000000000",
    user_name="alice",
    email="alice@example.test",
    email_confirmed=True,
    status="active",
    created_at=NOW - 1000,
)
ROOT = ALICE._replace(
    user_id="00000000-0000-4000-8000-000000000000",
    user_name="root",
    email="",
    email_confirmed=False,
    role=ADMINISTRATOR,
)
NEW_PASSWORD = "an even better battery"
COOKIES = {user.user_id: f"{user.user_id}.{digest(user.user_name)}" for user in (ALICE, ROOT)}
VISITOR = digest("a visitor")
REQUEST_ID, LINK_TOKEN = "the-id-of-a-request", "the-token-of-a-link"
SETTINGS = Settings(
    issuer=ISSUER,
    scopes={"read": "Read your data", "write": "Change your data", "consumer": "Manage your apps"},
    default_scopes=Scope.of("read"),
    signing_algorithm="ES256",
    mail_sender="gatepost@example.test",
    bcrypt_cost=4,
)


@dataclass
class World:
    """A deployment with alice, an administrator, two apps of alice's, and a stopped clock."""

    cloud: Cloud
    environment: dict[str, str]
    modules: Mapping[str, ModuleType]  # of the functions
    now: float = float(NOW)
    client: str = "boto3"  # or "own": what the functions call AWS by
    settings: Settings = SETTINGS
    web: App = field(default_factory=lambda: web_app(owner=ALICE.user_id))
    native: App = field(default_factory=lambda: native_app(owner=ALICE.user_id))

    @property
    def store(self) -> DynamoDBStore:
        """The tables, by a client that never fails."""
        return DynamoDBStore(BotoClient(InProcess()), self.cloud.tables)

    @property
    def server(self) -> Server:
        """Return the dependencies of the endpoints, to prepare a flow."""
        return Server(settings=self.settings, store=self.store, keys=wiring.SecretKeys())

    def call(self, function: str, event: Event) -> Any:
        """Return the response of a function."""
        return self.modules[function].handler(event, None)

    def cold(self) -> None:
        """The next call finds a new container."""
        forget(self.modules.values())

    def set(self, **changes: Any) -> None:
        """Change the settings of the deployment."""
        self.settings = SETTINGS._replace(aws_client=self.client, **changes)
        os.environ.update(self.settings.to_env(*_SETTINGS))
        os.environ.pop(LOGOUT_QUEUE_VARIABLE, None)
        if self.settings.tells_of_logouts:
            os.environ[LOGOUT_QUEUE_VARIABLE] = "https://sqs.example.test/logouts"
            os.environ[SLOW_LOGOUT_QUEUE_VARIABLE] = "https://sqs.example.test/slow"

    def grant_code(self, app: App | None = None, resources: tuple[str, ...] = (), **approved: Any) -> str:
        """A code that alice approved, for the resources if there are any; `approved` are further records of it."""
        app = app or self.web
        code, record, grant = authorization_code.new_code(
            self.server,
            user_id=ALICE.user_id,
            client_id=app.client_id,
            scope=Scope.of("read", "write"),
            redirect_uri=CALLBACK,
            redirect_uri_sent=True,
            code_challenge=CHALLENGE,
            now=self.now,
            resources=resources,
        )
        self.store.approve(grant, user=ALICE, code=record, **{"approval": None, **approved})
        return code

    def from_before(self) -> None:
        """The web app as the version before wrote it."""
        key = {"client_id": {"S": WEB}}
        tables = Tables(BotoClient(InProcess()), self.cloud.tables)
        tables.update(APPS, key, "REMOVE own_scope", "attribute_exists(client_id)", {})

    def tokens(self, resources: tuple[str, ...] = ()) -> TokenAnswer:
        """The web app's token response for a code, for the first of the resources if there are any."""
        parameters = {
            "grant_type": "authorization_code",
            "code": self.grant_code(resources=resources),
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            "resource": resources[0] if resources else "",
        }
        return exchange(self.server, parameters, credentials_of(self.web), self.now)

    def pending(self, app: App | None = None, *, response_type: str = "code", resources: tuple[str, ...] = ()) -> None:
        """A request of the web app, or of another one, that alice's consent page shows."""
        app = app or self.web
        query = {"response_type": response_type, "state": "a state", "resource": "\n".join(resources)}
        query |= {} if app.confidential else {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
        in_fragment = response_type == "token"
        callback = Callback(redirect_uri=CALLBACK, sent=True, state="a state", issuer=ISSUER, fragment=in_fragment)
        asked = checked_request(app, ALICE, callback, query, self.settings)
        session_hash = digest(COOKIES[ALICE.user_id])
        _, request = pending_request(app, ALICE, asked, session_hash=session_hash, settings=self.settings, now=self.now)
        self.store.save_request(request._replace(request_hash=digest(REQUEST_ID)))

    def link(self, kind: Any, **changes: Any) -> None:
        """A link that was mailed to alice."""
        whose: dict[str, Any] = {"user_id": ALICE.user_id, "user_name": ALICE.user_name, "email": ALICE.email}
        link = Link(link_hash=digest(LINK_TOKEN), kind=kind, **whose, expires_at=int(self.now) + 3600)
        self.store.save_link(link._replace(**changes))

    def _settle(self) -> None:
        """Keys, people and apps."""
        signing, refresh = new_signing_key("ES256", active_from=0), new_refresh_key(active_from=0)
        for name, keys in (("signing", written([signing])), ("refresh", written([refresh]))):
            made = self.cloud.secrets.create_secret(Name=name, SecretString=keys)
            self.environment[secret_variable(name)] = made["ARN"]
        os.environ.update(self.environment)
        self.store.publish_key(signing.public())
        password_hash = hash_password(PASSWORD, cost=4)
        for user in (ALICE, ROOT):
            self.store.create_user(user, Login(user_id=user.user_id, password_hash=password_hash))
            times: dict[str, Any] = {"created_at": NOW - 10, "expires_at": NOW + 3600}
            cookie = COOKIES[user.user_id]
            self.store.start_session(Session(session_hash=digest(cookie), user_id=user.user_id, **times))
        for app in (self.web, self.native):
            self.store.create_app(app, owner=ALICE, limit=16)


@contextmanager
def deployed(client: str = "boto3") -> Iterator[World]:
    """A world with a stopped clock, in which nothing sleeps. `client` is the setting `aws_client`."""
    with ExitStack() as stack:
        stack.enter_context(mock_aws())
        stack.enter_context(patch.dict(os.environ, {"AWS_DEFAULT_REGION": REGION}))
        cloud = Cloud()
        stack.enter_context(patch.object(boto3, "client", lambda service, **_: cloud.clients[service]))
        own = partial(OwnClient, cloud)
        stack.enter_context(patch.object(services, "Client", lambda service, region, **how: own(service, **how)))
        stack.enter_context(patch.object(services, "functions", lambda kind: Invoked()))
        stack.enter_context(patch.object(time, "sleep", lambda _: None))
        tables = {table_variable(name): real for name, real in cloud.tables.items()}
        environment = {
            **SETTINGS._replace(aws_client=client).to_env(*_SETTINGS),
            **tables,
            **{function_variable(name): f"the function {name}" for name in ("fetch", "logo")},
            log.METRICS: log.OFF,
            log.LEVEL: "CRITICAL",
        }
        os.environ.update(environment)
        modules = {path.parent.name: module_of(path.parent.name) for path in FUNCTIONS.glob("*/handler.py")}
        world = World(cloud=cloud, environment=environment, modules=modules, client=client)
        stack.enter_context(patch.object(time, "time", lambda: world.now))
        world.cold()
        stack.callback(world.cold)
        world._settle()
        yield world
