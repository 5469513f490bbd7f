"""The web as the function `fetch` finds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gatepost.model.fetch_messages import result_of
from gatepost.model.fetching import Fetched
from gatepost.model.logo import PNG, Logo
from tests.unit.world import CALLBACK

FAILING = "https://client.example.test/fails"
REFUSING = "https://client.example.test/refuses"
DOCUMENT = "https://client.example.test/client.json"
LOGO_AT = "https://client.example.test/logo.png"
LOGO = Logo.of(b"\x89PNG\r\n\x1a\n")
PUBLISHED = {"logo_uri": LOGO_AT, "client_id": DOCUMENT, "client_name": "Notes helper", "redirect_uris": [CALLBACK]}


class Invoked:
    """The functions that others invoke.

    To `fetch` the web answers with 200, with the document at `DOCUMENT`, and at two URLs else; `logo` draws one.
    """

    def invoke(self, function: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the response, or that of each request."""
        if function == "the function logo":
            return {PNG: LOGO.png}
        if "requests" in event:
            return {"results": [self.invoke(function, each) for each in event["requests"]]}
        status = {REFUSING: 400, FAILING: 503}.get(event["url"], 200)
        body = json.dumps(PUBLISHED) if event["url"] == DOCUMENT else LOGO.png if event["url"] == LOGO_AT else ""
        kind = "image/png" if event["url"] == LOGO_AT else "application/json"
        return result_of(lambda: Fetched(status=status, content_type=kind, cache_control="", body=body))
