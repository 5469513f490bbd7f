"""Requests of apps that register themselves, as their libraries send them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests

from gatepost.identifiers import digest, new_secret
from gatepost.routes import REGISTER_APP
from gatepost.stores.audit_lists import app_list
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of
from tests.people import Client

CALLBACK = "https://client.example.test/cb"
# As npm `@modelcontextprotocol/sdk` 1.32 registers the inspector, and PyPI `mcp` 2.3 a program.
INSPECTOR = {
    "redirect_uris": ["http://localhost:6274/oauth/callback"],
    "token_endpoint_auth_method": "none",
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "client_name": "MCP Inspector",
    "client_uri": "https://github.com/modelcontextprotocol/inspector",
    "scope": "offline_access read",
}
PROGRAM = {
    "redirect_uris": [CALLBACK],
    "token_endpoint_auth_method": "client_secret_post",
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "client_name": "Weather program",
    "scope": "read",
    "application_type": "web",
    "software_id": "weather",
    "software_version": "2.3",
    "contacts": ["ops@example.test"],
}


def register(deployment: Deployment, body: Any = INSPECTOR, **options: Any) -> requests.Response:
    """Send a registration; `body` is JSON, or `data` is sent as it is."""
    sent = {"json": body} if "data" not in options else {}
    return requests.post(deployment.base_url + REGISTER_APP.path, **sent, **options, timeout=30)


def manage(registered: dict[str, Any], method: str, *, token: str | None = None, **options: Any) -> requests.Response:
    """Send a request to the app's registration, with its own token unless another is named."""
    token = registered["registration_access_token"] if token is None else token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(method, registered["registration_client_uri"], headers=headers, timeout=30, **options)


@dataclass(frozen=True)
class Stranger:
    """An app that registered itself, with the methods of `people.Client`."""

    client: Client
    registered: dict[str, Any]

    @property
    def redirect_uri(self) -> str:
        return str(self.registered["redirect_uris"][0])

    def allowed(self, browser: Browser, **parameters: str | None) -> dict[str, Any]:
        """Return a token response after the user allowed the app."""
        verifier = new_secret()
        path = self.client.authorize_path(
            **{"redirect_uri": self.redirect_uri, "code_challenge": digest(verifier)}
            | {"code_challenge_method": "S256"}
            | parameters
        )
        code = answer_of(browser.decide(browser.get(path), "allow"))["code"]
        answer = self.client.token(
            **self._secret(),
            grant_type="authorization_code",
            code=code,
            redirect_uri=self.redirect_uri,
            code_verifier=verifier,
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def refreshed(self, token: str) -> requests.Response:
        return self.client.token(**self._secret(), grant_type="refresh_token", refresh_token=token)

    def _secret(self) -> dict[str, Any]:
        if self.registered["token_endpoint_auth_method"] != "client_secret_post":
            return {}
        return {"auth": None, "client_id": self.client.app.client_id, "client_secret": self.client.secret}


def stranger(deployment: Deployment, body: Any = INSPECTOR, **options: Any) -> Stranger:
    """Return an app that registered itself just now."""
    answer = register(deployment, body, **options)
    assert answer.status_code == 201, answer.text
    registered: dict[str, Any] = answer.json()
    (app,) = deployment.store.read(AppKey(registered["client_id"]))
    assert app is not None
    return Stranger(Client(deployment, app, registered.get("client_secret", "")), registered)


def withdrawn(deployment: Deployment, client_id: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Who took which grants of administrators from an app, and why, by the audit list."""
    entries = deployment.store.entries(app_list(client_id), cursor=None, limit=9).items
    return [(e.actor_name, e.reason, e.changes) for e in entries if e.event == "grants_withdrawn"]
