"""The demo apps' own pages, the targets of authorize links."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
import requests

from gatepost.routes import DEMO_NOTES
from infra.local.deployment import Deployment
from tests.browsing import Browser


def signed_in(deployment: Deployment, link: str) -> str:
    """Return the redirect after sign-in and approval, the first time or a later one."""
    browser = Browser(deployment.base_url)
    user = deployment.demo["users"][1]
    after = browser.sign_in(user["username"], user["password"], link.removeprefix(deployment.base_url))
    page = browser.get(after.headers["Location"])
    location: str = (page if page.is_redirect else browser.decide(page, "allow")).headers["Location"]
    return location


@pytest.mark.parametrize("number", [0, 1])
def test_the_link_of_each_demo_app_ends_at_the_protected_route(deployment: Deployment, number: int) -> None:
    link = deployment.client_app.authorize_link(deployment.facts.apps[number])
    page = requests.get(signed_in(deployment, link), timeout=30)
    assert page.status_code == 200
    assert "<h1>Authorized</h1>" in page.text
    assert "The token response (200)" in page.text
    assert "GET /demo/read with the token (200)" in page.text


def test_the_link_for_the_notes_ends_at_a_route_that_no_other_token_opens(deployment: Deployment) -> None:
    link = deployment.client_app.authorize_link(deployment.facts.apps[0], route=DEMO_NOTES)
    page = requests.get(signed_in(deployment, link), timeout=30)
    assert page.status_code == 200
    assert "GET /demo/notes with the token (200)" in page.text
    assert "GET /demo/read with the token (403)" in page.text


def test_the_implicit_link_ends_at_the_protected_route(deployment: Deployment) -> None:
    link = deployment.client_app.authorize_link(deployment.facts.apps[0], "token")
    arrived = urlsplit(signed_in(deployment, link))
    waiting = requests.get(f"{deployment.client_app.url}{arrived.path}", timeout=30)
    assert "location.hash" in waiting.text
    page = requests.post(f"{deployment.client_app.url}/implicit", data={"fragment": arrived.fragment}, timeout=30)
    assert "GET /demo/read with the token (200)" in page.text


def test_an_answer_that_the_app_did_not_ask_for_is_refused(deployment: Deployment) -> None:
    page = requests.get(f"{deployment.client_app.url}/callback?code=x&state=unknown", timeout=30)
    assert page.status_code == 400
    assert "the state is unknown" in page.text


def test_an_answer_of_another_issuer_is_refused(deployment: Deployment) -> None:
    link = deployment.client_app.authorize_link(deployment.facts.apps[0])
    state = link.partition("state=")[2].partition("&")[0]
    url = f"{deployment.client_app.url}/callback"
    page = requests.get(url, params={"code": "x", "state": state, "iss": "https://evil.example"}, timeout=30)
    assert page.status_code == 400
    assert "another issuer" in page.text


def test_the_home_page_links_every_way_to_sign_in(deployment: Deployment) -> None:
    page = requests.get(deployment.client_app.url, timeout=30).text
    assert page.count("response_type=code") == 3
    assert page.count("resource=http%3A%2F%2Flocalhost") == 1
    assert page.count("response_type=token") == 1
