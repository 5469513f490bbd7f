"""The MCP server of docs/examples/mcp, used by clients of other people that nobody changed.

Each finds the authorization server by the challenge or the well-known places, signs its person in, and calls tools.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import requests

from gatepost.routes import DEMO_READ, WHOAMI
from gatepost.scope import Scope
from infra.local.apigateway.front import Front
from infra.local.deployment import Deployment
from infra.local.guest import Guest
from tests.conftest import TEST_SETTINGS
from tests.flows.mcp_client import BrowserOf, McpClient, Refused, program, read_of
from tests.flows.mcp_notes import (
    ADD,
    CHALLENGE,
    EXAMPLE,
    LIST,
    SCOPES,
    answer,
    post,
    published,
    revoke,
    scopes,
    token_for,
    until_refused,
)
from tests.people import Client, Person, get, new_client, new_person

pytestmark = pytest.mark.browser  # they are installed for the tests in Chromium, too

SDK, CLIENT = "@modelcontextprotocol/sdk", "@modelcontextprotocol/client"
CLIENTS = ("mcp", "fastmcp", SDK, CLIENT)
PYTHON = ("mcp", "fastmcp")  # they look at the clock; the others refresh once they are refused
IDENTITIES = ("registered before", "registration", "document")
Start = Callable[..., AbstractContextManager[McpClient]]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the metadata document of a client."""
    with pytest.MonkeyPatch.context() as patched, published(tmp_path_factory.mktemp("document"), patched) as url:
        yield url


@pytest.fixture(scope="module")
def gatepost(document: str) -> Iterator[Deployment]:
    with Deployment(overrides={**TEST_SETTINGS, "scopes": SCOPES}) as deployed:
        yield deployed


@pytest.fixture(scope="module")
def guest(gatepost: Deployment) -> Iterator[Guest]:
    with Guest(gatepost, app=EXAMPLE / "app.py") as deployed:
        yield deployed


@pytest.fixture
def person(gatepost: Deployment) -> Person:
    return new_person(gatepost)


@pytest.fixture
def app(gatepost: Deployment) -> Client:
    """A native app that somebody registered before."""
    return new_client(
        gatepost,
        new_person(gatepost),
        name="An MCP client",
        redirect_uris=[f"http://{host}/callback" for host in ("127.0.0.1", "localhost", "localhost/oauth")],
        confidential=False,
        grant_types=["authorization_code", "refresh_token"],
        scope=Scope.of("notes.read", "notes.write"),
    )


@pytest.fixture
def identity(request: pytest.FixtureRequest) -> dict[str, str]:
    """The identity that the client states; with none it registers itself."""
    if request.param == "registered before":
        return {"client_id": request.getfixturevalue("app").app.client_id}
    return {"document": request.getfixturevalue("document")} if request.param == "document" else {}


@pytest.fixture
def start(gatepost: Deployment, guest: Guest, person: Person) -> Start:
    """Start a client for one of the server's URLs, with a browser of its person."""

    def started(name: str, identity: dict[str, str], url: str = "McpUrl") -> AbstractContextManager[McpClient]:
        return McpClient.of(name, guest.url(url), BrowserOf(gatepost, person), **identity)

    return started


every_client = pytest.mark.parametrize("name", CLIENTS)
every_identity = pytest.mark.parametrize("identity", IDENTITIES, indirect=True)


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


@every_identity
@every_client
def test_a_client_finds_the_server_signs_in_and_calls_a_tool(
    guest: Guest, start: Start, identity: dict[str, str], name: str
) -> None:
    with start(name, identity) as client:
        assert client.call("list_notes") == []
        (asked,) = client.browser.opened
        tokens = client.tokens

    assert not identity or asked["client_id"] in identity.values()
    assert (asked["resource"], scopes(asked)) == (guest.url("McpUrl"), ["notes.read"])
    assert asked["code_challenge_method"] == "S256"
    assert "Read your notes" in client.browser.pages[0]
    assert "Add to your notes" not in client.browser.pages[0]
    assert scopes(tokens) == ["notes.read"]
    assert answer(guest, tokens["access_token"]) == 200


@every_identity
@every_client
def test_a_client_refreshes(guest: Guest, start: Start, identity: dict[str, str], name: str) -> None:
    with start(name, identity) as client:
        client.call("list_notes")
        first = client.tokens
        if name in PYTHON:
            client.later(3600)
        else:
            revoke(client, first["access_token"])
            until_refused(guest, first["access_token"])
        client.call("list_notes")
        second = client.tokens

    assert len(client.browser.opened) == 1
    assert first["access_token"] != second["access_token"]
    assert first["refresh_token"] != second["refresh_token"]
    assert scopes(second) == ["notes.read"]
    assert answer(guest, second["access_token"]) == 200


@every_identity
@pytest.mark.parametrize("name", ["mcp", "fastmcp", CLIENT])
def test_a_client_steps_up_once_a_tool_needs_more(
    guest: Guest, start: Start, identity: dict[str, str], name: str
) -> None:
    with start(name, identity) as client:
        client.call("list_notes")
        assert client.call("add_note", text="milk") == ["noted: milk"]
        first, second = client.browser.opened
        assert scopes(client.tokens) == ["notes.read", "notes.write"]
        client.call("list_notes")
        assert len(client.browser.opened) == 2

    assert (scopes(first), scopes(second)) == (["notes.read"], ["notes.read", "notes.write"])
    assert "Add to your notes" in client.browser.pages[1]


@every_identity
def test_the_older_sdk_refreshes_in_the_place_of_a_step_up(start: Start, identity: dict[str, str]) -> None:
    """It then sends the same scope again and gives up; a client that asks for both at once has no need to step up."""
    with start(SDK, identity) as client:
        client.call("list_notes")
        with pytest.raises(Refused):
            client.call("add_note", text="milk")
        assert client.call("list_notes") == []
        assert scopes(client.tokens) == ["notes.read"]


@every_identity
@every_client
def test_a_client_whose_user_ended_it_signs_in_again(
    guest: Guest, start: Start, identity: dict[str, str], name: str
) -> None:
    with start(name, identity) as client:
        client.call("list_notes")
        tokens = client.tokens
        revoke(client, tokens["refresh_token"])
        until_refused(guest, tokens["access_token"])
        assert answer(guest, tokens["access_token"]) == 401
        client.call("list_notes")

    assert len(client.browser.opened) == 2
    assert scopes(client.browser.opened[1]) == ["notes.read"]


@every_identity
@every_client
def test_a_function_url_has_no_challenge_and_is_found_by_the_well_known_place(
    guest: Guest, start: Start, identity: dict[str, str], name: str
) -> None:
    with start(name, identity, "FunctionUrl") as client:
        assert client.call("add_note", text="milk") == ["noted: milk"]
        (asked,) = client.browser.opened

    assert (asked["resource"], scopes(asked)) == (guest.url("FunctionUrl"), ["notes.read", "notes.write"])


@every_identity
def test_s200_a_token_for_one_server_opens_no_other(
    gatepost: Deployment, guest: Guest, start: Start, identity: dict[str, str]
) -> None:
    with start("mcp", identity) as api, start("mcp", identity, "FunctionUrl") as url:
        api.call("list_notes")
        url.call("list_notes")
        tokens: dict[str, Any] = {"McpUrl": api.tokens, "FunctionUrl": url.tokens}

    found = {(at, of): answer(guest, tokens[of]["access_token"], at) for at in tokens for of in tokens}
    assert found == {(at, of): 200 if at == of else 401 for at in tokens for of in tokens}
    for path in (DEMO_READ.path, WHOAMI.path):
        assert get(gatepost, path, tokens["McpUrl"]["access_token"]).status_code == 403


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
