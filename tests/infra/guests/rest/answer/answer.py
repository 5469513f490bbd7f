"""Echoes the request; the query selects other responses."""

import json
import time
from typing import Any

RETURNS: dict[str, Any] = {
    "text": "no response",
    "no-status": {"body": "x"},
    "object-body": {"statusCode": 200, "body": {"a": 1}},
    "challenge": {"statusCode": 401, "headers": {"WWW-Authenticate": "Bearer"}, "body": "no"},
    "several": {
        "statusCode": 201,
        "headers": {"X-One": "1", "X-Two": "lost"},
        "multiValueHeaders": {"x-two": ["2", "3"]},
        "body": "ok",
    },
}


def handler(event: dict[str, Any], _: object) -> Any:
    wanted = (event["queryStringParameters"] or {}).get("return")
    if wanted == "error":
        raise ValueError("asked to")
    if wanted == "late":
        time.sleep(3)
    return RETURNS.get(wanted or "", {"statusCode": 200, "body": json.dumps(event)})
