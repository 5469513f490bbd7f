"""Accepts one token, and counts its invocations."""

from typing import Any

ASKED: list[str] = []


def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
    ASKED.append(event["routeKey"])
    return {
        "isAuthorized": event["identitySource"][0] == "Bearer good",
        "context": {"asked": len(ASKED), "arn": event["routeArn"]},
    }
