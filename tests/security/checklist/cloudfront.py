"""CloudFront in front of a local deployment: it adds CloudFront's headers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import requests

from gatepost.routes import LOGIN, LOGIN_PAGE, TOKEN, Route
from infra.local.deployment import Deployment
from tests.browsing import Browser, form_of
from tests.conftest import TEST_SETTINGS
from tests.people import Client, Person

EDGE = {
    **TEST_SETTINGS,
    "edge": True,
    "domain_name": "auth.example.test",
    "edge_certificate_arn": "arn:aws:acm:us-east-1:111122223333:certificate/0",
    "network_attempts_free": 3,
    "attempts_free": 3,
}
ISSUER = "https://auth.example.test"
ONE, OTHER, SIXTH = "198.51.100.1", "198.51.100.2", "2001:db8:1:2::7"


@dataclass(frozen=True)
class Edge:
    """CloudFront before a deployment."""

    deployment: Deployment

    @property
    def slots(self) -> dict[str, str]:
        secrets = self.deployment.client("secretsmanager")
        text = secrets.get_secret_value(SecretId=self.deployment.secret_arn("edge"))["SecretString"]
        slots: dict[str, str] = json.loads(text)
        return slots

    def fill(self, **slots: str) -> None:
        text = json.dumps({**self.slots, **slots})
        secrets = self.deployment.client("secretsmanager")
        secrets.put_secret_value(SecretId=self.deployment.secret_arn("edge"), SecretString=text)

    def headers(self, viewer: str = ONE, slot: str = "a") -> dict[str, str]:
        """Return the headers that CloudFront adds to a request of `viewer`."""
        return {"X-Gatepost-Edge": self.slots[slot], "X-Gatepost-Viewer": viewer, "Origin": ISSUER}

    def call(self, route: Route, headers: dict[str, str], **options: Any) -> requests.Response:
        url = self.deployment.base_url + route.at(
            **dict.fromkeys(("client_id", "secret_id", "user_id", "session_id", "name", "page+"), "x")
        )
        return requests.request(route.method, url, headers=headers, allow_redirects=False, timeout=30, **options)

    def told_to_wait(self, client: Client, headers: dict[str, str]) -> bool:
        """Whether one more wrong secret from there is throttled."""
        form = {"grant_type": "client_credentials", "client_id": client.app.client_id, "client_secret": "wrong"}
        answer = self.call(TOKEN, headers, data=form)
        assert answer.status_code == 401
        return "Retry-After" in answer.headers

    def sign_in(self, person: Person, viewer: str) -> requests.Response:
        """Sign in with an unknown browser."""
        browser, headers = Browser(self.deployment.base_url), self.headers(viewer)
        form = form_of(browser.get(LOGIN_PAGE.path, headers=headers), LOGIN.path)
        fields = {**form.fields, "user_name": person.name, "password": person.password}
        return browser.post(form.action, fields, headers=headers)
