"""Bodies of requests: their type, size and JSON, and texts that nobody may send (S91, S92)."""

from __future__ import annotations

import json

import pytest

from tests.unit.consumer.api import PROBLEM, WEATHER, Api


@pytest.mark.parametrize(("method", "path"), [("POST", "/consumer/app"), ("PUT", "/consumer/app/any")])
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"[{}]", json.dumps([WEATHER]).encode(), b"null", b"1", b'"text"', b"true"),
        *(b"{", b"{}}", b"{'a': 1}", b"name=x", b'{"name": "a\nb"}', b'{"a": 1, "a": 2}'),
        *(b'{"name": NaN}', b'{"name": Infinity}', b'{"name": -Infinity}', b'{"name": ' + b"9" * 6000 + b"}"),
        *(rb'{"name": "\ud800"}', rb'{"\udfff": 1}', b'{"name": "\xff"}', b'{"name": "\xc0\x80"}'),
        *(b'{"name": "\xed\xa0\x80"}', '{"name": "\ufffd"}'.encode(), b"\xef\xbb\xbf{}"),
        *('{"name": "x"}'.encode("utf-16"), b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b"[" * 60_000),
    ],
    ids=range(28),
)
def test_s92_a_bad_body_is_400(api: Api, method: str, path: str, body: bytes) -> None:
    refused = api.call(method, path, raw=body, content_type="application/json", if_match="*")

    assert (refused.status, refused.headers["content-type"]) == (400, PROBLEM)
    assert not api.store._audit


@pytest.mark.parametrize(
    "name", [b"NaN", b"Infinity", rb'"\ud800"', rb'"\udfff\ud800"', b'"\xff"', '"\ufffd"'.encode(), b"9" * 5000]
)
def test_s92_what_json_or_unicode_does_not_know_is_no_json_whatever_stands_beside_it(api: Api, name: bytes) -> None:
    refused = api.call("POST", "/consumer/app", raw=json.dumps(WEATHER).encode().replace(b'"Weather"', name))

    assert (refused.status, refused.json["detail"]) == (400, "The body is not JSON.")
    assert "errors" not in refused.json


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "{{7*7}}", "🌦 7"])
def test_s92_markup_in_a_name_is_text(api: Api, name: str) -> None:
    made = api.call("POST", "/consumer/app", {**WEATHER, "name": name})

    assert (made.status, made.json["name"]) == (201, name)
    assert made.headers["content-type"] == "application/json"
    assert made.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a\u202eb"),
        ("name", "\x00"),
        ("name", "x" * 61),
        ("url", "javascript:alert(1)"),
        ("redirect_uris", ["http://x.test/"]),
        ("scope", ["read", "admin"]),
        ("post_logout_redirect_uris", ["javascript:x"]),
        ("post_logout_redirect_uris", None),
        ("backchannel_logout_uri", "http://weather.example.test"),
        ("id_token_signed_response_alg", "none"),
        ("userinfo_signed_response_alg", 3),
        ("token_endpoint_auth_method", "none"),
        ("token_endpoint_auth_method", "private_key_jwt"),
    ],
)
def test_s90_s92_a_value_that_can_not_be_is_refused_by_the_name_of_its_field(
    api: Api, field: str, value: object
) -> None:
    refused = api.call("POST", "/consumer/app", {**WEATHER, field: value})

    assert (refused.status, refused.fields) == (400, [field])


@pytest.mark.parametrize(
    "content_type",
    [
        "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json",
        "application/jsonp", "application/problem+json", "application/json,text/plain",
    ],
)  # fmt: skip
def test_s91_a_body_of_another_type_is_415(api: Api, content_type: str) -> None:
    refused = api.call("POST", "/consumer/app", WEATHER, content_type=content_type)

    assert (refused.status, refused.json["detail"]) == (415, "The body must be application/json.")
    assert not api.store._audit


@pytest.mark.parametrize("content_type", ["Application/JSON; charset=utf-8", "application/json;"])
def test_the_type_may_have_capitals_and_parameters(api: Api, content_type: str) -> None:
    assert api.call("POST", "/consumer/app", WEATHER, content_type=content_type).status == 201


def test_s92_a_body_of_a_megabyte_is_413_and_one_with_ten_redirect_uris_of_full_length_is_taken(api: Api) -> None:
    refused = api.call("POST", "/consumer/app", {**WEATHER, "name": "x" * 1_000_000})
    assert (refused.status, refused.json["detail"]) == (413, "The body is too large.")

    uris = [f"https://x.test/{number}{'a' * 1984}" for number in range(10)]
    assert api.call("POST", "/consumer/app", {**WEATHER, "redirect_uris": uris}).status == 201


def test_many_members_sent_twice_are_told_in_time(api: Api) -> None:
    members = b",".join(b'"%d":1' % (number % 3500) for number in range(7000))
    refused = api.call("POST", "/consumer/app", raw=b"{" + members + b"}")

    assert (refused.status, len(refused.fields)) == (400, 3500)
