"""An issuer on loopback that can be down, return wrong data, and record its requests; and its tokens."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from gatepost.resource_server import guard_wiring as guarding
from gatepost.resource_server.protection import Protection
from gatepost.runtime import environment
from gatepost.settings import Settings
from gatepost.tokens.signing_keys import SigningKey
from tests.unit.tokens.forge import ES256, signed

AUDIENCE = "https://reports.example.test"
METADATA = "/.well-known/oauth-authorization-server"
JWKS = "/.well-known/jwks.json"
Answer = tuple[int, dict[str, str], bytes]


class LocalIssuer:
    """An issuer that serves `answers` by path, and 404 otherwise."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.answers: dict[str, Answer] = {}
        self.say(METADATA, {"issuer": self.url, "jwks_uri": self.url + JWKS})
        self.publish(ES256)

    def say(self, path: str, document: object, status: int = 200, **headers: str) -> None:
        self.answers[path] = (status, headers, json.dumps(document).encode())

    def publish(self, *keys: SigningKey) -> None:
        self.say(JWKS, {"keys": [json.loads(key.public().jwk) for key in keys]})

    def token(self, *, lifetime: int = 300, **claims: object) -> str:
        now = int(time.time())
        whole: dict[str, Any] = {
            "iss": self.url,
            "sub": "alice-id",
            "aud": AUDIENCE,
            "client_id": "web",
            "scope": "reports.read",
            "jti": "the-jti",
            "iat": now,
            "exp": now + lifetime,
            "grant_id": "alice-id.g",
        }
        return signed({name: value for name, value in {**whole, **claims}.items() if value is not None})

    @contextmanager
    def running(self) -> Iterator[LocalIssuer]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                issuer.headers.append(dict(self.headers))
                status, headers, body = issuer.answers.get(self.path, (404, {}, b"{}"))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@contextmanager
def trusted(protection: Protection, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalIssuer]:
    """Run an issuer, in the environment of a protected function that trusts it."""
    with LocalIssuer().running() as running:
        settings = Settings(issuer=running.url, audience=AUDIENCE, scope_implies={"reports": ["reports.read"]})
        environ = settings.to_env("issuer", "audience", "scope_implies")
        with told(environ | protection.to_env(), monkeypatch):
            yield running


@contextmanager
def told(environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Return the state of a fresh container of a protected API: its environment, and nothing from before."""
    parts = (environment.settings, guarding.protection, guarding.watch)
    with monkeypatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        for part in parts:
            part.cache_clear()
        yield
    for part in parts:
        part.cache_clear()
