"""The MCP server of docs/examples/mcp, used by clients of other people that nobody changed.

Each finds the authorization server by the challenge or the well-known places, signs its person in, and calls tools.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from gatepost.routes import DEMO_READ, WHOAMI
from infra.local.deployment import Deployment
from infra.local.guest import Guest
from tests.flows.mcp_client import BrowserOf, McpClient, Refused
from tests.flows.mcp_notes import answer, revoke, scopes, until_refused
from tests.people import Person, get

pytestmark = pytest.mark.browser  # they are installed for the tests in Chromium, too

SDK, CLIENT = "@modelcontextprotocol/sdk", "@modelcontextprotocol/client"
CLIENTS = ("mcp", "fastmcp", SDK, CLIENT)
PYTHON = ("mcp", "fastmcp")  # they look at the clock; the others refresh once they are refused
IDENTITIES = ("registered before", "registration", "document")
Start = Callable[..., AbstractContextManager[McpClient]]


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
any_identity = pytest.mark.parametrize("identity", ["registered before"], indirect=True)


@pytest.mark.parametrize("identity", IDENTITIES, indirect=True)
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
    assert (scopes(tokens), answer(guest, tokens["access_token"])) == (["notes.read"], 200)


@any_identity
@every_client
def test_a_client_refreshes_steps_up_and_signs_in_again_once_its_user_ended_it(
    guest: Guest, start: Start, identity: dict[str, str], name: str
) -> None:
    with start(name, identity) as client:
        client.call("list_notes")
        opened, first = client.browser.opened, client.tokens
        if name in PYTHON:
            client.later(3600)
        else:
            revoke(client, first["access_token"])
            until_refused(guest, first["access_token"])
        client.call("list_notes")
        second = client.tokens
        assert len(opened) == 1
        assert all(first[each] != second[each] for each in ("access_token", "refresh_token"))
        assert (scopes(second), answer(guest, second["access_token"])) == (["notes.read"], 200)

        steps_up(client) if name != SDK else gives_up(client)
        signed_in, ended = len(opened), client.tokens
        revoke(client, ended["refresh_token"])
        until_refused(guest, ended["access_token"])
        assert answer(guest, ended["access_token"]) == 401
        client.call("list_notes")
        assert len(opened) == signed_in + 1
        assert {"notes.read"} <= set(scopes(opened[-1])) <= set(scopes(ended))


def steps_up(client: McpClient) -> None:
    """Call a tool that needs more."""
    assert client.call("add_note", text="milk") == ["noted: milk"]
    assert scopes(client.tokens) == ["notes.read", "notes.write"]
    client.call("list_notes")
    _, second = client.browser.opened
    assert scopes(second) == ["notes.read", "notes.write"]
    assert "Add to your notes" in client.browser.pages[1]


def gives_up(client: McpClient) -> None:
    """The older SDK refreshes in the place of a step-up, and sends the same scope again."""
    with pytest.raises(Refused):
        client.call("add_note", text="milk")
    assert scopes(client.tokens) == ["notes.read"]
    client.call("list_notes")
    assert len(client.browser.opened) == 1


@any_identity
@every_client
def test_a_function_url_has_no_challenge_and_is_found_by_the_well_known_place(
    guest: Guest, start: Start, identity: dict[str, str], name: str
) -> None:
    with start(name, identity, "FunctionUrl") as client:
        assert client.call("add_note", text="milk") == ["noted: milk"]
        (asked,) = client.browser.opened

    assert (asked["resource"], scopes(asked)) == (guest.url("FunctionUrl"), ["notes.read", "notes.write"])


@any_identity
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
