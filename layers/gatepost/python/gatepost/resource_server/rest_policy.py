"""Events and responses of Lambda authorizers of REST APIs: IAM policies (payload 1.0).

API Gateway caches responses by identity sources. Those of a REQUEST authorizer are the Authorization header, the
resource and the method, so that a cached response is used for the same route only, with any path parameters: the policy
covers the route with all of them. That of a TOKEN authorizer is the token alone, so nothing may be cached (the
construct sets the TTL to 0), and the policy covers only the requested path. Its event names the path, not the route
that API Gateway matched; a path that could match two routes is denied.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from gatepost.resource_server.bearer import authorization_headers
from gatepost.resource_server.protection import Protection

_PARAMETER = re.compile(r"\{[^{}]+\}")


class AskedMethod(NamedTuple):
    """The method of a request: its key in the table of routes, and the ARN for its policy."""

    route: str
    arn: str


def asked_method(event: Mapping[str, Any], protection: Protection) -> AskedMethod:
    """Return the requested method of a TOKEN or REQUEST event. Raises KeyError if it is not protected."""
    arn = str(event["methodArn"])
    api, _, rest = arn.partition("/")
    stage, _, rest = rest.partition("/")
    method, _, path = rest.partition("/")
    if event.get("type") == "REQUEST":
        resource = str(event["resource"])
        route = _key(str(event["httpMethod"]), resource, protection)
        return AskedMethod(route=route, arn=f"{api}/{stage}/{method}{_PARAMETER.sub('*', resource)}")
    route = _matching(method, f"/{path}", protection)
    if _other_readings(method, path, protection) - {route}:
        raise KeyError(path)
    return AskedMethod(route=route, arn=arn)


def authorization(event: Mapping[str, Any]) -> Sequence[str]:
    """Return all Authorization headers of the request."""
    if event.get("type") == "TOKEN":
        return [str(event.get("authorizationToken") or "")]
    return authorization_headers(event)


def allowed(method: AskedMethod, principal: str, context: Mapping[str, str]) -> dict[str, Any]:
    """Return the response that allows the request, with the token's facts for the route."""
    return _answer(principal, "Allow", method.arn, context)


def denied(event: Mapping[str, Any], challenge: str) -> dict[str, Any]:
    """Return the response that denies; the gateway response ACCESS_DENIED sends the challenge on.

    It covers every method: cached or not, it grants nothing.
    """
    api = str(event["methodArn"]).partition("/")[0]
    return _answer("nobody", "Deny", f"{api}/*", {"challenge": challenge})


def _answer(principal: str, effect: str, arn: str, context: Mapping[str, str]) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": arn}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": principal, "policyDocument": policy, "context": dict(context)}


def _key(method: str, resource: str, protection: Protection) -> str:
    for key in (f"{method} {resource}", f"ANY {resource}"):
        if key in (protection.routes or {}):
            return key
    raise KeyError(resource)


def _matching(method: str, path: str, protection: Protection) -> str:
    """Return the route of a path as API Gateway matches it: segment by segment, literal first, greedy last."""
    parts = path.split("/")
    fitting = [key for key in protection.routes or {} if _fits(key, method, parts)]
    if not fitting:
        raise KeyError(path)
    return min(fitting, key=_order)


def _other_readings(method: str, path: str, protection: Protection) -> set[str]:
    """Return the path's routes if it is decoded, repeated slashes are merged, or a trailing one is ignored."""
    found = set()
    for text in (path, unquote(path)):
        for reading in (text, re.sub("/{2,}", "/", text).strip("/")):
            try:
                found.add(_matching(method, f"/{reading}", protection))
            except KeyError:
                continue
    return found


def _fits(key: str, method: str, parts: Sequence[str]) -> bool:
    named, _, template = key.partition(" ")
    pattern = template.split("/")
    if named not in (method, "ANY"):
        return False
    if pattern[-1].endswith("+}"):
        *pattern, _ = pattern
        if len(parts) <= len(pattern):
            return False
        parts = parts[: len(pattern)]
    return len(parts) == len(pattern) and all(
        part == wanted or (_PARAMETER.fullmatch(wanted) is not None and part != "")
        for part, wanted in zip(parts, pattern, strict=True)
    )


def _order(key: str) -> tuple[list[int], bool]:
    method, _, template = key.partition(" ")
    ranks = [2 if part.endswith("+}") else 1 if part.startswith("{") else 0 for part in template.split("/")]
    return ranks, method == "ANY"
