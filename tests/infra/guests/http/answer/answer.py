"""Echoes the request; `?fail` raises, `?challenge` requires a token."""

import json
import os
from typing import Any


def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
    query = event.get("queryStringParameters") or {}
    if "fail" in query:
        raise ValueError("asked to")
    print("answered", event["rawPath"])
    variables = {name: os.environ.get(name) for name in ("FROM", "SECOND")}
    return {
        "statusCode": 401 if "challenge" in query else 200,
        "headers": {"WWW-Authenticate": 'Bearer realm="x"'} if "challenge" in query else {},
        "body": json.dumps({"event": event, "variables": variables}),
    }
