"""The web as the function `fetch` finds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gatepost.model.fetch_messages import result_of
from gatepost.model.fetching import Fetched
from tests.unit.world import CALLBACK

FAILING = "https://client.example.test/fails"
REFUSING = "https://client.example.test/refuses"
DOCUMENT = "https://client.example.test/client.json"
PUBLISHED = {"client_id": DOCUMENT, "client_name": "Notes helper", "redirect_uris": [CALLBACK]}


class Fetching:
    """The function `fetch`: requests are answered with 200, with the document at `DOCUMENT`, and at two URLs else."""

    def invoke(self, function: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the response, or that of each request."""
        if "requests" in event:
            return {"results": [self.invoke(function, each) for each in event["requests"]]}
        status = {REFUSING: 400, FAILING: 503}.get(event["url"], 200)
        body = json.dumps(PUBLISHED) if event["url"] == DOCUMENT else ""
        return result_of(lambda: Fetched(status=status, content_type="application/json", cache_control="", body=body))
