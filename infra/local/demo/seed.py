"""The demo's users and apps, created through the layer as the console would."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from gatepost.accounts.accounts import change_email, register
from gatepost.accounts.removal import activate_user
from gatepost.clients.admin_decisions import grant_scopes
from gatepost.clients.lifecycle import activate_app
from gatepost.clients.owner_changes import AppDetails, create_app
from gatepost.clients.scopes import asks_for_more
from gatepost.model.records import ACTIVE, GRANT_TYPES, User
from gatepost.oidc.app_details import OpenIDDetails
from gatepost.resource import is_loopback
from gatepost.routes import ROUTES
from gatepost.scope import EMAIL, OPENID, PROFILE, Scope
from gatepost.settings import Settings
from gatepost.stores.dynamodb.store import DynamoDBStore
from infra.local.demo import paths

_USERS = ("maria", "tomas")  # never part of a password, which is hexadecimal
_PUBLIC_GRANTS = ("authorization_code", "refresh_token")
_SIGN_IN_APP = "Demo sign-in app"


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

    @property
    def sign_in_app(self) -> DemoApp | None:
        """The app that signs people in; None without OpenID Connect, and in a demo of an older release."""
        return next((app for app in self.apps if app.name == _SIGN_IN_APP), None)

    def as_dict(self) -> dict[str, Any]:
        """Return the facts for JSON."""
        return asdict(self)


def seed(store: DynamoDBStore, settings: Settings, *, base_url: str, client_url: str) -> Demo:
    """Create two users and the apps: a confidential one with every grant, a public one with PKCE, one for sign-ins."""
    users = [DemoUser(username=name, password=secrets.token_hex(8)) for name in _USERS]
    owner, *_ = [_registered(store, settings, user) for user in users]
    apps = [_app(store, settings, owner=owner, details=each) for each in _details(settings, client_url)]
    return _described(base_url, users, apps)


def _details(settings: Settings, url: str) -> list[AppDetails]:
    rest = settings.scope - settings.openid_scope
    common: dict[str, Any] = {
        "url": url,
        "redirect_uris": (f"{url}/callback", "http://127.0.0.1/callback"),
        "scope": rest & Scope.of("read", "write") or rest,
    }
    apps = [
        AppDetails(name="Demo web app", grant_types=GRANT_TYPES, confidential=True, **common),
        AppDetails(name="Demo native app", grant_types=_PUBLIC_GRANTS, confidential=False, **common),
    ]
    if settings.openid:
        apps.append(
            AppDetails(
                name=_SIGN_IN_APP,
                url=url + paths.HOME,
                redirect_uris=(url + paths.CALLBACK,),
                grant_types=("authorization_code",),
                confidential=True,
                scope=Scope.of(OPENID, PROFILE, EMAIL),
                openid=OpenIDDetails(
                    post_logout_redirect_uris=(url + paths.SIGNED_OUT,),
                    backchannel_logout_uri=url + paths.BACKCHANNEL if is_loopback(settings.issuer) else "",
                ),
            )
        )
    return apps


def known(facts: Mapping[str, Any], *, base_url: str) -> Demo:
    """Return the demo of an earlier run from its `Demo.as_dict`."""
    users, apps = [DemoUser(**each) for each in facts["users"]], [DemoApp(**each) for each in facts["apps"]]
    return _described(base_url, users, apps)


def _described(base_url: str, users: list[DemoUser], apps: list[DemoApp]) -> Demo:
    """Return the facts, with the routes that this version has."""
    protected = [
        {"path": route.path, "scope": str(route.scope)}
        for route in ROUTES
        if route.demo and route.protected and not route.resource
    ]
    resources = [
        {"path": route.path, "scope": str(route.scope), "resource": f"{base_url}{route.resource}"}
        for route in ROUTES
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
    return made._replace(status=ACTIVE)


def _app(store: DynamoDBStore, settings: Settings, *, owner: User, details: AppDetails) -> DemoApp:
    scope = details.scope
    app, secret = create_app(store, settings, owner=owner, details=details, now=time.time())
    if settings.app_approval:
        activate_app(store, app, now=time.time())
        app = app._replace(status=ACTIVE, version=app.version + 1)
    if asks_for_more(app, settings):  # the demo also makes the grants that need an administrator
        grant_scopes(
            store, settings, app, own=settings.reach(scope), marked=settings.reach(scope), owner=owner, now=time.time()
        )
    return DemoApp(
        name=app.name,
        client_id=app.client_id,
        client_secret=secret,
        confidential=app.confidential,
        redirect_uris=list(app.redirect_uris),
        scopes=sorted(scope),
    )
