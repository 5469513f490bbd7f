"""JSON bodies, parsed strictly: one object, no duplicate members, only valid JSON and Unicode."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, NoReturn

from gatepost.consumer.problems import InvalidFields, MalformedBody, NotJson, TooLarge
from gatepost.http.request import Request

LONGEST_BODY = 64_000  # bytes: ten redirect URIs of full length and all the rest
_NOT_JSON = "the body is not JSON"


def body_text(request: Request) -> str:
    """Return the text of a body. Raises NotJson for another media type, TooLarge, and MalformedBody."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip(" \t").lower()
    if media_type != "application/json":
        raise NotJson("the body must be application/json")
    if len(request.body) > LONGEST_BODY:
        raise TooLarge("the body is too large")
    try:
        text = request.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedBody(_NOT_JSON, reason=type(error).__name__) from None
    if not text:
        raise MalformedBody(_NOT_JSON, reason="empty")
    return text


def body_object(text: str) -> dict[str, Any]:
    """Return the object of a body's text. Raises MalformedBody, and InvalidFields for a duplicate member."""
    try:
        document = json.loads(text, object_pairs_hook=_members, parse_constant=_refuse)
        json.dumps(document, ensure_ascii=False).encode("utf-8")  # escapes may spell lone surrogates
    except (ValueError, RecursionError) as error:
        raise MalformedBody(_NOT_JSON, reason=type(error).__name__) from None
    if "\ufffd" in text:  # API Gateway's replacement for invalid UTF-8
        raise MalformedBody(_NOT_JSON, reason="replaced octets")
    if not isinstance(document, dict):
        raise MalformedBody("the body must be a JSON object")
    return document


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = sorted(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
    if twice:
        raise InvalidFields(
            "a field is sent more than once", errors=[(name, "This field is sent more than once.") for name in twice]
        )
    return dict(pairs)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
