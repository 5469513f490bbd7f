"""The fields of OpenID Connect in the API, under the names of RFC 7591."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.consumer.api import CHANGE, WEATHER, Api

FIELDS: dict[str, Any] = {
    "post_logout_redirect_uris": ["https://weather.example.test/bye"],
    "backchannel_logout_uri": "https://weather.example.test/logout",
    "id_token_signed_response_alg": "ES256",
    "userinfo_signed_response_alg": "RS256",
}


def shown(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in FIELDS}


def test_a_new_app_may_have_them_and_shows_them(api: Api) -> None:
    api.set(openid=True, signed_userinfo=True)
    made = api.call("POST", "/consumer/app", {**WEATHER, **FIELDS, "token_endpoint_auth_method": "client_secret_post"})

    assert made.status == 201
    assert shown(made.json) == FIELDS
    assert shown(api.call("GET", made.headers["location"]).json) == FIELDS


def test_a_change_without_them_leaves_them_and_one_with_some_replaces_those(api: Api) -> None:
    api.set(openid=True, signed_userinfo=True)
    path = api.call("POST", "/consumer/app", {**WEATHER, **FIELDS}).headers["location"]

    assert shown(api.call("PUT", path, CHANGE, if_match="*").json) == FIELDS
    changed = api.call("PUT", path, {**CHANGE, "backchannel_logout_uri": ""}, if_match="*")
    assert shown(changed.json) == {**FIELDS, "backchannel_logout_uri": ""}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("post_logout_redirect_uris", ["javascript:x"]),
        ("post_logout_redirect_uris", None),
        ("backchannel_logout_uri", "http://weather.example.test"),
        ("id_token_signed_response_alg", "none"),
        ("userinfo_signed_response_alg", 3),
        ("token_endpoint_auth_method", "none"),
        ("token_endpoint_auth_method", "private_key_jwt"),
    ],
)
def test_a_value_that_can_not_be_is_refused_by_the_name_of_its_field(api: Api, field: str, value: Any) -> None:
    refused = api.call("POST", "/consumer/app", {**WEATHER, field: value})

    assert (refused.status, refused.fields) == (400, [field])


def test_a_public_app_authenticates_by_nothing(api: Api) -> None:
    public = {**WEATHER, "confidential": False}

    assert api.call("POST", "/consumer/app", public).json["token_endpoint_auth_method"] == "none"
    refused = api.call("POST", "/consumer/app", {**public, "token_endpoint_auth_method": "client_secret_basic"})
    assert refused.fields == ["token_endpoint_auth_method"]
