"""Refused requests: others' apps, fields that are not the owner's, faults by name, and bodies (S89 to S92)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.consumer.api import CHANGE, MALLORY, NOWHERE, PROBLEM, WEATHER, Api


@pytest.mark.parametrize(
    ("method", "below", "document"),
    [
        *(("GET", "", None), ("PUT", "", CHANGE), ("DELETE", "", None)),
        *(("POST", "/secret", None), ("DELETE", "/secret/{secret_id}", None)),
    ],
)
def test_s89_anothers_app_is_as_if_it_did_not_exist(api: Api, method: str, below: str, document: Any) -> None:
    theirs = api.created().json["client_id"]
    before = api.app(theirs)
    below = below.format(secret_id=before.secrets[0].secret_id)

    refused = api.call(method, f"/consumer/app/{theirs}{below}", document, user=MALLORY, if_match="*")
    absent = api.call(method, f"/consumer/app/{NOWHERE}{below}", document, user=MALLORY, if_match="*")

    assert (refused.status, refused.headers["content-type"]) == (404, PROBLEM)
    assert (refused.text, refused.headers) == (absent.text, absent.headers)
    assert api.app(theirs) == before


def test_s89_a_list_holds_ones_own_apps_only(api: Api) -> None:
    api.created(user=MALLORY)
    mine = api.created(name="Mine").json["client_id"]

    assert [app["client_id"] for app in api.call("GET", "/consumer/app").json["items"]] == [mine]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "odd",
    [
        *("x" * 3000, "%00", "count%23alice-id", "name%23alice-id%23x", "%FF", "..", "%2e%2e%2faccount", "%20"),
        *("{client_id}", "3F2B8C1E-9A4D-4A57-8A44-5D1F0F6F2C01", "%F0%9F%8C%A6", "%5Cud800"),
    ],
)
def test_s89_an_odd_id_is_not_found(api: Api, method: str, odd: str) -> None:
    document = CHANGE if method == "PUT" else None
    absent = api.call(method, f"/consumer/app/{NOWHERE}", document, if_match="*")

    assert api.call(method, f"/consumer/app/{odd}", document, if_match="*") == absent
    assert absent.status == 404
    if method == "DELETE":
        made = api.created()
        assert api.call("DELETE", f"{made.headers['location']}/secret/{odd}") == absent
        assert len(api.app(made.json["client_id"]).secrets) == 1


@pytest.mark.parametrize("odd", ["\ud800", "a/b", "#", "?", "..", "\x00", "count#alice-id", "é", "\n"])
def test_s89_an_odd_id_is_not_found_however_the_path_is_written(api: Api, odd: str) -> None:
    sent = {
        "routeKey": "GET /consumer/app/{client_id}",
        "pathParameters": {"client_id": odd},
        "requestContext": {
            "http": {"method": "GET", "path": f"/stage/consumer/app/{odd}"},
            "authorizer": {"lambda": {"sub": "alice-id", "client_id": "c", "scope": "consumer", "grant_id": "g"}},
        },
    }

    assert api.handle(sent) == api.call("GET", f"/consumer/app/{NOWHERE}")


@pytest.mark.parametrize(
    "name",
    [
        "owner", "client_id", "client_secret", "secrets", "pk", "role", "secret_hash", "status", "created_at",
        "version", "__class__", "name ",
    ],
)  # fmt: skip
def test_s90_a_field_that_is_not_the_owners_is_refused_by_name(api: Api, name: str) -> None:
    made = api.created()
    before = api.app(made.json["client_id"])

    new = api.call("POST", "/consumer/app", {**WEATHER, "name": "Other", name: "x"})
    change = api.call("PUT", made.headers["location"], {**CHANGE, name: "x"}, if_match="*")

    assert new.status == change.status == 400
    assert new.json["errors"] == change.json["errors"] == [{"field": name, "detail": "This field can't be set here."}]
    assert api.app(made.json["client_id"]) == before
    assert len(api.call("GET", "/consumer/app").json["items"]) == 1
    assert api.call("PUT", made.headers["location"], WEATHER, if_match="*").fields == ["confidential"]


def test_every_field_at_fault_is_named(api: Api) -> None:
    document = {"name": "", "url": "javascript:alert(1)", "redirect_uris": ["https://x.test/#f"], "grant_types": []}
    refused = api.call("POST", "/consumer/app", {**document, "scope": [], "confidential": True})

    assert (refused.status, refused.headers["content-type"]) == (400, PROBLEM)
    told = {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": "Some fields are not valid."}
    assert refused.json == told | {"errors": refused.json["errors"]}
    assert refused.fields == ["name", "url", "redirect_uris", "grant_types", "scope"]
    assert refused.json["errors"][2]["detail"] == "Redirect URI 1 must not have a fragment."


def test_every_field_of_a_wrong_type_is_named_with_its_place(api: Api) -> None:
    document = {"name": 1, "url": None, "redirect_uris": ["https://x.test/", 7], "confidential": "true", "extra": 1}
    refused = api.call("POST", "/consumer/app", {**document, "grant_types": "implicit"})

    assert refused.status == 400
    assert sorted(refused.fields) == [
        *("confidential", "extra", "grant_types", "name", "redirect_uris.1", "scope", "url")
    ]


def test_a_name_that_is_taken_is_a_fault_of_the_name(api: Api) -> None:
    api.created()
    refused = api.call("POST", "/consumer/app", {**WEATHER, "name": "WEATHER"})

    assert refused.status == 400
    assert refused.json["errors"] == [{"field": "name", "detail": "You already have an app with this name."}]


def test_beyond_the_limit_no_app_is_made(api: Api) -> None:
    for number in range(3):
        api.created(name=f"App {number}")
    refused = api.call("POST", "/consumer/app", WEATHER)

    assert (refused.status, refused.json["detail"]) == (409, "You have reached the limit of 3 apps.")
    assert "errors" not in refused.json


# Bodies


@pytest.mark.parametrize(("method", "path"), [("POST", "/consumer/app"), ("PUT", "/consumer/app/any")])
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"[{}]", json.dumps([WEATHER]).encode(), b"null", b"1", b'"text"', b"true"),
        *(b"{", b"{}}", b"{'a': 1}", b"name=x", b'{"name": "a\nb"}', b'{"a": 1, "a": 2}'),
        *(rb'{"\udfff": 1}', b"\xef\xbb\xbf{}", '{"name": "x"}'.encode("utf-16")),
        *(b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b"[" * 60_000),
    ],
    ids=range(19),
)
def test_s92_a_bad_body_is_400(api: Api, method: str, path: str, body: bytes) -> None:
    refused = api.call(method, path, raw=body, content_type="application/json", if_match="*")

    assert (refused.status, refused.headers["content-type"]) == (400, PROBLEM)
    assert not api.store._audit


@pytest.mark.parametrize(
    "name",
    [
        *(b"NaN", b"Infinity", b"-Infinity", b"9" * 5000, rb'"\ud800"', rb'"\udfff\ud800"', b'"\xff"'),
        *(b'"\xc0\x80"', b'"\xed\xa0\x80"', '"\ufffd"'.encode()),
    ],
    ids=range(10),
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
        *(("name", "x" * 61), ("url", "javascript:alert(1)"), ("redirect_uris", ["http://x.test/"])),
        *(("scope", ["read", "admin"]), ("post_logout_redirect_uris", ["javascript:x"])),
        *(("post_logout_redirect_uris", None), ("backchannel_logout_uri", "http://weather.example.test")),
        *(("id_token_signed_response_alg", "none"), ("userinfo_signed_response_alg", 3)),
        *(("token_endpoint_auth_method", "none"), ("token_endpoint_auth_method", "private_key_jwt")),
    ],
)
def test_s90_s92_a_value_that_can_not_be_is_refused_by_its_field(api: Api, field: str, value: object) -> None:
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
