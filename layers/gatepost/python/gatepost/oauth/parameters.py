"""Form-encoded parameters (RFC 6749 App. B), decoded strictly."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import quote, unquote_to_bytes, urlencode

from gatepost.errors import InvalidRequest

ANY_TEXT = ("token",)  # parameters whose values are just unknown where they can't be right (RFC 7009 §2.2)
SEPARATOR = "\n"  # between the values of a parameter that may come several times: no value holds one
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MAY_BE_CONTROL = ("%0", "%1", "%7")  # how the encoding of one begins
_NAME = re.compile(r"[a-z_]{1,40}", re.ASCII)  # as every parameter of the RFCs; what else was sent is not repeated


class Parameters:
    """The parameters of a query string or a form body, with their duplicates."""

    def __init__(self, encoded: str) -> None:
        """Parse a query or form body. Raises InvalidRequest for octets that are not UTF-8."""
        self._pairs: dict[str, list[str]] = {}
        self._may_hold_control = not encoded.isprintable() or any(map(encoded.__contains__, _MAY_BE_CONTROL))
        for part in encoded.split("&"):
            if part:
                name, _, value = part.partition("=")
                if "%" in part or "+" in part or not part.isascii():
                    name, value = decoded(name), decoded(value)
                self._pairs.setdefault(name, []).append(value)

    def once(self, *, any_text: Collection[str] = (), several: Collection[str] = ()) -> dict[str, str]:
        """Every parameter with its value; one without a value is as if it were not there (RFC 6749 §3.1).

        A parameter in `several` has all its values, joined by SEPARATOR.
        Raises InvalidRequest if another one is sent twice, or one holds a control character and is not in `any_text`.
        """
        return {name: value for name in self._pairs if (value := self._value(name, any_text, several))}

    def every(self) -> dict[str, str]:
        """Return every parameter, "" for an empty one; for requests other than OAuth. Raises as `once` does."""
        return {name: self._value(name) for name in self._pairs}

    def one(self, name: str) -> str | None:
        """Return the value of a parameter, None if absent or empty. Raises InvalidRequest as `once` does."""
        return self._value(name) or None

    def _value(self, name: str, any_text: Collection[str] = (), several: Collection[str] = ()) -> str:
        values = self._pairs.get(name, [])
        if len(values) > 1 and name not in several:
            raise _refused(name, "is sent more than once")
        if self._may_hold_control and name not in any_text and any(map(_CONTROL.search, values)):
            raise _refused(name, "holds a control character")
        return values[0] if len(values) == 1 else SEPARATOR.join(filter(None, values))

    def sole(self, name: str) -> str | None:
        """Return the value if it was sent exactly once, else None; for error responses."""
        values = self._pairs.get(name, [])
        return (values[0] or None) if len(values) == 1 else None

    def text(self, name: str) -> str:
        """Return the text of a form field; the first value, "" if absent."""
        return next(iter(self._pairs.get(name, [])), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field, such as a group of checkboxes."""
        return tuple(self._pairs.get(name, []))

    def __contains__(self, name: str) -> bool:
        """Whether the parameter was sent, with or without a value."""
        return name in self._pairs


def required(parameters: Mapping[str, str], name: str) -> str:
    """Return a parameter's value. Raises InvalidRequest if it is absent."""
    try:
        return parameters[name]
    except KeyError:
        raise InvalidRequest(f"{name} is missing") from None


def with_query(uri: str, parameters: Mapping[str, str]) -> str:
    """Return the URI with `parameters` behind its own query; it has no fragment."""
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(parameters, quote_via=quote)}"


def _refused(name: str, fault: str) -> InvalidRequest:
    known = name if _NAME.fullmatch(name) else ""
    return InvalidRequest(f"{known or 'a parameter'} {fault}", reason=f"a parameter {fault}", detail=known)


def decoded(text: str) -> str:
    """Return a percent-decoded name or value. Raises InvalidRequest for octets that are not UTF-8."""
    if text.isascii() and "%" not in text and "+" not in text:
        return text
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
    except UnicodeError:
        raise InvalidRequest("a parameter is not UTF-8") from None
