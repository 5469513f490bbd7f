"""The demo's users and apps, created through the layer as the console would."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from gatepost.accounts.accounts import change_email, register
from gatepost.accounts.endings import activate_user
from gatepost.clients.administration import grant_scopes
from gatepost.clients.lifecycle import activate_app
from gatepost.clients.registration import AppDetails, create_app
from gatepost.clients.scopes import asks_for_more
from gatepost.model.records import ACTIVE, GRANT_TYPES, User
from gatepost.routes import deployed_routes
from gatepost.scope import Scope
from gatepost.settings import Settings
from gatepost.stores.dynamodb.store import DynamoDBStore

_USERS = ("maria", "tomas")  # never part of a password, which is hexadecimal
_PUBLIC_GRANTS = ("authorization_code", "refresh_token")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoUser:
    """A user to sign in as."""

    username: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoApp:
    """An app to authorize; `client_secret` is empty for a public one."""

    name: str
    client_id: str
    client_secret: str
    confidential: bool
    redirect_uris: list[str]
    scopes: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """The facts that `make run` prints and writes into DEMO=file.json."""

    base_url: str
    users: list[DemoUser] = field(default_factory=list)
    apps: list[DemoApp] = field(default_factory=list)
    protected: list[dict[str, str]] = field(default_factory=list)
    resources: list[dict[str, str]] = field(default_factory=list)  # routes that take tokens for them alone

    def as_dict(self) -> dict[str, Any]:
        """Return the facts for JSON."""
        return asdict(self)


def seed(store: DynamoDBStore, settings: Settings, *, base_url: str, client_url: str) -> Demo:
    """Create two users and two apps: a confidential one with every grant, a public one with PKCE."""
    users = [DemoUser(username=name, password=secrets.token_hex(8)) for name in _USERS]
    owner, *_ = [_registered(store, settings, user) for user in users]
    apps = [
        _app(
            store,
            settings,
            owner=owner,
            name=name,
            url=client_url,
            redirect_uris=[f"{client_url}/callback", "http://127.0.0.1/callback"],
            grants=grants,
            confidential=confidential,
        )
        for name, grants, confidential in (
            ("Demo web app", GRANT_TYPES, True),
            ("Demo native app", _PUBLIC_GRANTS, False),
        )
    ]
    return _described(base_url, users, apps)


def known(facts: Mapping[str, Any], *, base_url: str) -> Demo:
    """Return the demo of an earlier run from its `Demo.as_dict`."""
    users, apps = [DemoUser(**each) for each in facts["users"]], [DemoApp(**each) for each in facts["apps"]]
    return _described(base_url, users, apps)


def _described(base_url: str, users: list[DemoUser], apps: list[DemoApp]) -> Demo:
    """Return the facts, with the routes that this version has."""
    protected = [
        {"path": route.path, "scope": str(route.scope)}
        for route in deployed_routes(demo=True)
        if route.demo and route.protected and not route.resource
    ]
    resources = [
        {"path": route.path, "scope": str(route.scope), "resource": f"{base_url}{route.resource}"}
        for route in deployed_routes(demo=True)
        if route.resource
    ]
    return Demo(base_url=base_url, users=users, apps=apps, protected=protected, resources=resources)


def _registered(store: DynamoDBStore, settings: Settings, user: DemoUser) -> User:
    """Create an active account with a confirmed address, so that it can receive mail."""
    email = f"{user.username}@example.com"
    made = register(store, settings, user_name=user.username, email=email, password=user.password, now=time.time())
    change_email(store, made, email, confirmed=True)
    if made.status != ACTIVE:
        activate_user(store, made, now=time.time())
    return replace(made, status=ACTIVE)


def _app(
    store: DynamoDBStore,
    settings: Settings,
    *,
    owner: User,
    name: str,
    url: str,
    redirect_uris: list[str],
    grants: tuple[str, ...],
    confidential: bool,
) -> DemoApp:
    scope = settings.scope & Scope.of("read", "write") or settings.scope
    details = AppDetails(
        name=name,
        url=url,
        redirect_uris=tuple(redirect_uris),
        grant_types=grants,
        confidential=confidential,
        scope=scope,
    )
    app, secret = create_app(store, settings, owner=owner, details=details, now=time.time())
    if settings.app_approval:
        activate_app(store, app, now=time.time())
    if asks_for_more(app, settings):  # the demo also makes the grants that need an administrator
        grant_scopes(
            store, settings, app, own=settings.reach(scope), marked=settings.reach(scope), owner=owner, now=time.time()
        )
    return DemoApp(
        name=name,
        client_id=app.client_id,
        client_secret=secret,
        confidential=confidential,
        redirect_uris=redirect_uris,
        scopes=sorted(scope),
    )
