"""A person who uses the consumer API of a deployment."""

from __future__ import annotations

from typing import Any

import requests

from infra.local.deployment import Deployment
from tests.people import Person, new_client, new_person

WEATHER: dict[str, Any] = {
    "name": "Weather",
    "url": "https://weather.example.test",
    "redirect_uris": ["https://weather.example.test/cb"],
    "grant_types": ["authorization_code", "refresh_token"],
    "confidential": True,
    "scope": ["read"],
}
CHANGE = {name: value for name, value in WEATHER.items() if name != "confidential"}


class Consumer:
    """A person with a token for the API."""

    def __init__(self, deployment: Deployment, person: Person) -> None:
        self.deployment, self.person = deployment, person
        self.tool = new_client(deployment, new_person(deployment), name="API tool", scope=deployment.settings.scope)
        self.token: str = self.tool.tokens(person, scope="consumer")["access_token"]

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return requests.request(
            method, self.deployment.base_url + path, headers=headers, timeout=30, allow_redirects=False, **options
        )

    def created(self, **changes: Any) -> requests.Response:
        made = self.call("POST", "/consumer/app", json={**WEATHER, **changes})
        assert made.status_code == 201, made.text
        return made
