"""A person who uses a deployment as it is: an account by the form, and apps by the console's form."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from gatepost.identifiers import new_id
from gatepost.routes import ACCOUNT_PAGE, CREATE_APP, NEW_APP_PAGE, REGISTER, REGISTER_PAGE
from infra.local.deployment import Deployment
from tests.browsing import Browser, post

SCOPES = ("openid", "profile", "email")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Newcomer:
    """Somebody who created an account just now, with the browser in which they are signed in."""

    browser: Browser
    name: str
    email: str
    password: str

    def created(self, url: str, **fields: str) -> tuple[str, str]:
        """Create an app in the console; return its client_id and its secret."""
        known = {
            "name": f"App of {self.name} {next(_numbers)}",
            "url": url,
            "kind": "confidential",
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": SCOPES,
            "id_token_signed_response_alg": "RS256",
            "userinfo_signed_response_alg": "",
        }
        made = post(self.browser, NEW_APP_PAGE.path, CREATE_APP.path, **{**known, **fields})
        assert made.status_code == 200, made.text
        client_id = re.search(r"/developer/apps/([0-9a-f-]{36})", made.text)
        secret = re.search(r">([A-Za-z0-9_-]{43})<", made.text)
        assert client_id
        assert secret
        return client_id[1], secret[1]

    def allowed(self, link: str) -> str:
        """Follow an app's link in the browser and allow what it asks for; return the redirect back."""
        return self.browser.decide(self.browser.get(link), "allow").headers["Location"]

    def is_signed_in(self) -> bool:
        return self.browser.get(ACCOUNT_PAGE.path).status_code == 200


def newcomer(deployment: Deployment) -> Newcomer:
    name = f"newcomer-{new_id()[:8]}"
    typed = {"user_name": name, "email": f"{name}@example.test", "password": "a long password of mine"}
    browser = Browser(deployment.base_url)
    answer = browser.submit(browser.get(REGISTER_PAGE.path), REGISTER.path, **typed)
    assert answer.status_code == 303, answer.text
    return Newcomer(browser=browser, name=name, email=typed["email"], password=typed["password"])
