"""The MCP server of docs/examples/mcp by plain HTTP, and what its clients have in common."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from gatepost.routes import REVOKE
from gatepost.scope import Scope
from infra.configuration.context import ROOT
from infra.local.deployment import Deployment
from infra.local.guest import Guest
from tests.flows.mcp_client import McpClient
from tests.people import Person, new_client
from tests.unit.http.other_side import Authority, answering

EXAMPLE = ROOT / "docs" / "examples" / "mcp"
SCOPES = json.loads((EXAMPLE / "settings.json").read_text())["scopes"]
LOOPBACK = [f"http://{host}/callback" for host in ("127.0.0.1", "localhost")]  # without a port, as Claude Code has them
DOCUMENT = {"client_name": "A client with a document", "redirect_uris": LOOPBACK, "token_endpoint_auth_method": "none"}
CHALLENGE = {"McpUrl": "WWW-Authenticate", "FunctionUrl": "x-amzn-remapped-www-authenticate"}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
ADD = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "add_note", "arguments": {"text": "milk"}}}


@contextlib.contextmanager
def published(folder: Path, patched: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve a client's metadata document, with a certificate that the function `fetch` trusts; yield its URL."""
    authority = Authority(folder)

    def sends(connection: socket.socket) -> None:
        body = json.dumps({**DOCUMENT, "client_id": url})
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(f"{head}{body}".encode())

    with answering(sends, authority.context("localhost")) as side:
        url = f"https://localhost:{side.port}/oauth/client.json"
        patched.setenv("SSL_CERT_FILE", str(authority.file))
        yield url


def scopes(asked: dict[str, Any]) -> list[str]:
    """Return the requested scopes without `offline_access`, which some clients add if the server's metadata have it."""
    return sorted(set(asked["scope"].split()) - {"offline_access"})


def token_for(gatepost: Deployment, person: Person, server: str) -> str:
    """A token with `notes.read` for a server, without a client of MCP."""
    app = new_client(gatepost, person, scope=Scope.of("notes.read"))
    return str(app.token(grant_type="client_credentials", scope="notes.read", resource=server).json()["access_token"])


def revoke(client: McpClient, token: str) -> None:
    """Revoke a token as the client itself could: the endpoint knows a public client by its `client_id`."""
    where = client.browser.deployment.base_url + REVOKE.path
    known = client.browser.opened[0]["client_id"]
    assert requests.post(where, data={"token": token, "client_id": known}, timeout=30).status_code == 200


def post(server: str, message: object, token: str = "") -> requests.Response:
    headers = {"Accept": "application/json, text/event-stream"} | (
        {"Authorization": f"Bearer {token}"} if token else {}
    )
    return requests.post(server, json=message, headers=headers, timeout=30)


def answer(guest: Guest, token: str, url: str = "McpUrl") -> int:
    return post(guest.url(url), LIST, token).status_code


def until_refused(guest: Guest, token: str) -> None:
    end = time.monotonic() + 10
    while answer(guest, token) == 200 and time.monotonic() < end:
        time.sleep(0.2)
