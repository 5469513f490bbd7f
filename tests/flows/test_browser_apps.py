"""Apps in browsers: a real Chromium, pages of another origin, other people's clients and the console's own snippet."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gatepost.console.snippets import snippets_for
from gatepost.identifiers import new_secret
from gatepost.routes import (
    API_ACCOUNT,
    APPS_PAGE,
    DEMO_READ,
    INTROSPECT,
    JWKS,
    METADATA,
    REVOKE,
    TOKEN,
    WHOAMI,
    Route,
)
from infra.configuration.context import ROOT
from infra.local.deployment import Deployment
from tests.flows.browser_app import (
    OAUTH4WEBAPI,
    App,
    page_of,
    registered,
    shown,
    sign_in,
    sign_in_and_allow,
)
from tests.people import Client, Person

pytestmark = pytest.mark.browser

OF_OAUTH4WEBAPI = (
    OAUTH4WEBAPI.replace("ALGORITHM", '"oauth2"')
    + """
document.querySelector("button").onclick = async () => {
  const verifier = oauth.generateRandomCodeVerifier(), state = oauth.generateRandomState()
  sessionStorage.setItem("flow", JSON.stringify({ verifier, state }))
  const url = new URL(server.authorization_endpoint)
  url.search = new URLSearchParams({ response_type: "code", client_id, redirect_uri, scope: "read", state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256" })
  location.assign(url)
}
document.querySelector("button").disabled = false
if (location.search) {
  const { verifier, state } = JSON.parse(sessionStorage.getItem("flow"))
  const params = oauth.validateAuthResponse(server, client, new URL(location), state)
  const got = await oauth.authorizationCodeGrantRequest(server, client, auth, params, redirect_uri, verifier, options)
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, got)
  const again = await oauth.refreshTokenGrantRequest(server, client, auth, tokens.refresh_token, options)
  const refreshed = await oauth.processRefreshTokenResponse(server, client, again)
  const read = await oauth.protectedResourceRequest(
    refreshed.access_token, "GET", new URL(api), undefined, undefined, options)
  const revoked = await oauth.revocationRequest(server, client, auth, refreshed.refresh_token, options)
  await oauth.processRevocationResponse(revoked)
  let refused = ""
  try {
    const late = await oauth.refreshTokenGrantRequest(server, client, auth, refreshed.refresh_token, options)
    await oauth.processRefreshTokenResponse(server, client, late)
  } catch (error) { refused = error.error }
  document.querySelector("pre").textContent = JSON.stringify({ user: await read.json(), refused })
}
"""
)
OF_OIDC_CLIENT_TS = """
const { issuer, client_id, redirect_uri, api } = SETTINGS
const manager = new oidc.UserManager({ authority: issuer, client_id, redirect_uri, scope: "read",
  loadUserInfo: false, automaticSilentRenew: false, monitorSession: false })
document.querySelector("button").onclick = () => manager.signinRedirect()
document.querySelector("button").disabled = false
if (location.search) {
  await manager.signinRedirectCallback()
  const refreshed = await manager.signinSilent()
  const read = await fetch(api, { headers: { Authorization: `Bearer ${refreshed.access_token}` } })
  const user = await read.json()
  await manager.revokeTokens(["refresh_token"])
  const endpoint = await manager.metadataService.getTokenEndpoint()
  const late = await fetch(endpoint, { method: "POST", body: new URLSearchParams(
    { grant_type: "refresh_token", client_id, refresh_token: refreshed.refresh_token }) })
  document.querySelector("pre").textContent = JSON.stringify({ user, refused: (await late.json()).error })
}
"""
# The response as a script sees it: status, body and readable headers, or the error that hides all of it.
SEEN = """async ([url, options]) => {
  try {
    const response = await fetch(url, options)
    const text = await response.text()
    return { status: response.status, text, headers: Object.fromEntries(response.headers) }
  } catch (error) { return { error: error.name } }
}"""
HIDDEN = {"error": "TypeError"}


@pytest.fixture
def browser_client(deployment: Deployment, person: Person, app: App) -> Client:
    """Register an app for a browser: public, with one redirect URI."""
    return registered(deployment, person, app)


@pytest.mark.parametrize("script", [OF_OAUTH4WEBAPI, OF_OIDC_CLIENT_TS], ids=["oauth4webapi", "oidc-client-ts"])
def test_other_peoples_clients_do_the_whole_flow_from_another_origin(
    deployment: Deployment, page: Page, person: Person, app: App, browser_client: Client, script: str
) -> None:
    app.html = page_of(script, deployment, browser_client, app, api=deployment.base_url + WHOAMI.path)

    sign_in_and_allow(page, app, person)

    assert shown(page) == {
        "user": {
            "sub": person.user.user_id,
            "client_id": browser_client.app.client_id,
            "scope": "read",
        },
        "refused": "invalid_grant",
    }


def test_the_script_of_the_documentation_signs_in_when_its_page_opens(
    deployment: Deployment, page: Page, person: Person, app: App, browser_client: Client
) -> None:
    document = (ROOT / "docs" / "integrate.md").read_text()
    script = document.partition("```js\n")[2].partition("```")[0]
    script = script.replace("http://localhost:8080", deployment.base_url).replace("KEY", browser_client.app.client_id)
    script = script.replace("http://localhost:5173/", app.redirect_uri)
    app.html = f"<!doctype html><script src=/oidc-client-ts.js></script><body><script type=module>{script}</script>"

    page.goto(app.url)
    sign_in(page, person)

    expect(page.locator("body")).to_contain_text(f'"sub":"{person.user.user_id}"')
    assert page.url == app.redirect_uri


def seen(page: Page, deployment: Deployment, route: Route, **options: Any) -> dict[str, Any]:
    """Return the part of a response that a script of the page can read."""
    found: dict[str, Any] = page.evaluate(SEEN, [deployment.base_url + route.path, {"method": route.method, **options}])
    return found


def form(**fields: str) -> dict[str, Any]:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return {"headers": headers, "body": "&".join(f"{name}={value}" for name, value in fields.items())}


def test_a_script_reads_its_own_mistakes_and_no_guess(
    deployment: Deployment, page: Page, person: Person, client: Client, app: App
) -> None:
    page.goto(app.url)
    own = {"client_id": client.app.client_id, "client_secret": client.secret}
    code = seen(page, deployment, TOKEN, **form(grant_type="authorization_code", code="x", redirect_uri="x", **own))
    as_json = seen(page, deployment, TOKEN, headers={"Content-Type": "application/json"}, body="{}")

    assert (code["status"], json.loads(code["text"])["error"]) == (400, "invalid_grant")
    assert (as_json["status"], json.loads(as_json["text"])["error"]) == (400, "invalid_request")
    for password in (person.password, "x"):
        guess = form(grant_type="password", username=person.name, password=password, **own)
        assert seen(page, deployment, TOKEN, **guess) == HIDDEN
    assert seen(page, deployment, TOKEN, **form(grant_type="client_credentials", **own)) == HIDDEN


def test_a_script_reads_the_challenge_and_no_answer_with_cookies(
    deployment: Deployment, page: Page, client: Client, app: App
) -> None:
    page.goto(app.url)
    wrong = {"Authorization": "Basic eDp5", "Content-Type": "application/x-www-form-urlencoded"}
    refused = seen(page, deployment, REVOKE, headers=wrong, body="token=x")

    assert (refused["status"], refused["headers"]["www-authenticate"]) == (
        401,
        'Basic realm="gatepost", charset="UTF-8"',
    )
    for route in (METADATA, JWKS):
        assert seen(page, deployment, route)["status"] == 200
        assert seen(page, deployment, route, credentials="include") == HIDDEN
    assert seen(page, deployment, REVOKE, **form(token="x", client_id="x"), credentials="include") == HIDDEN


def test_a_script_reads_a_protected_route_with_its_token_and_nothing_of_a_refusal(
    deployment: Deployment, page: Page, person: Person, client: Client, app: App
) -> None:
    page.goto(app.url)
    token = client.tokens(person)["access_token"]
    bearer = {"headers": {"Authorization": f"Bearer {token}"}}

    for route in (WHOAMI, DEMO_READ):
        assert json.loads(seen(page, deployment, route, **bearer)["text"])["sub"] == person.user.user_id
        assert seen(page, deployment, route) == HIDDEN  # API Gateway's own 401, as on AWS
        assert seen(page, deployment, route, headers={"Authorization": "Bearer x"}) == HIDDEN  # and its 403


def test_a_script_reads_no_page_no_introspection_and_nothing_of_the_consumer_api(
    deployment: Deployment, page: Page, person: Person, client: Client, app: App
) -> None:
    page.goto(app.url)
    token = client.tokens(person)["access_token"]
    own = {"client_id": client.app.client_id, "client_secret": client.secret}

    assert seen(page, deployment, INTROSPECT, **form(token=token, **own)) == HIDDEN
    assert seen(page, deployment, API_ACCOUNT, headers={"Authorization": f"Bearer {token}"}) == HIDDEN
    assert seen(page, deployment, APPS_PAGE) == HIDDEN


def test_the_snippet_of_the_console_runs_in_a_browser(
    deployment: Deployment, page: Page, person: Person, app: App, browser_client: Client
) -> None:
    snippets = snippets_for(browser_client.app, deployment.settings, verifier=new_secret())
    app.html = next(each.code for each in snippets if each.id == "browser")

    sign_in_and_allow(page, app, person)

    assert shown(page) == {
        "sub": person.user.user_id,
        "client_id": browser_client.app.client_id,
        "scope": "read write",
    }
    assert page.url == app.redirect_uri  # the code is gone from the address


def test_the_snippet_takes_no_answer_that_it_did_not_ask_for(
    deployment: Deployment, page: Page, app: App, browser_client: Client
) -> None:
    snippets = snippets_for(browser_client.app, deployment.settings, verifier=new_secret())
    app.html = next(each.code for each in snippets if each.id == "browser")

    page.goto(f"{app.redirect_uri}?code=planted&state=planted&iss={deployment.base_url}")

    expect(page.locator("pre")).to_have_text("This page did not start that sign-in.")
    assert "planted" not in page.url
