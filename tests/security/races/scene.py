"""The setting of a race: a user with their own app, tokens, a code, and a pending consent page."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass, field, replace
from typing import Any

from gatepost.accounts.accounts import change_email, register
from gatepost.accounts.links import new_link
from gatepost.authentication.sessions import SESSION_COOKIE, VISITOR_COOKIE, form_token, start_session
from gatepost.clients.owner_changes import AppDetails, create_app
from gatepost.endpoints.authorization import checked_request
from gatepost.endpoints.pending_request import pending_request
from gatepost.grants.authorization_code import new_code
from gatepost.identifiers import digest, new_secret
from gatepost.model.records import ADMINISTRATOR, GRANT_TYPES, App, User
from gatepost.oauth.redirect_uris import Callback
from gatepost.oauth.server import Server
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.answers import CHALLENGE, PKCE, VERIFIER
from tests.security.races.calls import Answer, Call, basic, send

CALLBACK = "https://client.example.test/cb"
PASSWORD = "a fine password of 2026"
_READ = Scope.of("read", "write")


@dataclass(kw_only=True)
class Scene:
    """One round. `secrets` is everything that grants access and must not be in any table."""

    deployment: Deployment
    user: User
    app: App
    app_secret: str
    cookie: str
    code: str
    request_id: str
    link: str
    tokens: dict[str, Any] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)

    @property
    def auth(self) -> dict[str, str]:
        """The app proves itself."""
        return basic(self.app.client_id, self.app_secret)

    def page(self, path: str, cookie: str | None = None, **fields: Any) -> Call:
        """Post a form of the console, as the user or with `cookie`."""
        cookie = cookie or self.cookie
        headers = {"Cookie": f"{SESSION_COOKIE}={cookie}", "Origin": self.deployment.base_url}
        return Call(path=path, form={"form_token": form_token(cookie), **fields}, headers=headers)

    def visit(self, path: str, **fields: str) -> Call:
        """Post a form of a page for browsers without a session."""
        visitor = new_secret()
        headers = {"Cookie": f"{VISITOR_COOKIE}={visitor}", "Origin": self.deployment.base_url}
        return Call(path=path, form={"form_token": form_token(visitor), **fields}, headers=headers)

    def token(self, **fields: str) -> Call:
        """A token request of the app."""
        return Call(path="/authorization/token", form=fields, headers=self.auth)


class Director:
    """Creates scenes on a deployment, mostly without HTTP, in the state that pages would leave."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment, self._made = deployment, 0
        self._server = Server(settings=deployment.settings, store=deployment.store, keys=None)  # type: ignore[arg-type]
        self._connection = http.client.HTTPConnection("127.0.0.1", deployment.running.port, timeout=60)
        self.admin_name, self.admin_cookie = self._administrator()

    def scene(self) -> Scene:
        """Return a scene with a new user."""
        store, settings, now = self.deployment.store, self.deployment.settings, time.time()
        user = self._user()
        name = f"Racing app {self._made}"
        details = AppDetails(
            name=name, url=CALLBACK, redirect_uris=(CALLBACK,), grant_types=GRANT_TYPES, confidential=True, scope=_READ
        )
        app, secret = create_app(store, settings, owner=user, details=details, now=now)
        cookie = start_session(store, settings, user.user_id, user_agent="race", source_ip="192.0.2.9", now=now)
        callback = Callback(redirect_uri=CALLBACK, sent=True, state="s", issuer=settings.issuer, fragment=False)
        asked = checked_request(app, user, callback, {"response_type": "code", "scope": "read write", **PKCE}, settings)
        request_id, pending = pending_request(app, user, asked, session_hash=digest(cookie), settings=settings, now=now)
        store.save_request(pending)
        link = new_link(
            store, "email", user_id=user.user_id, user_name=user.user_name, email=f"new-{user.email}", now=now
        )
        scene = Scene(
            deployment=self.deployment, user=user, app=app, app_secret=secret, cookie=cookie,
            code=self._code(user, app), request_id=request_id, link=link,
        )  # fmt: skip
        answer = self.ask(redeem(scene, self._code(user, app)))
        assert answer.status == 200, answer
        scene.tokens = json.loads(answer.body)
        scene.secrets = {secret, cookie, scene.code, request_id, link, *issued(answer)}
        return scene

    def ask(self, call: Call) -> Answer:
        """Send a request from this process."""
        return send(self._connection, call)

    def close(self) -> None:
        self._connection.close()

    def _user(self) -> User:
        self._made += 1
        store, settings = self.deployment.store, self.deployment.settings
        name = f"racer{self._made}-{new_secret()[:6].replace('_', 'x').replace('-', 'x')}"
        user = register(store, settings, user_name=name, email="", password=PASSWORD, now=time.time() - 5)
        change_email(store, user, f"{name.lower()}@example.test", confirmed=True)
        return replace(user, email=f"{name.lower()}@example.test", email_confirmed=True)

    def _code(self, user: User, app: App) -> str:
        code, record, grant = new_code(
            self._server, user_id=user.user_id, client_id=app.client_id, scope=_READ, redirect_uri=CALLBACK,
            redirect_uri_sent=True, code_challenge=CHALLENGE, now=time.time(),
        )  # fmt: skip
        self.deployment.store.approve(grant, user=user, code=record, approval=None)
        return code

    def _administrator(self) -> tuple[str, str]:
        user = self._user()
        self.deployment.store.set_user_rights(user.user_id, role=ADMINISTRATOR, scope=None)
        now = time.time()
        store, settings = self.deployment.store, self.deployment.settings
        return user.user_name, start_session(
            store, settings, user.user_id, user_agent="admin", source_ip="192.0.2.9", now=now
        )


def redeem(scene: Scene, code: str) -> Call:
    """Exchange a code."""
    return scene.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, code_verifier=VERIFIER)


def issued(answer: Answer) -> list[str]:
    """Return the tokens in a response of the token endpoint."""
    if answer.status != 200:
        return []
    document = json.loads(answer.body)
    return [document[name] for name in ("access_token", "refresh_token") if name in document]
