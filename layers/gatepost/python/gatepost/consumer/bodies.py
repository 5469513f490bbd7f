"""JSON bodies, with the API's errors."""

from __future__ import annotations

from typing import Any

from gatepost.consumer.problem_details import InvalidFields, MalformedBody, NotJson, TooLarge
from gatepost.http.request import Request
from gatepost.http.strict_json import NotStrict, json_object, json_text, media_type

LONGEST_BODY = 64_000  # bytes: ten redirect URIs of full length and all the rest


def body_text(request: Request) -> str:
    """Return the text of a body. Raises NotJson for another media type, TooLarge, and MalformedBody."""
    if media_type(request.headers) != "application/json":
        raise NotJson("the body must be application/json")
    if len(request.body) > LONGEST_BODY:
        raise TooLarge("the body is too large")
    try:
        return json_text(request.body)
    except NotStrict as error:
        raise MalformedBody(error.description, reason=error.reason) from None


def body_object(text: str) -> dict[str, Any]:
    """Return the object of a body's text. Raises MalformedBody, and InvalidFields for a duplicate member."""
    try:
        return json_object(text)
    except NotStrict as error:
        if error.twice:
            errors = [(name, "This field is sent more than once.") for name in error.twice]
            raise InvalidFields(error.description, errors=errors) from None
        raise MalformedBody(error.description, reason=error.reason) from None
