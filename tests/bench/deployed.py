"""A deployment to measure: the real handlers, its state in a dictionary, and the events of every operation."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from gatepost.authentication.passwords import hash_password
from gatepost.authentication.sessions import SESSION_COOKIE
from gatepost.aws.client import Client
from gatepost.aws.services import Caller
from gatepost.grants.authorization_code import new_code
from gatepost.identifiers import digest, new_grant_id, new_id, new_secret
from gatepost.model.records import App, Approval, AppSecret, Login, User
from gatepost.model.sessions import Session
from gatepost.oauth.server import Server
from gatepost.observability import log
from gatepost.resource_server import feed_watch
from gatepost.resource_server import wiring as guarding
from gatepost.routes import AUTHORIZE, DEMO_READ, INTROSPECT, JWKS, METADATA, REVOKE, TOKEN, Route
from gatepost.runtime import database, environment, problems, wiring
from gatepost.scope import Scope
from gatepost.settings import Settings, secret_variable, table_variable
from gatepost.stores.dynamodb.feed import DynamoDBFeed
from gatepost.stores.dynamodb.operations import Tables
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.schema import TABLES
from gatepost.tokens.access_token import issue_access_token
from gatepost.tokens.refresh_token import issue_refresh_token
from gatepost.tokens.signing_keys import new_refresh_key, new_signing_key, written
from infra.local.apigateway import events
from tests.bench.items import Items

Event = dict[str, Any]
Handler = Callable[[Event, object], Any]
FUNCTIONS = Path(__file__).parents[2] / "functions"
NAMES = {table.name: table.name for table in TABLES}
READ_WRITE = Scope.of("read", "write")
CALLBACK = "https://client.example.test/cb"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636 Appendix B
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
PASSWORD = "correct horse battery"
BCRYPT_COST = 4  # cheap: the hash is subtracted
TOKENS = 1500  # more than a function remembers: in turns, each is new
_CACHES = (
    *(guarding.protection, guarding.watch, feed_watch.watch),
    *(environment.settings, database.table_names, database.dynamodb, log.environment),
    *(wiring.store, wiring.server, wiring.mailer, database.secrets_manager, problems.waiting),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A measured operation: a function, and the events that it receives in turn."""

    name: str
    function: str
    events: Sequence[Event]
    signs: bool = False  # or verifies: then it is measured with both algorithms


@dataclass
class Deployed:
    """One deployment with one algorithm. `items` are frozen when it is made."""

    algorithm: str
    tokens: int = TOKENS
    items: Items = field(default_factory=Items)

    def __post_init__(self) -> None:
        """Keys, an app, a user with a session, an approval, a code and a grant."""
        self.now = time.time()
        self.signing = new_signing_key(self.algorithm, active_from=0)
        self.refreshing = new_refresh_key(active_from=0)
        self.keys = _Keys(self)
        self.secrets = {"signing": written([self.signing]), "refresh": written([self.refreshing])}
        self.secret, self.user_id = new_secret(), new_id()
        self.settings = Settings(
            issuer="https://id.example.test",
            scopes={"read": "Read your data", "write": "Change your data"},
            default_scopes=Scope.of("read"),
            signing_algorithm=self.algorithm,
            bcrypt_cost=BCRYPT_COST,
        )
        self.store = DynamoDBStore(self.items, NAMES)
        self.store.publish_key(self.signing.public())
        self.store.publish_key(new_signing_key(self.algorithm, active_from=int(self.now) + 900).public())
        self.user = User(
            user_id=self.user_id,
            user_name="maria",
            email="maria@example.test",
            email_confirmed=True,
            status="active",
            created_at=int(self.now) - 86400,
        )
        self.hash = hash_password(PASSWORD, cost=BCRYPT_COST)
        self.store.create_user(self.user, Login(user_id=self.user_id, password_hash=self.hash))
        self.app, self.resource_server = self._app(), self._app()
        for app in (self.app, self.resource_server):
            self.store.create_app(app, owner=self.user, limit=16)
        self.cookie = f"{self.user_id}.{new_secret()}"
        self.store.start_session(
            Session(
                session_hash=digest(self.cookie),
                user_id=self.user_id,
                created_at=int(self.now) - 60,
                expires_at=int(self.now) + 36000,
            )
        )
        self._grant()
        self.items.frozen = True

    def handler(self, function: str) -> Handler:
        """The handler of a function."""
        return _handler(FUNCTIONS / function)

    def forget(self) -> None:
        """The handlers see no deployment any more; what they hold open is closed."""
        for made in (database.secrets_manager, database.dynamodb):
            if made.cache_info().currsize:
                client = made()
                if isinstance(client, Client):
                    client.close()
        for cached in _CACHES:
            cached.cache_clear()

    def environment(self, *, client: str, endpoint: str) -> dict[str, str]:
        """Return the stack's environment, for a client and a service of this machine."""
        return {
            **replace(self.settings, aws_client=client).to_env(),
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

    def operations(self) -> Iterator[Operation]:
        """Every operation."""
        for name, form in self._forms().items():
            yield Operation(name=name, function="token", events=[self._post(TOKEN, form)], signs=True)
        query = {
            "response_type": "code",
            "client_id": self.app.client_id,
            "redirect_uri": CALLBACK,
            "scope": "read write",
            "state": "af0ifjsldkj",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        asked = _event(AUTHORIZE, query=urlencode(query), headers={"cookie": f"{SESSION_COOKIE}={self.cookie}"})
        yield Operation(name="authorize, approval remembered", function="authorize", events=[asked])
        held = [self._post(INTROSPECT, {"token": self.token()}, self.resource_server) for _ in range(self.tokens)]
        yield Operation(name="introspect, access token", function="introspect", events=held, signs=True)
        refresh = {"token": self.refresh_token}
        yield Operation(
            name="introspect, refresh token", function="introspect", events=[self._post(INTROSPECT, refresh)]
        )
        given_back = [self._post(REVOKE, {"token": self.token()}) for _ in range(self.tokens)]
        yield Operation(name="revoke, access token", function="revoke", events=given_back, signs=True)
        yield Operation(name="revoke, refresh token", function="revoke", events=[self._post(REVOKE, refresh)])
        calls = [self._authorizer(self.token()) for _ in range(self.tokens)]
        yield Operation(name="authorizer, new token", function="authorizer", events=calls, signs=True)
        yield Operation(name="authorizer, token seen before", function="authorizer", events=calls[:1], signs=True)
        yield Operation(name="JWK Set", function="metadata", events=[_event(JWKS)])
        yield Operation(name="metadata", function="metadata", events=[_event(METADATA)])

    def refused(self) -> Iterator[Operation]:
        """Requests of an app that are refused, and its owner told of."""
        code = {"grant_type": "authorization_code", "code": self.code, "code_verifier": VERIFIER}
        elsewhere = self._post(TOKEN, {**code, "redirect_uri": f"{CALLBACK}/"})
        yield Operation(name="code exchange, another redirect URI", function="token", events=[elsewhere])
        query = {"response_type": "code", "client_id": self.app.client_id, "redirect_uri": f"{CALLBACK}/"}
        asked = _event(AUTHORIZE, query=urlencode(query), headers={"cookie": f"{SESSION_COOKIE}={self.cookie}"})
        yield Operation(name="authorize, another redirect URI", function="authorize", events=[asked])
        for name, route in (("introspect", INTROSPECT), ("revoke", REVOKE)):
            guessed = self._post(route, {"token": "nonsense"}, secret="wrong")
            yield Operation(name=f"{name}, wrong secret", function=name, events=[guessed])

    def token(self) -> str:
        """An access token of the user's grant."""
        return issue_access_token(
            self._server().keys.signer(self.now),
            self.settings,
            sub=self.user_id,
            client_id=self.app.client_id,
            scope=READ_WRITE,
            grant_id=self.grant_id,
            lifetime=3600,
            now=self.now,
            audience=self.settings.audience,
        )

    def _forms(self) -> dict[str, dict[str, str]]:
        code = {"code": self.code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return {
            "client_credentials": {"grant_type": "client_credentials", "scope": "read write"},
            "code exchange with PKCE": {"grant_type": "authorization_code", **code},
            "refresh": {"grant_type": "refresh_token", "refresh_token": self.refresh_token},
            "password, without the hash": {"grant_type": "password", "username": "maria", "password": PASSWORD},
        }

    def _server(self) -> Server:
        return Server(settings=self.settings, store=self.store, keys=self.keys)

    def _app(self) -> App:
        now = int(self.now)
        secret = AppSecret(secret_id="s1", secret_hash=digest(self.secret), created_at=now - 500, last_used_at=now)
        return App(
            client_id=new_id(),
            owner=self.user_id,
            name="A web shop",
            url="https://client.example.test",
            redirect_uris=(CALLBACK,),
            grant_types=("authorization_code", "refresh_token", "client_credentials", "password"),
            confidential=True,
            scope=READ_WRITE,
            own_scope=READ_WRITE,
            status="active",
            secrets=(secret,),
            created_at=now - 500,
            last_used_at=now,
        )

    def _grant(self) -> None:
        self.code, record, grant = new_code(
            self._server(),
            user_id=self.user_id,
            client_id=self.app.client_id,
            scope=READ_WRITE,
            redirect_uri=CALLBACK,
            redirect_uri_sent=True,
            code_challenge=CHALLENGE,
            now=self.now,
        )
        approval = Approval(
            user_id=self.user_id, client_id=self.app.client_id, scope=READ_WRITE, approved_at=int(self.now)
        )
        self.store.approve(grant, user=self.user, code=record, approval=approval)
        end = int(self.now) + 30 * 86400
        living = replace(
            grant,
            grant_id=new_grant_id(self.user_id),
            redeemed_by=new_id(),
            last_used_at=int(self.now),
            idle_expires_at=end,
            expires_at=end,
        )
        self.store.add_grant(living)
        self.grant_id = living.grant_id
        self.refresh_token = issue_refresh_token([self.refreshing], living.grant_id, living.generation, self.now)

    def _post(self, route: Route, form: Mapping[str, str], app: App | None = None, *, secret: str = "") -> Event:
        client_id = (app or self.app).client_id
        basic = base64.b64encode(f"{quote(client_id)}:{quote(secret or self.secret)}".encode()).decode()
        headers = {"authorization": f"Basic {basic}", "content-type": "application/x-www-form-urlencoded"}
        return _event(route, body=urlencode(form).encode(), headers=headers)

    def _authorizer(self, token: str) -> Event:
        request = _request(DEMO_READ, headers={"authorization": f"Bearer {token}"})
        return events.authorizer_event(
            request,
            events.Match(key=DEMO_READ.key),
            api_id="a1b2c3",
            arn="arn:aws:execute-api:eu-central-1:000000000000:a1b2c3/$default/GET/demo/read",
            identity=[f"Bearer {token}", DEMO_READ.key],
        )


class _Keys:
    """server.Keys of a deployment, to prepare by."""

    def __init__(self, deployed: Deployed) -> None:
        from gatepost.tokens.access_token import Signer

        key = deployed.signing
        self._signer = Signer(kid=key.kid, alg=key.alg, key=key.load())
        self._refresh = (deployed.refreshing,)

    def signer(self, now: float, alg: str = "") -> Any:
        return self._signer

    def refresh(self, now: float) -> Any:
        return self._refresh


def _request(
    route: Route, *, query: str = "", headers: Mapping[str, str] | None = None, body: bytes = b""
) -> events.Request:
    usual = {"host": "id.example.test", "user-agent": "python-requests/2.32.5", "accept": "*/*"}
    return events.Request(
        method=route.method,
        path=route.path,
        query=query,
        headers=tuple({**usual, "accept-encoding": "gzip, deflate", **(headers or {})}.items()),
        body=body,
        source_ip="192.0.2.7",
        protocol="HTTP/1.1",
        request_id="JKJaXmPLvHcESHA=",
        host="id.example.test",
    )


def _event(route: Route, **request: Any) -> Event:
    return events.event(_request(route, **request), events.Match(key=route.key), api_id="a1b2c3", authorizer=None)


def _handler(folder: Path) -> Handler:
    spec = spec_from_file_location(f"bench_{folder.name}", folder / "handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Handler = module.handler
    return found
