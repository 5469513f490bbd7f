"""Decides by the token; counts its invocations."""

import time
from typing import Any

ASKED: list[str] = []


def handler(event: dict[str, Any], _: object) -> Any:
    token = event.get("authorizationToken") or event["headers"]["Authorization"]
    ASKED.append(token)
    arn = event["methodArn"]
    stage = "/".join(arn.split("/")[:2])
    everything = f"{stage}/*"
    word = token.removeprefix("Bearer ")
    if word == "unauthorized":
        raise PermissionError("Unauthorized")
    if word == "crash":
        raise ValueError("crashed")
    if word == "late":
        time.sleep(3)
    statements: dict[str, Any] = {
        "one": _allow(arn),
        "all": _allow(everything),
        "elsewhere": _allow("arn:aws:execute-api:us-east-1:000000000000:other/*"),
        "denied": [_allow(everything), {"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": [arn]}],
        "other-action": {"Action": "execute-api:ManageConnections", "Effect": "Allow", "Resource": "*"},
        "any-action": {"Action": ["s3:*", "execute-api:*"], "Effect": "Allow", "Resource": "*"},
        "condition": {**_allow("*"), "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        "effect": {"Action": "execute-api:Invoke", "Effect": "Permit", "Resource": "*"},
    }
    answer = {
        "principalId": word,
        "policyDocument": {"Version": "2012-10-17", "Statement": statements.get(word, _allow(everything))},
        "context": {"asked": len(ASKED), "flag": True, "challenge": f'Bearer scope="{word}"'},
    }
    if word == "nothing":
        return {"isAuthorized": True}
    if word == "nobody":
        del answer["principalId"]
    if word == "listed":
        answer["context"] = {"scopes": ["a", "b"]}
    if word == "seen":
        answer["context"] = {"seen": ",".join(sorted(event)), "type": event["type"]}
    return answer


def _allow(resource: str) -> dict[str, str]:
    return {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": resource}
