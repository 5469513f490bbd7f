"""The sources of credentials, and their refresh."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from gatepost.aws.container_credentials import ContainerCredentials
from gatepost.aws.credentials import credentials_source
from gatepost.aws.errors import NoAnswer
from gatepost.aws.sigv4 import RoleCredentials

NOW = 1_800_000_000.0


class Endpoint(HTTPServer):
    """Hands out credentials that live an hour after `now`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.now = NOW
        self.asked: list[str | None] = []
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def document(self) -> dict[str, Any]:
        ends = datetime.fromtimestamp(self.now + 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        number = len(self.asked)
        return {"AccessKeyId": f"AKID{number}", "SecretAccessKey": "s", "Token": "t", "Expiration": ends}


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_GET(self) -> None:
        self.server.asked.append(self.headers.get("Authorization"))
        body = json.dumps(self.server.document()).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint()
    yield server
    server.shutdown()
    server.server_close()


def environ_of(endpoint: Endpoint, **more: str) -> dict[str, str]:
    return {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{endpoint.server_address[1]}/role?x=1", **more}


def test_those_of_the_environment_are_read_at_each_use() -> None:
    environ = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    source = credentials_source(environ)
    assert source() == RoleCredentials("a", "b", "")

    environ |= {"AWS_ACCESS_KEY_ID": "c", "AWS_SESSION_TOKEN": "t"}
    assert source() == RoleCredentials("c", "b", "t")


def test_without_any_there_is_no_answer() -> None:
    with pytest.raises(NoAnswer, match="NoCredentials"):
        credentials_source({})()


def test_those_of_a_container_are_fetched_once_and_again_before_they_end(endpoint: Endpoint) -> None:
    now = NOW
    source = ContainerCredentials(environ_of(endpoint, AWS_CONTAINER_AUTHORIZATION_TOKEN="pass"), lambda: now)

    assert [source().key_id for _ in range(3)] == ["AKID1"] * 3
    now = endpoint.now = NOW + 2999
    assert source().key_id == "AKID1"
    now = endpoint.now = NOW + 3000
    assert source().key_id == "AKID2"
    assert endpoint.asked == ["pass", "pass"]


def test_the_token_of_a_container_may_lie_in_a_file(endpoint: Endpoint, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from a file")
    environ = environ_of(endpoint, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(tmp_path / "token"))

    assert credentials_source(environ)().key_id == "AKID1"
    assert endpoint.asked == ["from a file"]


def test_s114_living_credentials_serve_on_while_new_ones_can_not_be_had(endpoint: Endpoint) -> None:
    now = NOW
    source = ContainerCredentials(environ_of(endpoint), lambda: now)
    source()
    endpoint.status = 500
    now = NOW + 3300
    assert source().key_id == "AKID1"

    now = NOW + 3600
    with pytest.raises(NoAnswer):
        source()
    endpoint.status = 200
    endpoint.now = now
    assert source().key_id == "AKID4"


@pytest.mark.parametrize("uri", ["http://example.test/role", "https://127.0.0.1/role", "file:///etc/passwd", "x"])
def test_s14_credentials_are_fetched_from_this_machine_only(uri: str) -> None:
    with pytest.raises(NoAnswer):
        credentials_source({"AWS_CONTAINER_CREDENTIALS_FULL_URI": uri})()
