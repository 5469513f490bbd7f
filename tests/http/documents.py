"""Apps that publish a metadata document, on a server of this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import requests

from gatepost.model.records import ACTIVE, DOCUMENTS, App
from gatepost.scope import Scope
from gatepost.stores.record_keys import app_key
from infra.local.deployment import Deployment
from tests.answers import assert_page
from tests.browsing import Browser
from tests.people import CALLBACK, Client

JSON = "application/json"
PKCE = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


@dataclass(frozen=True)
class Published:
    """A response of the server."""

    body: str | bytes
    status: int = 200
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


class Publisher:
    """A web server: what it responds by path, and which paths were requested."""

    def __init__(self) -> None:
        self.pages: dict[str, Published] = {}
        self.requested: list[str] = []
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                publisher.requested.append(self.path)
                found = publisher.pages.get(self.path, Published("nothing here", 404, "text/plain"))
                body = found.body.encode() if isinstance(found.body, str) else found.body
                self.send_response(found.status)
                sent = (("Content-Type", found.content_type), ("Content-Length", str(len(body))), *found.headers)
                for name, value in sent:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base_url = f"http://127.0.0.1:{self.server.server_port}"
        self._numbers = 0

    def publish(self, deployment: Deployment, **changes: Any) -> Client:
        """Publish a document at a new URL; return the app that it is of."""
        self._numbers += 1
        path = f"/{self._numbers}/client.json"
        self.write(path, **changes)
        return client_at(deployment, self.base_url + path)

    def write(self, path: str, *, cache_control: str = "max-age=3600", **changes: Any) -> None:
        members = {
            "client_id": self.base_url + path,
            "client_name": "Tool of a stranger",
            "redirect_uris": [CALLBACK, "http://localhost/cb"],
            "token_endpoint_auth_method": "none",
            "logo_uri": f"{self.base_url}/logo.png",
            "jwks_uri": f"{self.base_url}/jwks",
            **changes,
        }
        self.pages[path] = Published(json.dumps(members), headers=(("Cache-Control", cache_control),))


def client_at(deployment: Deployment, url: str) -> Client:
    """Return the app as its developer uses it: the URL is its `client_id`."""
    app = App(
        client_id=url, owner=DOCUMENTS, name="", url="", grant_types=(), confidential=False, scope=Scope(),
        status=ACTIVE, created_at=0,
    )  # fmt: skip
    return Client(deployment=deployment, app=app._replace(document_url=url), secret="")


@contextmanager
def publishing() -> Iterator[Publisher]:
    """Serve documents until the block ends."""
    publisher = Publisher()
    Thread(target=publisher.server.serve_forever, daemon=True).start()
    try:
        yield publisher
    finally:
        publisher.server.shutdown()
        publisher.server.server_close()


def record_of(app: Client) -> App | None:
    found: App | None = app.deployment.store.read(app_key(app.app.client_id))[0]
    return found


def outdate(app: Client) -> None:
    """Let the document be one that has to be fetched again."""
    known = record_of(app)
    assert known is not None
    table = app.deployment.tables["apps"]
    app.deployment.client("dynamodb").update_item(
        TableName=table,
        Key={"client_id": {"S": known.client_id}},
        UpdateExpression="SET fresh_until = :past",
        ExpressionAttributeValues={":past": {"N": "1"}},
    )


def consent(browser: Browser, app: Client, **parameters: str) -> requests.Response:
    page = browser.get(app.authorize_path(**{**PKCE, **parameters}))
    assert page.status_code == 200, page.text
    return page


def message_of(page: requests.Response) -> str:
    assert_page(page)
    assert page.status_code == 400
    return page.text
