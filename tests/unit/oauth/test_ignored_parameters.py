"""What a refused scope or resource says of parameters that the server ignores."""

from __future__ import annotations

import pytest

from gatepost.errors import InvalidScope
from gatepost.oauth.ignored_parameters import hint

BY_SPACES = "no. Separate scopes by spaces, not by commas"
AUDIENCE = "no. audience is ignored: name the API in resource (RFC 8707)"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, "no"),
        ({"scope": "a b"}, "no"),
        ({"scope": "a,b"}, BY_SPACES),
        ({"audience": "x", "scope": "a"}, AUDIENCE),
        ({"audience": "x", "resource": "x"}, "no"),
        ({"audience": "x", "scope": "a,b"}, AUDIENCE + BY_SPACES.removeprefix("no")),
    ],
)
def test_a_description_names_what_else_may_be_wrong(parameters: dict[str, str], expected: str) -> None:
    refused = InvalidScope("no")
    hint(refused, parameters)

    assert (refused.description, refused.reason) == (expected, "no")
