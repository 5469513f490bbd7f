"""Requests as events of payload 2.0, and what a function returns as a response, as API Gateway translates them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

_TEXT = ("text/", "application/json", "application/javascript", "application/xml")
_HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it arrived. `query` is undecoded."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source_ip: str
    protocol: str
    request_id: str
    host: str

    def header(self, name: str) -> str:
        """All values of a header, joined by commas; empty if there is none."""
        return ",".join(value for key, value in self.headers if key.lower() == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A response on its way out."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @classmethod
    def message(cls, status: int, text: str) -> Response:
        """What API Gateway itself says."""
        body = json.dumps({"message": text}, separators=(",", ":")).encode()
        return cls(status=status, headers=(("content-type", "application/json"),), body=body)


class BadResponse(Exception):
    """A function returned what API Gateway can't make a response of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The route of a request."""

    key: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def event(
    request: Request,
    match: Match,
    *,
    api_id: str,
    authorizer: Mapping[str, Any] | None,
    jwt: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The event of an integration; `authorizer` is the context of a Lambda authorizer, `jwt` what a JWT one found."""
    built = _base(request, match, api_id)
    for name, said in (("lambda", authorizer), ("jwt", jwt)):
        if said is not None:
            built["requestContext"]["authorizer"] = {name: dict(said)}
    if request.body:
        kind = request.header("content-type").lower()
        binary = not kind.startswith(_TEXT) if kind else not _is_text(request.body)
        built["body"] = base64.b64encode(request.body).decode() if binary else request.body.decode(errors="replace")
        built["isBase64Encoded"] = binary
    else:
        built["isBase64Encoded"] = False
    return built


def authorizer_event(request: Request, match: Match, *, api_id: str, arn: str, identity: list[str]) -> dict[str, Any]:
    """The event of a Lambda authorizer. It never sees the body."""
    return {**_base(request, match, api_id), "type": "REQUEST", "routeArn": arn, "identitySource": identity}


def response(result: Any) -> Response:
    """The response that a function returned. Raises BadResponse."""
    if not isinstance(result, dict) or "statusCode" not in result:
        said = result if isinstance(result, str) else json.dumps(result)
        return Response(status=200, headers=(("content-type", "application/json"),), body=said.encode())
    try:
        status = int(result["statusCode"])
        headers = [(str(name).lower(), _header_text(value)) for name, value in (result.get("headers") or {}).items()]
        headers += [("set-cookie", _header_text(cookie)) for cookie in result.get("cookies") or ()]
        text = result.get("body") or ""
        body = base64.b64decode(text, validate=True) if result.get("isBase64Encoded") else text.encode()
    except (TypeError, ValueError, AttributeError) as error:
        raise BadResponse(str(error)) from error
    if not 100 <= status <= 599:
        raise BadResponse("statusCode is out of range")
    if body and not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", "text/plain;charset=UTF-8"))
    return Response(status=status, headers=tuple(headers), body=body)


def _base(request: Request, match: Match, api_id: str) -> dict[str, Any]:
    now = time.time()
    cookies = [part for part in (each.strip(" \t") for each in request.header("cookie").split(";")) if part]
    built: dict[str, Any] = {
        "version": "2.0",
        "routeKey": match.key,
        "rawPath": unquote(request.path),  # HTTP APIs decode it, by reports of users; AWS does not say it
        "rawQueryString": request.query,
        "headers": _headers(request),
        "requestContext": {
            "accountId": "000000000000",
            "apiId": api_id,
            "domainName": request.host,
            "domainPrefix": request.host.partition(".")[0],
            "http": {
                "method": request.method,
                "path": unquote(request.path),
                "protocol": request.protocol,
                "sourceIp": request.source_ip,
                "userAgent": request.header("user-agent"),
            },
            "requestId": request.request_id,
            "routeKey": match.key,
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
    }
    if cookies:
        built["cookies"] = cookies
    if request.query:
        built["queryStringParameters"] = _joined(parse_qsl(request.query, keep_blank_values=True))
    if match.parameters:
        built["pathParameters"] = dict(match.parameters)
    return built


def _headers(request: Request) -> dict[str, str]:
    """Names in lower case, values joined by commas; cookies have a place of their own."""
    headers = _joined(
        (name.lower(), value)
        for name, value in request.headers
        if name.lower() not in _HOP_BY_HOP and name.lower() != "cookie"
    )
    forwarded = headers.get("x-forwarded-for")
    headers["x-forwarded-for"] = f"{forwarded}, {request.source_ip}" if forwarded else request.source_ip
    headers["x-forwarded-port"] = request.host.rpartition(":")[2] if ":" in request.host else "80"
    headers["x-forwarded-proto"] = "http"
    headers["content-length"] = str(len(request.body))
    return headers


def _joined(pairs: Any) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _header_text(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "\r" in text or "\n" in text:
        raise ValueError("a header holds a line break")
    text.encode("latin-1")  # raises what is a ValueError
    return text


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
