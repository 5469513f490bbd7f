"""Apps in browsers: a real Chromium, pages of another origin, and the scripts of the documentation and the console."""

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
    REVOKE,
    TOKEN,
    Route,
)
from infra.configuration.context import ROOT
from infra.local.deployment import Deployment
from tests.flows.browser_app import (
    App,
    registered,
    shown,
    sign_in,
    sign_in_and_allow,
)
from tests.people import Client, Person

pytestmark = pytest.mark.browser

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


def test_a_script_of_another_origin_reads_what_is_for_any_origin_and_nothing_that_answers_a_guess_or_a_cookie(
    deployment: Deployment, page: Page, person: Person, client: Client, app: App
) -> None:
    page.goto(app.url)
    own = {"client_id": client.app.client_id, "client_secret": client.secret}
    code = seen(page, deployment, TOKEN, **form(grant_type="authorization_code", code="x", redirect_uri="x", **own))
    assert (code["status"], json.loads(code["text"])["error"]) == (400, "invalid_grant")
    guess = form(grant_type="password", username=person.name, password=person.password, **own)
    assert seen(page, deployment, TOKEN, **guess) == HIDDEN

    wrong = {"Authorization": "Basic eDp5", "Content-Type": "application/x-www-form-urlencoded"}
    refused = seen(page, deployment, REVOKE, headers=wrong, body="token=x")
    challenge = 'Basic realm="gatepost", charset="UTF-8"'
    assert (refused["status"], refused["headers"]["www-authenticate"]) == (401, challenge)
    assert seen(page, deployment, JWKS)["status"] == 200
    assert seen(page, deployment, JWKS, credentials="include") == HIDDEN

    token = client.tokens(person)["access_token"]
    bearer = {"headers": {"Authorization": f"Bearer {token}"}}
    assert json.loads(seen(page, deployment, DEMO_READ, **bearer)["text"])["sub"] == person.user.user_id
    assert seen(page, deployment, DEMO_READ) == HIDDEN  # API Gateway's own 401, as on AWS
    assert seen(page, deployment, DEMO_READ, headers={"Authorization": "Bearer x"}) == HIDDEN  # and its 403
    assert seen(page, deployment, INTROSPECT, **form(token=token, **own)) == HIDDEN
    assert seen(page, deployment, API_ACCOUNT, **bearer) == HIDDEN
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
