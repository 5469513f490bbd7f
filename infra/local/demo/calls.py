"""Requests of the demo apps to the server."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from typing import Any

_SECONDS = 30


def call(url: str, data: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Return status and body, as JSON if it is; a POST if there is `data`."""
    asked = urllib.request.Request(url, data=data, headers=headers or {})  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=_SECONDS) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _json_or_text(error.read())


def basic(client_id: str, secret: str) -> dict[str, str]:
    """Return the header that authenticates an app (RFC 6749 §2.3.1)."""
    return {"authorization": f"Basic {base64.b64encode(f'{client_id}:{secret}'.encode()).decode()}"}


def _json_or_text(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
