"""Apps that nobody vouches for, in a real Chromium: what another site can cause, and where a press leads."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from gatepost.routes import LOGIN_PAGE
from infra.local.deployment import Deployment
from tests.flows.browser_app import App, enter
from tests.http.documents import PKCE, publishing
from tests.http.registering import INSPECTOR, stranger
from tests.people import Person

pytestmark = pytest.mark.browser


def test_s359_another_site_fetches_by_a_press_and_a_sign_in_by_itself(
    deployment: Deployment, page: Page, person: Person, app: App
) -> None:
    with publishing() as publisher:
        first, second = (publisher.publish(deployment, redirect_uris=[app.redirect_uri]) for _ in range(2))
        links = [
            deployment.base_url + each.authorize_path(redirect_uri=app.redirect_uri, **PKCE) for each in (first, second)
        ]
        app.html = "".join(f"<p><a href='{link}'>app {number}</a></p>" for number, link in enumerate(links))
        page.goto(app.url)
        page.get_by_role("link", name="app 0").click()
        enter(page, person.name, person.password)  # a redirect after our own form fetches
        expect(page.get_by_role("button", name="Allow")).to_be_visible()
        assert publisher.requested == ["/1/client.json"]

        page.goto(app.url)
        page.get_by_role("link", name="app 1").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Continue to an app?")
        assert publisher.requested == ["/1/client.json"]
        page.get_by_role("link", name="Continue").click()
        expect(page.get_by_role("button", name="Allow")).to_be_visible()
        assert publisher.requested == ["/1/client.json", "/2/client.json"]


@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_s357_s362_a_press_leads_to_the_app_with_the_error(
    deployment: Deployment, page: Page, person: Person, app: App, mode: str
) -> None:
    client = stranger(deployment, {**INSPECTOR, "redirect_uris": [app.redirect_uri]}).client
    path = client.authorize_path(redirect_uri=app.redirect_uri, scope="unheard-of", response_mode=mode, **PKCE)
    page.goto(deployment.base_url + LOGIN_PAGE.path)
    enter(page, person.name, person.password)
    page.goto(deployment.base_url + path)
    host = urlsplit(app.url).netloc
    expect(page.get_by_role("heading", level=1)).to_have_text("Continue to another site?")

    with page.expect_request(lambda request: request.url.startswith(app.redirect_uri)) as sent:
        page.get_by_role("link" if mode == "query" else "button", name=f"Continue to {host}").click()

    answered = sent.value.post_data if mode == "form_post" else sent.value.url
    assert "error=invalid_scope" in (answered or "")
