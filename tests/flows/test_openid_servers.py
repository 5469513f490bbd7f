"""Sign-in with OpenID Connect by other people's libraries for servers, unchanged, from registration to sign-out.

Accounts and apps are made as people make them: by the forms, or by the app's own registration.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import flask
import pytest
from authlib.integrations.flask_client import OAuth
from playwright.sync_api import Page, expect

from infra.local.deployment import Deployment
from tests.flows.browser_app import enter
from tests.flows.newcomer import Newcomer, newcomer
from tests.flows.programs import in_node

CALLBACK, BYE = "http://localhost/callback", "http://localhost/bye"
SCOPE = "openid profile email"
# A URL in brings a JSON document out; what comes first is the request, and what comes last the logout.
OPENID_CLIENT = """
import { createInterface } from "node:readline/promises"
import * as client from "openid-client"

const { issuer, redirect_uri, scope, bye, id_token_alg, userinfo_alg } = JSON.parse(process.argv[2])
const config = await client.dynamicClientRegistration(new URL(issuer), {
  client_name: "Notes", redirect_uris: [redirect_uri], post_logout_redirect_uris: [bye], scope,
  grant_types: ["authorization_code", "refresh_token"], response_types: ["code"],
  id_token_signed_response_alg: id_token_alg, userinfo_signed_response_alg: userinfo_alg,
}, undefined, { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] })
const say = (value) => console.log(JSON.stringify(value))
const alg = (jwt) => JSON.parse(atob(jwt.split(".")[0])).alg
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
say({ claims, userinfo, again: refreshed.claims().sub, alg: alg(refreshed.id_token) })
say(client.buildEndSessionUrl(config,
  { id_token_hint: refreshed.id_token, post_logout_redirect_uri: bye, state: "s-2" }))
await lines.next()
"""
# Its own server, as the adapters of frameworks call Auth.js; says its port first, and then wants to know its app.
AUTH_JS = """
import { createServer } from "node:http"
import { createInterface } from "node:readline/promises"
import { text } from "node:stream/consumers"
import { Auth } from "@auth/core"

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
let url, config
const asked = (path, request) => Auth(new Request(new URL(path, url), request), config)
const server = createServer(async (incoming, outgoing) => {
  const { method, headers } = incoming
  const body = method === "POST" ? await text(incoming) : undefined
  const shown = incoming.url === "/" ? "/auth/session" : incoming.url
  const answer = await asked(shown, { method, headers, body })
  outgoing.writeHead(answer.status, [...answer.headers].flat()).end(await answer.text())
}).listen(0, "127.0.0.1", async () => {
  console.log(server.address().port)
  const { issuer, client_id, client_secret } = JSON.parse((await lines.next()).value)
  url = `http://127.0.0.1:${server.address().port}`
  config = { basePath: "/auth", secret: "of the app, and of nobody else", trustHost: true, providers: [{
    id: "gatepost", name: "Gatepost", type: "oidc", issuer, clientId: client_id, clientSecret: client_secret,
    checks: ["pkce", "state", "nonce"], idToken: false, style: { logo: "" } }] }  // else one of authjs.dev
  console.log("ready")
})
"""


@pytest.fixture
def owner(deployment: Deployment) -> Newcomer:
    return newcomer(deployment)


def line_of(running: subprocess.Popen[str]) -> Any:
    assert running.stdout
    return json.loads(running.stdout.readline())


def tell(running: subprocess.Popen[str], line: str) -> None:
    print(line, file=running.stdin, flush=True)


@pytest.mark.browser
def test_openid_client_registers_itself_signs_in_and_out(
    deployment: Deployment, owner: Newcomer, tmp_path: Path
) -> None:
    given = {"issuer": deployment.base_url, "redirect_uri": CALLBACK, "bye": BYE, "scope": SCOPE}
    algorithms = {"id_token_alg": "ES256", "userinfo_alg": "RS256"}
    with in_node(OPENID_CLIENT, tmp_path, json.dumps({**given, **algorithms})) as running:
        tell(running, owner.allowed(line_of(running)))
        known = line_of(running)

        assert known["claims"]["sub"] == known["again"] == known["userinfo"]["sub"]
        assert known["userinfo"]["preferred_username"] == owner.name
        assert (known["userinfo"]["email"], known["userinfo"]["email_verified"]) == (owner.email, False)
        assert known["userinfo"]["aud"] == known["claims"]["aud"], "not signed"
        assert known["alg"] == "ES256"
        assert owner.is_signed_in()
        answer = owner.browser.get(line_of(running))
        assert answer.status_code == 200  # nobody vouches for the app: it is left to a press
        assert f'href="{BYE}?state=s-2"' in answer.text
        assert not owner.is_signed_in()


@pytest.mark.browser
def test_auth_js_signs_in_with_pkce_state_and_nonce_and_keeps_the_user(
    deployment: Deployment, owner: Newcomer, page: Page, tmp_path: Path
) -> None:
    with in_node(AUTH_JS, tmp_path) as running:
        url = f"http://127.0.0.1:{line_of(running)}"
        client_id, secret = owner.created(url, redirect_uris=f"{url}/auth/callback/gatepost")
        tell(running, json.dumps({"issuer": deployment.base_url, "client_id": client_id, "client_secret": secret}))
        assert running.stdout
        assert running.stdout.readline() == "ready\n"

        page.goto(f"{url}/auth/signin?callbackUrl=/")
        with page.expect_request(lambda request: "/developer/auth?" in request.url) as asked:
            page.get_by_role("button", name="Sign in with Gatepost").click()
        assert all(f"{name}=" in asked.value.url for name in ("state", "nonce", "code_challenge"))
        enter(page, owner.name, owner.password)
        page.get_by_role("button", name="Allow").click()
        expect(page.get_by_text(owner.email)).to_be_visible()
        session = json.loads(page.locator("body").inner_text())
        assert session["user"] == {"name": owner.name, "email": owner.email}

        page.goto(f"{url}/auth/signout?callbackUrl=/")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_text("null")).to_be_visible()


@pytest.fixture
def flask_app(deployment: Deployment, owner: Newcomer, monkeypatch: pytest.MonkeyPatch) -> flask.Flask:
    """An app as Authlib's documentation has it."""
    client_id, secret = owner.created("http://localhost/", redirect_uris=CALLBACK, post_logout_redirect_uris=BYE)
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    app = flask.Flask("an app")
    app.secret_key = "of the app"
    oauth = OAuth(app)
    oauth.register(
        "gatepost",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{deployment.base_url}/.well-known/openid-configuration",
        client_kwargs={"scope": SCOPE, "code_challenge_method": "S256"},
    )

    @app.get("/login")
    def login() -> Any:
        return oauth.gatepost.authorize_redirect(CALLBACK)

    @app.get("/callback")
    def callback() -> Any:
        token = oauth.gatepost.authorize_access_token()
        flask.session["id_token"] = token["id_token"]
        again = oauth.gatepost.fetch_access_token(grant_type="refresh_token", refresh_token=token["refresh_token"])
        return {"claims": token["userinfo"], "userinfo": oauth.gatepost.userinfo(token=again)}

    @app.get("/logout")
    def logout() -> Any:
        return oauth.gatepost.logout_redirect(BYE, id_token_hint=flask.session.pop("id_token"))

    @app.get("/bye")
    def bye() -> Any:
        return oauth.gatepost.validate_logout_response()

    return app


def test_authlib_signs_in_and_out(flask_app: flask.Flask, owner: Newcomer) -> None:
    with flask_app.test_client() as app:
        known = app.get(owner.allowed(app.get("/login").headers["Location"])).get_json()

        assert known["claims"]["sub"] == known["userinfo"]["sub"]
        assert (known["userinfo"]["name"], known["userinfo"]["email"]) == (owner.name, owner.email)
        assert owner.is_signed_in()
        answer = owner.browser.get(app.get("/logout").headers["Location"])
        assert urlsplit(answer.headers["Location"]).path == "/bye"
        assert app.get(answer.headers["Location"]).get_json() == {"post_logout_redirect_uri": BYE}
        assert not owner.is_signed_in()
