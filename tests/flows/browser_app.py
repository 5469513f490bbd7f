"""An app in a browser: its web server, other people's clients, and what a person does with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Page, expect

from infra.local.apigateway.events import Request, Response
from infra.local.apigateway.front import Front
from infra.local.deployment import Deployment
from tests.flows.programs import LIBRARIES
from tests.people import Client, Person, new_client

_SCRIPTS = {
    "/oauth4webapi.js": LIBRARIES / "oauth4webapi" / "build" / "index.js",
    "/oidc-client-ts.js": LIBRARIES / "oidc-client-ts" / "dist" / "browser" / "oidc-client-ts.min.js",
}
PAGE = (
    "<!doctype html><meta charset=utf-8><title>App</title><script src=/oidc-client-ts.js></script>"
    "<button disabled>Sign in</button><pre></pre>"
)


class App:
    """The web server of an app: its page at `/` and at its redirect URI, and `files`, scripts by their paths."""

    def __init__(self) -> None:
        self.html = PAGE
        self.files = dict(_SCRIPTS)
        self.front = Front(0, self._answer)
        self.url = f"http://127.0.0.1:{self.front.port}"
        self.redirect_uri = f"{self.url}/callback"

    def _answer(self, request: Request) -> Response:
        if request.path in self.files:
            script = self.files[request.path].read_bytes()
            return Response(status=200, headers=(("content-type", "text/javascript"),), body=script)
        if request.path not in ("/", "/callback"):
            return Response(status=404)
        return Response(status=200, headers=(("content-type", "text/html"),), body=self.html.encode())


def registered(deployment: Deployment, person: Person, app: App, **details: Any) -> Client:
    """Register the app as one in a browser: public, one redirect URI."""
    return new_client(
        deployment,
        person,
        url=app.url,
        redirect_uris=[app.redirect_uri],
        confidential=False,
        grant_types=["authorization_code", "refresh_token"],
        **details,
    )


def page_of(script: str, deployment: Deployment, client: Client, app: App, **more: str) -> str:
    """Return the app's page with a script that is told its settings."""
    settings: Mapping[str, str] = {
        "issuer": deployment.base_url,
        "client_id": client.app.client_id,
        "redirect_uri": app.redirect_uri,
        **more,
    }
    return PAGE + f"<script type=module>{script.replace('SETTINGS', json.dumps(settings))}</script>"


def sign_in_and_allow(page: Page, app: App, person: Person) -> None:
    page.goto(app.url)
    page.get_by_role("button", name="Sign in").click()
    sign_in(page, person)


def sign_in(page: Page, person: Person) -> None:
    enter(page, person.name, person.password)
    page.get_by_role("button", name="Allow").click()


def enter(page: Page, name: str, password: str) -> None:
    """Fill in and send the sign-in page."""
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def shown(page: Page) -> Any:
    """The JSON that the app shows in the end."""
    expect(page.locator("pre")).to_contain_text("}")
    return json.loads(page.locator("pre").inner_text())
