"""Requests to a function that checks tokens itself, and its responses."""

from __future__ import annotations

import json
from typing import Any

WHERE = "https://reports.example.test/.well-known/oauth-protected-resource"
Event = dict[str, Any]


class Context:
    """The attributes of Lambda's context that Powertools' logger reads."""

    function_name = "reports"
    memory_limit_in_mb = 128
    invoked_function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:reports"
    aws_request_id = "a"


def event(*authorization: str, path: str = "/reports", version: str = "2.0") -> Event:
    """Return a GET as payload 2.0 or 1.0."""
    if version == "1.0":
        several = {"multiValueHeaders": {"Authorization": list(authorization)}} if authorization else {}
        single = {"Authorization": authorization[-1]} if authorization else {}
        context = {"identity": {}, "httpMethod": "GET"}
        return {
            "version": "1.0",
            "path": path,
            "httpMethod": "GET",
            "headers": single,
            "requestContext": context,
        } | several
    headers = {"authorization": ",".join(authorization)} if authorization else {}
    http = {"method": "GET", "path": path, "sourceIp": "203.0.113.7"}
    context = {"http": http, "requestId": "a", "stage": "$default", "domainName": "reports.example.test"}
    return {"version": "2.0", "routeKey": "$default", "rawPath": path, "headers": headers, "requestContext": context}


def refusal(answer: Any) -> tuple[int, str, object]:
    headers = answer["headers"]
    assert headers["Content-Type"] == "application/json"
    assert headers["Cache-Control"] == "no-store"
    return answer["statusCode"], headers.get("WWW-Authenticate", ""), json.loads(answer["body"])


METADATA_PARAMETER = f'resource_metadata="{WHERE}"'
