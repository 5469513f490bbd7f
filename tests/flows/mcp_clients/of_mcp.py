"""A client with PyPI `mcp`, written as its documentation shows: its own callback server and a store in memory."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

from tests.flows.mcp_clients.told import AHEAD, move_the_clock, obey, opened

CONFIGURED = json.loads(sys.argv[1])


class Store:
    """Tokens and registration, in memory."""

    def __init__(self, known: OAuthClientInformationFull | None) -> None:
        self.tokens: OAuthToken | None = None
        self.known = known

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.known

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.known = client_info


async def main() -> None:
    callbacks: asyncio.Queue[AuthorizationCodeResult] = asyncio.Queue()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = (await reader.readline()).split()[1].decode()
        found = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndone")
        await writer.drain()
        writer.close()
        callbacks.put_nowait(
            AuthorizationCodeResult(code=found.get("code", ""), state=found.get("state"), iss=found.get("iss"))
        )

    async def open_browser(url: str) -> None:
        opened(url)

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    redirect_uri = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callback"
    about: dict[str, Any] = {
        "redirect_uris": [redirect_uri],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "client_name": "mcp",
    }
    client_id = CONFIGURED.get("client_id")
    store = Store(OAuthClientInformationFull(client_id=client_id, **about) if client_id else None)
    provider = OAuthClientProvider(
        server_url=CONFIGURED["url"],
        client_metadata=OAuthClientMetadata(**about),
        storage=store,
        redirect_handler=open_browser,
        callback_handler=callbacks.get,
        client_metadata_url=CONFIGURED.get("document"),
    )

    async def act(step: dict[str, Any]) -> object:
        if step["do"] == "tokens":
            return store.tokens and store.tokens.model_dump(mode="json")
        if step["do"] == "later":
            AHEAD[0] += step["seconds"]
            return None
        async with httpx2.AsyncClient(auth=provider, timeout=60) as http:
            transport = streamable_http_client(CONFIGURED["url"], http_client=http)
            async with Client(transport, mode=CONFIGURED.get("mode", "auto")) as client:
                result = await client.call_tool(step["tool"], step.get("arguments", {}))
                return [each.text for each in result.content if each.type == "text"]

    await obey(act)


move_the_clock()
asyncio.run(main())
