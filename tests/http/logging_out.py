"""Apps that send a browser to the logout endpoint, and the pages that it shows."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import requests

from gatepost.oidc.app_details import OpenIDDetails
from gatepost.routes import OPENID_LOGOUT
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of
from tests.http.openid import SCOPES, tokens_in
from tests.people import Client, Person, new_client

BYE = "https://client.example.test/bye"
ELSEWHERE = {"Origin": "https://client.example.test", "Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Known:
    """A browser in which somebody signed in to an app, and what the app got."""

    browser: Browser
    app: Client
    id_token: str
    access_token: str

    def asks(self, **parameters: str) -> requests.Response:
        """The app sends the browser to the logout endpoint."""
        return self.browser.get(f"{OPENID_LOGOUT.path}?{urlencode(parameters)}")

    def asks_back(self, **parameters: str) -> requests.Response:
        """The same with the app's ID token and URI, unless `parameters` differ."""
        return self.asks(**{"id_token_hint": self.id_token, "post_logout_redirect_uri": BYE, **parameters})

    @property
    def signed_in(self) -> bool:
        """Whether the browser still has its session, as the app finds out."""
        answer = answer_of(self.browser.get(self.app.authorize_path(scope="openid", prompt="none")))
        assert answer.get("error") in (None, "login_required")
        return "code" in answer


def returning(deployment: Deployment, owner: Person) -> Client:
    """An app that has registered where to go after a logout."""
    details = OpenIDDetails(post_logout_redirect_uris=(BYE,))
    return new_client(deployment, owner, scope=SCOPES, openid=details)


def known_to(app: Client, person: Person) -> Known:
    browser = Browser(app.deployment.base_url)
    browser.sign_in(person.name, person.password)
    tokens = tokens_in(browser, app)
    return Known(browser=browser, app=app, id_token=tokens["id_token"], access_token=tokens["access_token"])


def sent_to(answer: requests.Response) -> str:
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def says_signed_out(answer: requests.Response) -> bool:
    return answer.status_code == 200 and "<h1>You are signed out</h1>" in answer.text


def asks_the_user(answer: requests.Response) -> bool:
    return answer.status_code == 200 and "Sign out of <bdi>Gatepost</bdi>?" in answer.text


def say_yes(browser: Browser, page: requests.Response) -> requests.Response:
    return browser.submit(page, OPENID_LOGOUT.path)
