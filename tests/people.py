"""Users and apps for tests of a deployment, created through the layer."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import requests

from gatepost.accounts.accounts import register
from gatepost.accounts.removal import activate_user
from gatepost.clients.admin_decisions import grant_scopes
from gatepost.clients.owner_changes import AppDetails, create_app
from gatepost.clients.scopes import asks_for_more
from gatepost.identifiers import digest, new_secret
from gatepost.model.records import ACTIVE, GRANT_TYPES, App, User
from gatepost.routes import AUTHORIZE, INTROSPECT, REVOKE, TOKEN, WHOAMI
from gatepost.scope import Scope
from gatepost.stores.record_keys import app_key
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of, is_posted_answer

CALLBACK = "https://client.example.test/cb"
PASSWORD = "a fine password of 2026"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """A user with a password."""

    user: User
    password: str = PASSWORD

    @property
    def name(self) -> str:
        return self.user.user_name


def authorize_path(client_id: str, /, **parameters: str | None) -> str:
    """An authorization request of an app; a parameter that is None is left out."""
    known: dict[str, str | None] = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": CALLBACK,
        "scope": "read",
        "state": "s-1",
    }
    chosen = {name: value for name, value in {**known, **parameters}.items() if value is not None}
    return f"{AUTHORIZE.path}?{urlencode(chosen)}"


@dataclass(frozen=True)
class Client:
    """An app of a deployment, with its secret, as its developer uses it."""

    deployment: Deployment
    app: App
    secret: str

    @property
    def auth(self) -> tuple[str, str] | None:
        return (self.app.client_id, self.secret) if self.secret else None

    def authorize_path(self, **parameters: str | None) -> str:
        """An authorization request; a parameter that is None is left out."""
        return authorize_path(self.app.client_id, **parameters)

    def token(self, *, auth: Any = "own", **parameters: str) -> requests.Response:
        """Ask the token endpoint, with the app's own credentials unless `auth` says otherwise."""
        return self._post(TOKEN.path, auth, parameters)

    def revoke(self, token: str, *, auth: Any = "own", **parameters: str) -> requests.Response:
        return self._post(REVOKE.path, auth, {"token": token, **parameters})

    def introspect(self, token: str, *, auth: Any = "own", **parameters: str) -> requests.Response:
        return self._post(INTROSPECT.path, auth, {"token": token, **parameters})

    def code(self, person: Person, **parameters: str | None) -> str:
        """A fresh code, through the pages."""
        return self.approved(person, **parameters)["code"]

    def approved(self, person: Person, **parameters: str | None) -> dict[str, str]:
        """Return what the app receives when `person` signs in and allows it."""
        browser = Browser(self.deployment.base_url)
        answer = browser.sign_in(person.name, person.password, self.authorize_path(**parameters))
        page = browser.get(answer.headers["Location"])
        answered = page.is_redirect or is_posted_answer(page)
        return answer_of(page if answered else browser.decide(page, "allow"))

    def tokens(self, person: Person, **parameters: str | None) -> dict[str, Any]:
        """Return a token response of the code flow."""
        return self.tokens_with(person, CALLBACK, **parameters)

    def tokens_with(self, person: Person, redirect_uri: str, **parameters: str | None) -> dict[str, Any]:
        """Return a token response of the code flow, with another redirect URI."""
        verifier = new_secret()
        pkce = {"code_challenge": digest(verifier), "code_challenge_method": "S256"}
        code = self.code(person, redirect_uri=redirect_uri, **pkce, **parameters)
        sent = {"redirect_uri": redirect_uri, "code_verifier": verifier}
        answer = self.token(grant_type="authorization_code", code=code, **sent)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    @property
    def version(self) -> str:
        """The version of the app's record, as forms of administrators send it."""
        (app,) = self.deployment.store.read(app_key(self.app.client_id))
        assert app is not None
        return str(app.version)

    def refresh(self, token: str, **parameters: str) -> requests.Response:
        return self.token(grant_type="refresh_token", refresh_token=token, **parameters)

    def _post(self, path: str, auth: Any, parameters: dict[str, str]) -> requests.Response:
        if auth == "own":
            auth = self.auth
            if auth is None:
                parameters = {"client_id": self.app.client_id, **parameters}
        return requests.post(self.deployment.base_url + path, data=parameters, auth=auth, timeout=30)


def new_person(deployment: Deployment, password: str = PASSWORD) -> Person:
    """Create a user for one test."""
    name = f"user{next(_numbers)}-{new_secret()[:6].replace('_', 'x').replace('-', 'x')}"
    user = register(deployment.store, deployment.settings, user_name=name, email="", password=password, now=time.time())
    if user.status != ACTIVE:
        activate_user(deployment.store, user, now=time.time())
    return Person(user=user._replace(status=ACTIVE), password=password)


def new_administrator(deployment: Deployment) -> Person:
    """Create an administrator for one test."""
    person = new_person(deployment)
    deployment.store.set_user_rights(person.user.user_id, role="administrator")
    return person


def entered(deployment: Deployment, person: Person) -> Browser:
    """Return a browser in which a person has signed in."""
    browser = Browser(deployment.base_url)
    assert browser.sign_in(person.name, person.password).status_code == 303
    return browser


def allowed(deployment: Deployment, person: Person, link: str) -> str:
    """Return the redirect to the app once a person follows its link, signs in and allows everything."""
    browser = Browser(deployment.base_url)
    answer = browser.sign_in(person.name, person.password, link)
    return browser.decide(browser.get(answer.headers["Location"]), "allow").headers["Location"]


def new_client(deployment: Deployment, owner: Person, **changes: Any) -> Client:
    """Create an app for one test: confidential, every grant, scopes read and write, unless `changes` differ.

    An administrator has granted all its scopes. `changes` are fields of AppDetails; lists are accepted for tuples.
    """
    client = ungranted_client(deployment, owner, **changes)
    if not asks_for_more(client.app, deployment.settings):
        return client
    granted = grant_scopes(
        deployment.store,
        deployment.settings,
        client.app,
        own=deployment.settings.reach(client.app.scope),
        marked=deployment.settings.reach(client.app.scope),
        owner=owner.user,
        now=time.time(),
    )
    return replace(client, app=granted)


def ungranted_client(deployment: Deployment, owner: Person, **changes: Any) -> Client:
    """The same, as its owner registers it: no administrator has granted anything."""
    known: dict[str, Any] = {
        "name": f"App {next(_numbers)}",
        "url": "https://client.example.test/",
        "redirect_uris": [CALLBACK],
        "grant_types": GRANT_TYPES,
        "confidential": True,
        "scope": Scope.of("read", "write"),
        **changes,
    }
    fields: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in known.items()}
    app, secret = create_app(
        deployment.store, deployment.settings, owner=owner.user, details=AppDetails(**fields), now=time.time()
    )
    return Client(deployment=deployment, app=app, secret=secret)


def get(deployment: Deployment, path: str, token: str | None, **options: Any) -> requests.Response:
    """Call a protected route."""
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    return requests.get(deployment.base_url + path, headers=headers, timeout=30, **options)


def opens(deployment: Deployment, token: str, path: str = WHOAMI.path) -> bool:
    """Whether a token is accepted on a route."""
    return get(deployment, path, token).status_code == 200


def stops(deployment: Deployment, token: str, path: str = WHOAMI.path) -> bool:
    """Whether a token is rejected once the documented bound has passed: the authorizer's cache plus the feed's poll."""
    return reached(lambda: not opens(deployment, token, path), seconds=deployment.settings.revocation_bound + 2)


def reached(holds: Callable[[], bool], *, seconds: float = 30) -> bool:
    """Whether it holds when it is asked until then, however long that takes to answer."""
    end = time.monotonic() + seconds
    while True:
        asked_at = time.monotonic()
        if holds():
            return True
        if asked_at > end:
            return False
        time.sleep(0.1)
