"""The grant types (S61), enabled by the deployment and the app (S60)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.console import grant_texts
from gatepost.errors import InvalidRequest, UnauthorizedClient, UnsupportedGrantType
from gatepost.grants import GRANTS, offered_grant_types, offered_response_types
from gatepost.grants.implicit import GRANT_TYPE, new_token
from gatepost.model.records import GRANT_TYPES
from gatepost.oauth.resource_indicators import default_target
from tests.unit.world import ALICE, NOW, PASSWORD, READ, SETTINGS, WEB, World, web_app


def test_s61_a_request_without_a_grant_type_is_malformed(world: World) -> None:
    with pytest.raises(InvalidRequest, match="grant_type is missing"):
        world.send(world.web)


@pytest.mark.parametrize(
    "grant_type",
    [
        "",
        "unknown",
        "Password",
        "password ",
        "password\x00",
        "__proto__",
        "implicit",
        "token",
        "urn:ietf:params:oauth:grant-type:device_code",
    ],
)
def test_s61_a_grant_type_that_the_server_does_not_offer_is_refused(world: World, grant_type: str) -> None:
    with pytest.raises(UnsupportedGrantType):
        world.send(world.web, grant_type=grant_type, username="alice", password=PASSWORD)


def test_a_deployment_can_switch_the_password_grant_off(world: World) -> None:
    world.set(grant_password=False)

    with pytest.raises(UnsupportedGrantType):
        world.send(world.web, grant_type="password", username="alice", password=PASSWORD)


@pytest.mark.parametrize(
    ("grant_type", "parameters"),
    [
        ("authorization_code", {"code": "x"}),
        ("refresh_token", {"refresh_token": "x"}),
        ("password", {"username": "alice", "password": PASSWORD}),
        ("client_credentials", {}),
    ],
)
def test_s60_an_app_can_use_no_grant_that_its_owner_did_not_tick(
    world: World, grant_type: str, parameters: dict[str, Any]
) -> None:
    app = world.add_app(web_app(grant_types=("implicit",)))

    with pytest.raises(UnauthorizedClient):
        world.send(app, grant_type=grant_type, **parameters)


def test_the_server_says_what_it_offers(world: World) -> None:
    assert set(GRANTS) == {"authorization_code", "refresh_token", "password", "client_credentials"}
    assert set(offered_grant_types(SETTINGS)) == {*GRANTS, "implicit"}
    assert offered_response_types(SETTINGS) == ("code", "token")
    world.set(grant_password=False, grant_implicit=False)
    assert set(offered_grant_types(world.settings)) == {"authorization_code", "refresh_token", "client_credentials"}
    assert offered_response_types(world.settings) == ("code",)


def test_every_grant_can_be_chosen_for_an_app_and_has_a_text_on_its_page() -> None:
    assert set(GRANT_TYPES) == {*GRANTS, GRANT_TYPE} == set(grant_texts.GRANTS)


def test_s64_an_implicit_token_is_short_lived_and_its_grant_ends_with_it(world: World) -> None:
    target = default_target(world.settings)
    answer, grant = new_token(world.server, app=world.web, user=ALICE, scope=READ, target=target, now=NOW + 0.5)
    claims = world.claims(answer.access_token)

    assert (answer.expires_in, answer.refresh_token, str(answer.scope)) == (600, "", "read")
    assert (claims.sub, claims.client_id, claims.grant_id) == ("alice-id", WEB, grant.grant_id)
    assert (claims.iat, claims.exp) == (NOW, NOW + 600)
    assert (grant.user_id, grant.grant_type, grant.created_at) == ("alice-id", "implicit", NOW)
    assert (grant.idle_expires_at, grant.expires_at, grant.redeem_before) == (NOW + 600, NOW + 600, 0)
