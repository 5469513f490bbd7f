"""A client with PyPI `fastmcp`: callback server, preflight request and browser are its own; BROWSER is `echo OPEN`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import warnings
from typing import Any

from fastmcp import Client
from fastmcp.client.auth import OAuth

from tests.flows.mcp_clients.told import AHEAD, move_the_clock, obey

CONFIGURED = json.loads(sys.argv[1])


async def main() -> None:
    identity = {"client_id": CONFIGURED.get("client_id"), "client_metadata_url": CONFIGURED.get("document")}
    signing_in = OAuth(mcp_url=CONFIGURED["url"], client_name="fastmcp", callback_timeout=60, **identity)

    async def act(step: dict[str, Any]) -> object:
        if step["do"] == "tokens":
            tokens = await signing_in.token_storage_adapter.get_tokens()
            return tokens and tokens.model_dump(mode="json")
        if step["do"] == "later":
            AHEAD[0] += step["seconds"]
            return None
        async with Client(CONFIGURED["url"], auth=signing_in) as client:
            result = await client.call_tool(step["tool"], step.get("arguments", {}))
            return [each.text for each in result.content if each.type == "text"]

    await obey(act)


os.environ["BROWSER"] = "echo OPEN %s"
warnings.simplefilter("ignore")  # it says that its store is in memory
move_the_clock()
asyncio.run(main())
