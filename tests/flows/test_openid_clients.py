"""Sign-in with OpenID Connect through other people's clients and in a real Chromium."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from gatepost.identifiers import new_id
from gatepost.oidc.app_details import OpenIDDetails
from gatepost.routes import LOGIN_PAGE, NEW_APP_PAGE, OPENID_LOGOUT, REGISTER_PAGE, WHOAMI
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.answers import PKCE
from tests.flows.browser_app import (
    PAGE,
    App,
    enter,
    page_of,
    registered,
    shown,
    sign_in,
    sign_in_and_allow,
)
from tests.people import Client, Person, new_person

pytestmark = pytest.mark.browser

OF_OAUTH4WEBAPI = """
import * as oauth from "/oauth4webapi.js"
const { issuer, client_id, redirect_uri, api } = SETTINGS
const options = { [oauth.allowInsecureRequests]: true }, at = new URL(issuer)
const discovered = async (algorithm) =>
  oauth.processDiscoveryResponse(at, await oauth.discoveryRequest(at, { algorithm, ...options }))
const server = await discovered("oidc"), plain = await discovered("oauth2")
const client = { client_id }, auth = oauth.None()
document.querySelector("button").onclick = async () => {
  const verifier = oauth.generateRandomCodeVerifier(), nonce = oauth.generateRandomNonce()
  const state = oauth.generateRandomState()
  sessionStorage.setItem("flow", JSON.stringify({ verifier, nonce, state }))
  const url = new URL(server.authorization_endpoint)
  url.search = new URLSearchParams({ response_type: "code", client_id, redirect_uri, nonce, state,
    scope: "openid profile email read", max_age: "600", code_challenge_method: "S256",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier) })
  location.assign(url)
}
document.querySelector("button").disabled = false
if (location.search) {
  const { verifier, nonce, state } = JSON.parse(sessionStorage.getItem("flow"))
  const params = oauth.validateAuthResponse(server, client, new URL(location), state)
  const got = await oauth.authorizationCodeGrantRequest(server, client, auth, params, redirect_uri, verifier, options)
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, got,
    { expectedNonce: nonce, maxAge: 600, requireIdToken: true })
  await oauth.validateApplicationLevelSignature(server, got, options)
  const { sub } = oauth.getValidatedIdTokenClaims(tokens)
  const asked = await oauth.userInfoRequest(server, client, tokens.access_token, options)
  const user = await oauth.processUserInfoResponse(server, client, sub, asked)
  const again = await oauth.refreshTokenGrantRequest(plain, client, auth, tokens.refresh_token, options)
  const refreshed = await oauth.processRefreshTokenResponse(server, client, again)
  const read = await oauth.protectedResourceRequest(
    refreshed.access_token, "GET", new URL(api), undefined, undefined, options)
  const revoked = await oauth.revocationRequest(plain, client, auth, refreshed.refresh_token, options)
  await oauth.processRevocationResponse(revoked)
  let refused = ""
  try {
    const late = await oauth.refreshTokenGrantRequest(server, client, auth, refreshed.refresh_token, options)
    await oauth.processRefreshTokenResponse(server, client, late)
  } catch (error) { refused = error.error }
  document.querySelector("pre").textContent = JSON.stringify({ sub, read: (await read.json()).sub, refused,
    again: oauth.getValidatedIdTokenClaims(refreshed).sub,
    name: user.preferred_username, email: user.email, verified: user.email_verified })
}
"""
OF_OIDC_CLIENT_TS = """
const { issuer, client_id, redirect_uri, bye, api } = SETTINGS
const manager = new oidc.UserManager({ authority: issuer, client_id, redirect_uri, max_age: 600,
  scope: "openid profile email read", post_logout_redirect_uri: bye, loadUserInfo: true,
  automaticSilentRenew: false, monitorSession: false })
document.querySelector("button").onclick = () => manager.signinRedirect({ nonce: "n-1" })
document.querySelector("button").disabled = false
if (location.pathname === "/callback") {
  const first = await manager.signinRedirectCallback(), second = await manager.signinSilent()
  const { sub, preferred_username, email } = first.profile
  const read = await fetch(api, { headers: { Authorization: `Bearer ${second.access_token}` } })
  await manager.revokeTokens(["refresh_token"])
  const endpoint = await manager.metadataService.getTokenEndpoint()
  const late = await fetch(endpoint, { method: "POST", body: new URLSearchParams(
    { grant_type: "refresh_token", client_id, refresh_token: second.refresh_token }) })
  await manager.signoutRedirect({ state: { preferred_username, email, refused: (await late.json()).error,
    same: sub === second.profile.sub && sub === (await read.json()).sub } })
} else if (location.search) {
  const { userState } = await manager.signoutRedirectCallback()
  document.querySelector("pre").textContent = JSON.stringify({ userState, user: await manager.getUser() })
}
"""


@pytest.fixture
def openid_client(deployment: Deployment, person: Person, app: App) -> Client:
    deployment.store.change_email(person.user, f"{person.name}@example.test", confirmed=True)
    details = OpenIDDetails(post_logout_redirect_uris=(f"{app.url}/",))
    return registered(deployment, person, app, scope=Scope.of("openid", "profile", "email", "read"), openid=details)


def test_oauth4webapi_verifies_a_sign_in_reads_its_claims_refreshes_and_revokes(
    deployment: Deployment, page: Page, person: Person, app: App, openid_client: Client
) -> None:
    app.html = page_of(OF_OAUTH4WEBAPI, deployment, openid_client, app, api=deployment.base_url + WHOAMI.path)

    sign_in_and_allow(page, app, person)

    user_id = person.user.user_id
    assert shown(page) == {
        "sub": user_id,
        "again": user_id,
        "read": user_id,
        "refused": "invalid_grant",
        "name": person.name,
        "email": f"{person.name}@example.test",
        "verified": True,
    }


def is_signed_in(page: Page, app: App, client: Client) -> bool:
    """Whether the browser has a session at the server, as the app finds out."""
    silent = client.authorize_path(scope="openid", prompt="none", redirect_uri=app.redirect_uri, **PKCE)
    with page.expect_request(lambda request: request.url.startswith(app.redirect_uri)) as answered:
        page.goto(client.deployment.base_url + silent, wait_until="commit")
    error = dict(parse_qsl(urlsplit(answered.value.url).query))["error"]
    return {"login_required": False, "consent_required": True}[error]  # a public app is asked for each time


def created_in_the_console(page: Page, deployment: Deployment, app: App, name: str) -> Client:
    """Create an account and then a public app by the forms, as a developer does."""
    page.goto(deployment.base_url + REGISTER_PAGE.path)
    page.get_by_label("User name").fill(name)
    page.get_by_label("E-mail").fill(f"{name}@example.test")
    page.get_by_label("Password").fill("a long password of mine")
    page.get_by_role("button", name="Create account").click()
    page.goto(deployment.base_url + NEW_APP_PAGE.path)
    page.get_by_label("Name", exact=True).fill("Notes")
    page.get_by_label("Website").fill(app.url)
    page.locator("#redirect_uris").fill(app.redirect_uri)
    page.locator("#post_logout_redirect_uris").fill(f"{app.url}/")
    for choice in (
        "Browser or native app",
        "Sign you in",
        "See your user name",
        "See your e-mail address",
        "Read your demo data",
    ):
        page.get_by_label(choice).check()
    page.get_by_role("button", name="Create app").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Notes")
    client_id = re.search(r"/developer/apps/([0-9a-f-]{36})", page.content())
    assert client_id
    (made,) = deployment.store.read(AppKey(client_id[1]))
    assert made
    return Client(deployment=deployment, app=made, secret="")


def test_oidc_client_ts_signs_in_refreshes_revokes_and_signs_out_as_an_app_of_the_console(
    deployment: Deployment, page: Page, app: App
) -> None:
    name = f"newcomer-{new_id()[:8]}"
    client = created_in_the_console(page, deployment, app, name)
    api = deployment.base_url + WHOAMI.path
    app.html = page_of(OF_OIDC_CLIENT_TS, deployment, client, app, bye=f"{app.url}/", api=api)

    page.goto(app.url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Allow").click()

    kept = {"preferred_username": name, "email": f"{name}@example.test", "same": True, "refused": "invalid_grant"}
    assert shown(page) == {"userState": kept, "user": None}
    app.html = PAGE
    assert not is_signed_in(page, app, client)


def test_a_posted_logout_of_another_site_finds_the_session_of_the_browser(
    deployment: Deployment, chromium: Chromium, person: Person, app: App, openid_client: Client
) -> None:
    """Without a script, and for another user first, so that the user's yes also leads back to the app."""
    context = chromium.new_context(java_script_enabled=False)
    page, bye = context.new_page(), f"{app.url}/"
    tokens = openid_client.tokens_with(new_person(deployment), app.redirect_uri, scope="openid")
    page.goto(deployment.base_url + LOGIN_PAGE.path)
    enter(page, person.name, person.password)
    assert is_signed_in(page, app, openid_client)
    fields = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": bye, "state": "s"}
    hidden = "".join(f'<input type=hidden name="{name}" value="{value}">' for name, value in fields.items())
    app.html = (
        f'<form method=post action="{deployment.base_url}{OPENID_LOGOUT.path}">{hidden}<button>Go</button></form>'
    )

    page.goto(bye)
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text(person.name)).to_be_visible()
    assert is_signed_in(page, app, openid_client)
    page.goto(bye)
    page.get_by_role("button", name="Go").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{bye}?state=s")
    assert not is_signed_in(page, app, openid_client)
    context.close()


def posting(app: App, client: Client) -> str:
    path = client.authorize_path(scope="openid", redirect_uri=app.redirect_uri, response_mode="form_post", **PKCE)
    return client.deployment.base_url + path


def test_a_posted_response_leaves_by_itself_and_without_a_script_by_its_button(
    chromium: Chromium, page: Page, person: Person, app: App, openid_client: Client
) -> None:
    page.goto(posting(app, openid_client))
    with page.expect_request(lambda request: request.url == app.redirect_uri) as sent:
        sign_in(page, person)
    assert sent.value.method == "POST"
    assert sorted(dict(parse_qsl(sent.value.post_data or ""))) == ["code", "iss", "state"]
    expect(page).to_have_url(app.redirect_uri)

    plain = chromium.new_context(java_script_enabled=False).new_page()
    plain.goto(posting(app, openid_client))
    sign_in(plain, person)
    with plain.expect_request(lambda request: request.url == app.redirect_uri) as sent:
        plain.get_by_role("button", name="Continue").click()
    assert sent.value.method == "POST"
    plain.context.close()
