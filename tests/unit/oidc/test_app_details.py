"""An app's metadata for signing people in and out (RFC 7591's names)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.audit_log.changes import Change, app_changes
from gatepost.clients.owner_changes import InvalidApp, update_app
from gatepost.oidc.app_details import OpenIDDetails
from gatepost.stores.record_keys import AppKey
from tests.raising import raised
from tests.unit.world import NOW, OWNER, SETTINGS, WEB, World, details_of

SIGNING = SETTINGS._replace(openid=True, signed_userinfo=True)
LOCAL = SIGNING._replace(issuer="http://127.0.0.1:8000")


def change(world: World, openid: OpenIDDetails | None, settings: Any = SIGNING) -> Any:
    app = world.stored(AppKey(WEB))
    return update_app(world.store, settings, app, details_of(app, openid=openid), owner=OWNER, now=NOW)


def faults(world: World, settings: Any = SIGNING, **fields: Any) -> dict[str, str]:
    return raised(InvalidApp, change, world, OpenIDDetails(**fields), settings).faults


def test_the_fields_are_kept_and_a_change_without_them_leaves_them(world: World) -> None:
    details = OpenIDDetails(
        post_logout_redirect_uris=("https://client.example.test/bye",),
        backchannel_logout_uri="https://client.example.test/logout?x=1",
        id_token_signed_response_alg="ES256",
        userinfo_signed_response_alg="RS256",
    )
    change(world, details)
    change(world, None)
    app = world.stored(AppKey(WEB))
    assert OpenIDDetails.of(app) == details


def test_the_default_algorithm_is_not_written_so_that_it_can_become_another(world: World) -> None:
    changed = change(world, OpenIDDetails(id_token_signed_response_alg="RS256"))

    assert changed.id_token_signed_response_alg == ""
    assert changed.approvals_valid_from == 0  # they are not what people recognize an app by


def test_s372_nobody_registers_for_a_signature_where_userinfo_is_not_signed(world: World) -> None:
    for settings in (SETTINGS, SIGNING._replace(signed_userinfo=False), SIGNING._replace(openid=False)):
        found = faults(world, settings, userinfo_signed_response_alg="RS256")
        assert found == {"userinfo_signed_response_alg": "This server does not sign userinfo."}
        assert change(world, OpenIDDetails(), settings)


@pytest.mark.parametrize("alg", ["none", "rs256"])
@pytest.mark.parametrize("field", ["id_token_signed_response_alg", "userinfo_signed_response_alg"])
def test_s203_no_other_algorithm_can_be_registered(world: World, field: str, alg: str) -> None:
    assert faults(world, **{field: alg}) == {field: "The algorithm must be RS256 or ES256."}


@pytest.mark.parametrize(
    ("uris", "fault"),
    [
        (("https://a.test/", "https://a.test/"), "A sign-out redirect URI must not be there twice."),
        (("javascript:x",), "Sign-out redirect URI 1 must use https"),
        (("https://a.test/#x",), "Sign-out redirect URI 1 must not have a fragment."),
        (("https://a.test/?state=x",), "Sign-out redirect URI 1 must not have state in its query"),
        (tuple(f"https://a.test/{n}" for n in range(11)), "There must be at most 10 sign-out redirect URIs."),
    ],
)
def test_sign_out_redirect_uris_keep_to_those_rules(world: World, uris: tuple[str, ...], fault: str) -> None:
    assert faults(world, post_logout_redirect_uris=uris)["post_logout_redirect_uris"].startswith(fault)


@pytest.mark.parametrize(
    ("uri", "fault"),
    [
        ("http://client.example.test/x", "must use https, except on a loopback address."),
        ("http://127.0.0.1:9001/", "must not be on a loopback address: this server calls it."),
        ("https://localhost/#x", "must not have a fragment."),
        ("http://LOCALHOST:9001/", "must not be on a loopback address: this server calls it."),
        ("https://client.example.test:8443/x", "must be on port 443: this server calls no other."),
        ("https://intranet/x", "must have a full host name: this server calls it."),
    ],
)
def test_s221_a_uri_that_the_server_must_not_call_can_not_be_registered(world: World, uri: str, fault: str) -> None:
    found = faults(world, backchannel_logout_uri=uri)

    assert found == {"backchannel_logout_uri": f"The back-channel logout URI {fault}"}


def test_a_local_server_calls_apps_beside_it(world: World) -> None:
    uri = "http://127.0.0.1:9000/logout"

    assert change(world, OpenIDDetails(backchannel_logout_uri=uri), LOCAL).backchannel_logout_uri == uri


def test_changes_are_in_the_audit_log_without_the_values_of_queries(world: World) -> None:
    before = world.stored(AppKey(WEB))
    after = change(
        world,
        OpenIDDetails(
            post_logout_redirect_uris=("https://client.example.test/bye?k=secret",),
            backchannel_logout_uri="https://client.example.test/logout?k=secret",
            id_token_signed_response_alg="ES256",
            userinfo_signed_response_alg="ES256",
        ),
    )

    assert app_changes(before, after) == (
        Change("sign-out redirect URI", "", "https://client.example.test/bye?…"),
        Change("back-channel logout URI", "", "https://client.example.test/logout?…"),
        Change("ID token", "", "ES256"),
        Change("userinfo", "", "ES256"),
    )
