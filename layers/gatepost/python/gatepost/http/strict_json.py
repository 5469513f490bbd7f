"""JSON of requests, parsed strictly: one object, no duplicate members, only valid JSON and Unicode."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

_NOT_JSON = "the body is not JSON"


class NotStrict(ValueError):
    """The text is not one JSON object; its own text is public."""

    def __init__(self, description: str, *, reason: str = "", twice: Sequence[str] = ()) -> None:
        """Take a public `description`, a `reason` for the log, and the members that come `twice`."""
        super().__init__(description)
        self.description = description
        self.reason = reason
        self.twice = twice


def json_text(body: bytes) -> str:
    """Return the text of a body. Raises NotStrict if it is empty or not UTF-8."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotStrict(_NOT_JSON, reason=type(error).__name__) from None
    if not text:
        raise NotStrict(_NOT_JSON, reason="empty")
    return text


def json_object(text: str) -> dict[str, Any]:
    """Return the object of a text. Raises NotStrict."""
    try:
        document = json.loads(text, object_pairs_hook=_members, parse_constant=_refuse)
        json.dumps(document, ensure_ascii=False).encode("utf-8")  # escapes may spell lone surrogates
    except NotStrict:
        raise
    except (ValueError, RecursionError) as error:
        raise NotStrict(_NOT_JSON, reason=type(error).__name__) from None
    if "\ufffd" in text:  # API Gateway's replacement for invalid UTF-8
        raise NotStrict(_NOT_JSON, reason="replaced octets")
    if not isinstance(document, dict):
        raise NotStrict("the body must be a JSON object")
    return document


def media_type(headers: Mapping[str, str]) -> str:
    """Return the media type of a request's body, without its parameters."""
    return headers.get("content-type", "").partition(";")[0].strip(" \t").lower()


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = sorted(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
    if twice:
        raise NotStrict("a field is sent more than once", twice=twice)
    return dict(pairs)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
