"""The setting of a race: a user with their own app, tokens, a code, and a pending consent page."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from gatepost.accounts.links import new_link
from gatepost.authentication.sessions import start_session
from gatepost.endpoints.authorization import checked_request
from gatepost.endpoints.pending_request import pending_request
from gatepost.grants.authorization_code import new_code
from gatepost.identifiers import digest
from gatepost.model.records import ADMINISTRATOR, App, User
from gatepost.oauth.redirect_uris import Callback
from gatepost.oauth.server import Server
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.answers import CHALLENGE, PKCE, VERIFIER
from tests.people import CALLBACK, Client
from tests.security.deployed import new_client, owner_of, party
from tests.security.party import Party
from tests.security.sending import Answer, Call, connected, send


@dataclass
class Scene:
    """One round. `secrets` is everything that grants access and must not be in any table."""

    client: Client
    user: User
    sent_by: Party
    cookie: str
    code: str
    request_id: str
    link: str
    tokens: dict[str, Any] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)

    @property
    def app(self) -> App:
        return self.client.app

    def page(self, path: str, /, **fields: Any) -> Call:
        """Post a form of the console, as the user."""
        return self.sent_by.posted(path, self.cookie, **fields)

    def redeem(self, code: str) -> Call:
        return self.sent_by.redeem(code, VERIFIER)

    def refresh(self, tokens: dict[str, Any]) -> Call:
        return self.sent_by.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])


class Director:
    """Creates scenes on a deployment, mostly without HTTP, in the state that pages would leave."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self._server = Server(settings=deployment.settings, store=deployment.store, keys=None)  # type: ignore[arg-type]
        self._connection = connected(deployment.running.port)
        self.admin = owner_of(new_client(deployment))
        deployment.store.set_user_rights(self.admin.user_id, role=ADMINISTRATOR, scope=None)
        self.admin_cookie = self._session(self.admin)

    def scene(self) -> Scene:
        """Return a scene with a new user."""
        store, settings, now = self.deployment.store, self.deployment.settings, time.time()
        client = new_client(self.deployment)
        app, user = client.app, owner_of(client)
        cookie = self._session(user)
        callback = Callback(redirect_uri=CALLBACK, sent=True, state="s", issuer=settings.issuer, fragment=False)
        asked = checked_request(app, user, callback, {"response_type": "code", "scope": "read write", **PKCE}, settings)
        request_id, pending = pending_request(app, user, asked, session_hash=digest(cookie), settings=settings, now=now)
        store.save_request(pending)
        known: Any = {"user_id": user.user_id, "user_name": user.user_name, "email": f"new-{user.email}"}
        link, code = new_link(store, "email", **known, now=now), self._code(user, app)
        scene = Scene(client, user, party(client), cookie, code, request_id, link)
        answer = self.ask(scene.redeem(self._code(user, app)))
        assert answer.status == 200, answer
        scene.tokens = json.loads(answer.body)
        scene.secrets = {client.secret, cookie, code, request_id, link, *issued(answer)}
        return scene

    def by_admin(self, scene: Scene, path: str, /, **fields: Any) -> Call:
        """Post a form of the console, as an administrator."""
        return scene.sent_by.posted(path, self.admin_cookie, **fields)

    def ask(self, call: Call) -> Answer:
        """Send a request from this process."""
        return send(self._connection, call)

    def close(self) -> None:
        self._connection.close()

    def _session(self, user: User) -> str:
        store, settings = self.deployment.store, self.deployment.settings
        at: Any = {"user_agent": "race", "source_ip": "192.0.2.9", "now": time.time()}
        return start_session(store, settings, user.user_id, **at)

    def _code(self, user: User, app: App) -> str:
        code, record, grant = new_code(
            self._server, user_id=user.user_id, client_id=app.client_id, scope=Scope.of("read", "write"),
            redirect_uri=CALLBACK, redirect_uri_sent=True, code_challenge=CHALLENGE, now=time.time(),
        )  # fmt: skip
        self.deployment.store.approve(grant, user=user, code=record, approval=None)
        return code


def issued(answer: Answer) -> list[str]:
    """Return the tokens in a response of the token endpoint."""
    if answer.status != 200:
        return []
    document = json.loads(answer.body)
    return [document[name] for name in ("access_token", "refresh_token") if name in document]
