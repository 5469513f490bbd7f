"""The response to an app: its target and its parameters (S09, S10, S11, S64)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from gatepost.errors import AnswerError, InvalidScope
from gatepost.oauth.redirect_uris import Callback, answering
from tests.unit.world import CALLBACK


def callback(uri: str = CALLBACK, *, state: str | None = None, fragment: bool = False) -> Callback:
    return Callback(redirect_uri=uri, sent=True, state=state, issuer="https://id.example.test", fragment=fragment)


@pytest.mark.parametrize(
    ("uri", "location"),
    [
        (CALLBACK, "https://client.example.test/cb?code=abc&iss=https%3A%2F%2Fid.example.test"),
        (
            "https://client.example.test/cb2?tenant=7",
            "https://client.example.test/cb2?tenant=7&code=abc&iss=https%3A%2F%2Fid.example.test",
        ),
        ("com.example.app:/cb", "com.example.app:/cb?code=abc&iss=https%3A%2F%2Fid.example.test"),
        ("http://127.0.0.1:5/cb", "http://127.0.0.1:5/cb?code=abc&iss=https%3A%2F%2Fid.example.test"),
    ],
)
def test_s10_an_answer_travels_in_the_query_and_names_the_issuer(uri: str, location: str) -> None:
    assert callback(uri).location({"code": "abc"}) == location


def test_s64_an_answer_of_the_implicit_grant_travels_in_the_fragment() -> None:
    location = callback("https://client.example.test/cb2?tenant=7", state="s", fragment=True).location({"token": "t"})

    assert location == "https://client.example.test/cb2?tenant=7#token=t&state=s&iss=https%3A%2F%2Fid.example.test"


@pytest.mark.parametrize(
    "state",
    [
        "abc",
        "YWJj+/=",
        "https://client.example.test/?a=b&c=d#e",
        "two words",
        " ",
        "%zz",
        "100%25",
        '{"a":["b",1]}',
        "'\"<script>",
        "zoë ☃ 😀",
        "a\r\nLocation: https://evil.test",
        "x" * 1500,
        "a+b",
        "&code=evil",
    ],
)
@pytest.mark.parametrize("fragment", [False, True])
def test_s09_the_state_comes_back_byte_for_byte(state: str, fragment: bool) -> None:
    location = callback(state=state, fragment=fragment).location({"code": "abc"})
    parts = urlsplit(location)

    assert location.isascii()
    assert parse_qs(parts.fragment if fragment else parts.query, strict_parsing=True) == {
        "code": ["abc"],
        "state": [state],
        "iss": ["https://id.example.test"],
    }


def test_s09_where_there_was_no_state_none_comes_back() -> None:
    assert "state" not in callback().location({"code": "abc"})


def test_s11_an_error_reaches_the_app_with_its_code_and_its_public_text_only() -> None:
    with pytest.raises(AnswerError) as caught, answering(callback(state="s")):
        raise InvalidScope("none of the requested scope can be granted", reason="secret reason")

    assert caught.value.error.code == "invalid_scope"
    assert caught.value.location == (
        "https://client.example.test/cb?error=invalid_scope"
        "&error_description=none%20of%20the%20requested%20scope%20can%20be%20granted"
        "&state=s&iss=https%3A%2F%2Fid.example.test"
    )


def test_s11_what_is_no_error_of_the_protocol_is_not_sent_to_the_app() -> None:
    with pytest.raises(ZeroDivisionError), answering(callback()):
        raise ZeroDivisionError
