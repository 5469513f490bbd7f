"""The MCP server of docs/examples/mcp by plain HTTP and through `mcp-remote`, and the project's conformance test."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
import requests

from infra.local.apigateway.front import Front
from infra.local.deployment import Deployment
from infra.local.guest import Guest
from tests.flows.mcp_client import BrowserOf, program, read_of
from tests.flows.mcp_notes import ADD, CHALLENGE, LIST, post, scopes, token_for
from tests.people import Client, Person

pytestmark = pytest.mark.browser  # with what is installed for the tests in Chromium, too


@pytest.mark.parametrize("url", ["McpUrl", "FunctionUrl"])
def test_the_server_tells_clients_where_to_sign_in_and_what_for(
    gatepost: Deployment, guest: Guest, person: Person, url: str
) -> None:
    server, origin = guest.url(url), guest.url(url).removesuffix("/mcp")
    at_root, at_path = (f"{origin}/.well-known/oauth-protected-resource{path}" for path in ("", "/mcp"))
    assert requests.get(at_path, timeout=30).json() == {
        "resource": server,
        "authorization_servers": [gatepost.base_url],
        "scopes_supported": ["notes.read", "notes.write"],
        "bearer_methods_supported": ["header"],
    }
    assert requests.get(at_root, timeout=30).json()["resource"] == server

    reads, header = token_for(gatepost, person, server), CHALLENGE[url]
    known = f'resource_metadata="{at_path}"'
    assert post(server, LIST).headers[header] == f'Bearer realm="notes", scope="notes.read", {known}'
    assert post(server, LIST, "x").headers[header].endswith(f'scope="notes.read", {known}')
    refused = post(server, ADD, reads)
    assert refused.status_code == 403
    assert refused.headers[header] == (
        'Bearer realm="notes", error="insufficient_scope", error_description="the token does not have the scope for '
        f'this", scope="notes.read notes.write", {known}'
    )


def test_the_server_takes_one_message_by_post_and_nothing_else(
    gatepost: Deployment, guest: Guest, person: Person
) -> None:
    server = guest.url("McpUrl")
    reads = token_for(gatepost, person, server)

    assert post(server, LIST, reads).json()["result"]["tools"][0]["name"] == "list_notes"
    for body in ([LIST], [ADD], "nonsense", None, 7):
        assert post(server, body, reads).json()["error"]["code"] == -32700
    for method in ("GET", "DELETE"):
        answered = requests.request(method, server, headers={"Authorization": f"Bearer {reads}"}, timeout=30)
        assert (answered.status_code, answered.headers["Allow"]) == (405, "POST")
    assert requests.post(f"{server}/elsewhere", json=ADD, timeout=30).status_code == 404
    unknown = {**ADD, "params": {"name": "drop_notes", "arguments": {}}}
    assert post(server, unknown, reads).json()["result"]["isError"] is True


def test_mcp_remote_brings_a_client_without_http_to_the_server(
    gatepost: Deployment, guest: Guest, person: Person, app: Client, tmp_path: Path
) -> None:
    known = json.dumps({"client_id": app.app.client_id})
    asked = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}}
    messages = (
        {"id": 1, "method": "initialize", "params": asked},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": "list_notes", "arguments": {}}},
    )
    browser = BrowserOf(gatepost, person)
    arguments = ("mcp-remote/dist/proxy.js", guest.url("McpUrl"), "--static-oauth-client-info", known)
    with program(*arguments, MCP_REMOTE_CONFIG_DIR=str(tmp_path)) as running:
        assert running.stdin
        running.stdin.writelines(json.dumps({"jsonrpc": "2.0", **each}) + "\n" for each in messages)
        running.stdin.flush()
        result = next(line for line in read_of(running, browser) if line.startswith('{"jsonrpc":"2.0","id":2'))

    assert json.loads(result)["result"]["structuredContent"] == {"result": []}
    assert scopes(browser.opened[0]) == ["notes.read"]


def test_the_projects_conformance_of_authorization_servers(
    gatepost: Deployment, guest: Guest, person: Person, app: Client, tmp_path: Path
) -> None:
    browser = BrowserOf(gatepost, person)
    with contextlib.closing(Front(0)) as free:  # it takes a number only
        port = str(free.port)
    arguments = ("--url", gatepost.base_url, "--client-id", app.app.client_id, "--resource", guest.url("McpUrl"))
    path = "@modelcontextprotocol/conformance/dist/index.js"
    with program(path, "authorization", *arguments, "--port", port, "--output-dir", str(tmp_path)) as running:
        lines = list(read_of(running, browser))
        assert running.wait(30) == 0

    assert "Total: 3 passed, 0 failed" in "".join(lines)
    assert len(browser.opened) == 1
