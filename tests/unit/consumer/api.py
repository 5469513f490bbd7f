"""The consumer API in this process: API Gateway's events, on the store in memory."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from gatepost.consumer.api import answer
from gatepost.consumer.problem_details import render_problem
from gatepost.http.entry_point import endpoint
from gatepost.model.records import App, Login, User
from gatepost.oauth.server import Server
from gatepost.routes import ROUTES
from gatepost.settings import Settings
from gatepost.stores.record_keys import AppKey, UserKey
from infra.local.apigateway.events import Match, Request, event
from tests.fakes import MemoryStore
from tests.fakes.keys import FixedKeys

SETTINGS = Settings(
    issuer="https://id.example.test",
    scopes={"read": "Read your data", "write": "Change your data", "consumer": "Manage your apps"},
    apps_per_user=3,
)
ALICE = User(
    user_id="alice-id", user_name="alice", email="alice@example.test", status="active", created_at=1_700_000_000
)
MALLORY = User(user_id="mallory-id", user_name="mallory", status="active", created_at=1_700_000_000)
WEATHER: dict[str, Any] = {
    "name": "Weather",
    "url": "https://weather.example.test",
    "redirect_uris": ["https://weather.example.test/cb"],
    "grant_types": ["authorization_code", "refresh_token"],
    "confidential": True,
    "scope": ["read"],
}
NOWHERE = "0a0b0c0d-0000-4000-8000-000000000000"
PROBLEM = "application/problem+json"
CHANGE = {name: value for name, value in WEATHER.items() if name != "confidential"}


@dataclass(frozen=True)
class Answer:
    """A response; header names in lower case."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def fields(self) -> list[str]:
        """The fields that a problem names."""
        return [each["field"] for each in self.json["errors"]]


class Api:
    """One server with two users."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self.settings = SETTINGS
        self.store = store or MemoryStore()
        for user in (ALICE, MALLORY):
            self.store.create_user(user, Login(user_id=user.user_id, password_hash="x"))

    def call(
        self,
        method: str,
        path: str,
        document: Any = None,
        *,
        user: User | None = ALICE,
        raw: bytes | None = None,
        **headers: str,
    ) -> Answer:
        """Send a request with a token of `user`, or an app's own if that is None; `headers` with `_` for `-`."""
        body = raw if raw is not None else b"" if document is None else json.dumps(document).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body and "content-type" not in named:
            named["content-type"] = "application/json"
        return self.send(method, path, body, named, user)

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str], user: User | None) -> Answer:
        path, _, query = path.partition("?")
        request = Request(
            method=method,
            path=path,
            query=query,
            headers=tuple(headers.items()),
            body=body,
            source_ip="192.0.2.1",
            protocol="HTTP/1.1",
            request_id="request-1",
            host="id.example.test",
        )
        claims = {
            "sub": user.user_id if user else "client-1",
            "client_id": "client-1",
            "scope": "consumer",
            "grant_id": f"{user.user_id}.g" if user else "",
        }
        match = match_of(method, path)
        return self.handle(event(request, match, api_id="api", authorizer=claims))

    def handle(self, sent: dict[str, Any]) -> Answer:
        server = Server(settings=self.settings, store=self.store, keys=FixedKeys(None))  # type: ignore[arg-type]

        @endpoint("consumer", render_problem)
        def handler(request: Any) -> Any:
            return answer(request, server=server)

        answered = handler(json.loads(json.dumps(sent)), None)
        headers = {name.lower(): value for name, value in answered["headers"].items()}
        return Answer(answered["statusCode"], headers, answered["body"])

    def created(self, *, user: User = ALICE, **changes: Any) -> Answer:
        made = self.call("POST", "/consumer/app", {**WEATHER, **changes}, user=user)
        assert made.status == 201, made.text
        return made

    def app(self, client_id: str) -> App:
        (app,) = self.store.read(AppKey(client_id))
        assert isinstance(app, App)
        return app

    def change_user(self, user: User, **changes: Any) -> None:
        self.store._records[UserKey(user.user_id)] = user._replace(**changes)

    def set(self, **changes: Any) -> None:
        self.settings = self.settings._replace(**changes)


def match_of(method: str, path: str) -> Match:
    """Return the route that API Gateway matches: exact paths first."""
    for route in sorted((each for each in ROUTES if each.function == "consumer"), key=lambda each: "{" in each.path):
        found = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", route.path), path)
        if found and route.method == method:
            return Match(key=route.key, parameters={name: unquote(value) for name, value in found.groupdict().items()})
    raise AssertionError(f"no route for {method} {path}")
