"""/consumer/app: the user's own apps only."""

from __future__ import annotations

from typing import Any

from gatepost.identifiers import digest
from tests.unit.consumer.api import CHANGE, WEATHER, Api


def test_a_new_app_is_answered_with_its_place_its_tag_and_its_secret(api: Api) -> None:
    made = api.call("POST", "/consumer/app", WEATHER)

    assert made.status == 201
    assert made.headers["content-type"] == "application/json"
    client_id, secret = made.json["client_id"], made.json["client_secret"]
    app = api.app(client_id)
    assert made.headers["location"] == f"/consumer/app/{client_id}"
    assert app.secrets[0].secret_hash == digest(secret)
    assert app.owner == "alice-id"
    created = made.json["created_at"]
    assert created.endswith("Z")
    assert len(created) == len("2026-11-24T08:00:00Z")
    assert {name: value for name, value in made.json.items() if name not in {"client_id", "client_secret"}} == {
        "name": "Weather",
        "url": "https://weather.example.test",
        "redirect_uris": ["https://weather.example.test/cb"],
        "grant_types": ["authorization_code", "refresh_token"],
        "post_logout_redirect_uris": [],
        "backchannel_logout_uri": "",
        "id_token_signed_response_alg": "RS256",
        "userinfo_signed_response_alg": "",
        "confidential": True,
        "token_endpoint_auth_method": "client_secret_basic",
        "scope": ["read"],
        "scopes": [{"name": "read", "users": "open", "itself": None}],
        "resources": [],
        "granted_by_update": False,
        "status": "active",
        "status_reason": "",
        "created_at": created,
        "last_used_at": None,
        "secrets": [{"secret_id": app.secrets[0].secret_id, "created_at": created, "last_used_at": None, "label": ""}],
    }


def test_a_public_app_has_no_secret_to_show_and_authenticates_by_nothing(api: Api) -> None:
    public = {**WEATHER, "confidential": False}
    refused = api.call("POST", "/consumer/app", {**public, "token_endpoint_auth_method": "client_secret_basic"})
    assert refused.fields == ["token_endpoint_auth_method"]

    made = api.call("POST", "/consumer/app", {name: v for name, v in public.items() if name != "redirect_uris"})

    assert (made.status, made.json["redirect_uris"]) == (201, [])
    assert "client_secret" not in made.json
    assert (made.json["secrets"], made.json["token_endpoint_auth_method"]) == ([], "none")
    none = api.call("POST", f"{made.headers['location']}/secret")
    assert none.json["detail"] == "A browser or native app has no secret."


def test_s93_the_secret_is_shown_once_and_its_hash_never(api: Api) -> None:
    made = api.created()
    secret, path = made.json["client_secret"], made.headers["location"]
    shown = [made, api.call("GET", path), api.call("GET", "/consumer/app")]
    shown.append(api.call("PUT", path, CHANGE, if_match=made.headers["etag"]))

    assert [answer.status for answer in shown] == [201, 200, 200, 200]
    assert all(answer.headers["cache-control"] == "no-store" for answer in shown)
    assert not [answer for answer in shown if digest(secret) in answer.text or "hash" in answer.text]
    assert not [answer for answer in shown[1:] if secret in answer.text or '"client_secret"' in answer.text]


def test_a_change_replaces_what_the_owner_may_change(api: Api) -> None:
    made = api.created()
    new = {"name": "Storm", "url": "https://storm.example.test", "redirect_uris": []}
    new |= {"grant_types": ["client_credentials"], "scope": ["write"]}
    changed = api.call("PUT", made.headers["location"], new, if_match=made.headers["etag"])
    kept = {name: made.json[name] for name in ("client_id", "confidential", "status", "secrets", "created_at")}
    assert changed.status == 200
    assert changed.json == changed.json | new | kept
    assert changed.headers["etag"] == api.call("GET", made.headers["location"]).headers["etag"]
    assert changed.headers["etag"] != made.headers["etag"]


def test_a_change_must_be_whole(api: Api) -> None:
    made = api.created()
    refused = api.call("PUT", made.headers["location"], {"name": "Storm"}, if_match="*")

    assert refused.status == 400
    assert refused.json["errors"][0] == {"field": "url", "detail": "This field is required."}
    assert refused.fields == ["url", "redirect_uris", "grant_types", "scope"]


def test_an_app_is_deleted(api: Api) -> None:
    made = api.created()
    path = made.headers["location"]
    assert api.store.touch_app(api.app(made.json["client_id"]), secret_id="", now=1_800_000_000)
    gone = api.call("DELETE", path)

    assert (gone.status, gone.text) == (204, "")
    assert "content-type" not in gone.headers
    assert api.call("GET", path).status == 404
    assert api.call("DELETE", path).status == 404
    assert [(entry.kind, entry.subject) for entry in api.store.feed(0)] == [("client", made.json["client_id"])]


def test_s182_a_second_secret_is_made_with_a_label_and_the_first_is_ended(api: Api) -> None:
    made = api.created()
    path, client_id = made.headers["location"], made.json["client_id"]
    first = made.json["secrets"][0]["secret_id"]
    for label in ("a\u202eb", 7, None):
        refused = api.call("POST", f"{path}/secret", {"label": label})
        assert (refused.status, refused.fields) == (400, ["label"])
    second = api.call("POST", f"{path}/secret", {"label": " Staging <1> "})
    assert (second.status, set(second.json)) == (201, {"secret_id", "client_secret", "label"})
    assert api.app(client_id).secrets[1].secret_hash == digest(second.json["client_secret"])
    assert [each["label"] for each in api.call("GET", path).json["secrets"]] == ["", second.json["label"]]
    assert second.json["label"] == "Staging <1>"
    assert api.call("POST", f"{path}/secret").status == 409
    assert api.call("DELETE", f"{path}/secret/{first}").status == 204
    assert [secret.secret_id for secret in api.app(client_id).secrets] == [second.json["secret_id"]]
    assert api.call("DELETE", f"{path}/secret/{first}").status == 404
    last = api.call("DELETE", f"{path}/secret/{second.json['secret_id']}")
    assert (last.status, last.json["detail"]) == (409, "This is the only secret. Create another one first.")


def test_what_was_done_stands_in_the_audit_list(api: Api) -> None:
    made = api.created()
    path, client_id = made.headers["location"], made.json["client_id"]
    secret = api.call("POST", f"{path}/secret").json
    api.call("DELETE", f"{path}/secret/{secret['secret_id']}")
    api.call("PUT", path, {**CHANGE, "name": "Storm"}, if_match="*")
    api.call("GET", path)
    api.call("DELETE", path)
    done = [("app_created", "Weather"), ("secret_created", "Weather"), ("secret_ended", "Weather")]
    done += [("app_changed", "Storm"), ("app_deleted", "Storm")]
    assert [(each.event, each.subject) for each in api.store._audit] == done
    by = {(each.actor, each.actor_name, each.client_id, each.source_ip) for each in api.store._audit}
    assert by == {("alice-id", "alice", client_id, "192.0.2.1")}


# Fields of OpenID Connect, under the names of RFC 7591

FIELDS: dict[str, Any] = {
    "post_logout_redirect_uris": ["https://weather.example.test/bye"],
    "backchannel_logout_uri": "https://weather.example.test/logout",
    "id_token_signed_response_alg": "ES256",
    "userinfo_signed_response_alg": "RS256",
}


def shown(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in FIELDS}


def test_the_fields_of_openid_connect_are_shown_and_a_change_replaces_those_that_it_has(api: Api) -> None:
    api.set(openid=True, signed_userinfo=True)
    made = api.created(**FIELDS, token_endpoint_auth_method="client_secret_post")
    path = made.headers["location"]

    assert shown(made.json) == shown(api.call("GET", path).json) == FIELDS
    assert shown(api.call("PUT", path, CHANGE, if_match="*").json) == FIELDS
    changed = api.call("PUT", path, {**CHANGE, "backchannel_logout_uri": ""}, if_match="*")
    assert shown(changed.json) == {**FIELDS, "backchannel_logout_uri": ""}
