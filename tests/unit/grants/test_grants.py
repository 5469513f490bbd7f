"""The grant types (S61), enabled by the deployment and the app (S60), and tokens of the app itself (S62)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gatepost.console import grant_texts
from gatepost.errors import InvalidClient, InvalidRequest, InvalidScope, UnauthorizedClient, UnsupportedGrantType
from gatepost.grants import GRANTS, is_readable_anywhere, offered_grant_types, offered_response_types
from gatepost.grants.implicit import GRANT_TYPE, new_token
from gatepost.grants.token_response import TokenAnswer
from gatepost.model.records import GRANT_TYPES, App
from gatepost.oauth.resource_indicators import default_target
from tests.unit.world import ALICE, NOW, PASSWORD, READ, SETTINGS, WEB, WRITE, World, native_app, web_app


def test_s61_a_request_without_a_grant_type_is_malformed(world: World) -> None:
    with pytest.raises(InvalidRequest, match="grant_type is missing"):
        world.send(world.web)


@pytest.mark.parametrize(
    "grant_type",
    [
        "", "Password", "password ", "password\x00", "__proto__", "implicit", "token", "urn:example:x",
    ],
)  # fmt: skip
def test_s61_a_grant_type_that_the_server_does_not_offer_is_refused(world: World, grant_type: str) -> None:
    with pytest.raises(UnsupportedGrantType):
        world.send(world.web, grant_type=grant_type, username="alice", password=PASSWORD)


@pytest.mark.parametrize(
    ("grant_type", "parameters"),
    [
        ("authorization_code", {"code": "x"}),
        ("refresh_token", {"refresh_token": "x"}),
        ("password", {"username": "alice", "password": PASSWORD}),
        ("client_credentials", {}),
    ],
)
def test_s60_an_app_uses_no_grant_that_nobody_ticked(world: World, grant_type: str, parameters: dict[str, Any]) -> None:
    app = world.add_app(web_app(grant_types=("implicit",)))

    with pytest.raises(UnauthorizedClient):
        world.send(app, grant_type=grant_type, **parameters)


def test_the_server_says_what_it_offers_and_takes_nothing_else(world: World) -> None:
    assert set(GRANTS) == {"authorization_code", "refresh_token", "password", "client_credentials"}
    assert set(offered_grant_types(SETTINGS)) == {*GRANTS, "implicit"}
    assert offered_response_types(SETTINGS) == ("code", "token")
    world.set(grant_password=False, grant_implicit=False)
    assert set(offered_grant_types(world.settings)) == {"authorization_code", "refresh_token", "client_credentials"}
    assert offered_response_types(world.settings) == ("code",)
    with pytest.raises(UnsupportedGrantType):
        world.send(world.web, grant_type="password", username="alice", password=PASSWORD)


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


@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token", "password", "client_credentials"])
def test_a_grant_takes_few_round_trips(world: World, first: TokenAnswer, grant: str) -> None:
    code, before = world.code(), world.store.round_trips
    asking: dict[str, tuple[Callable[[], TokenAnswer], int]] = {
        "authorization_code": (lambda: world.redeem(code), 2),
        "refresh_token": (lambda: world.refresh(first.refresh_token), 2),
        "password": (lambda: world.send(world.native, grant_type=grant, username="alice", password=PASSWORD), 3),
        "client_credentials": (lambda: ask(world), 1),
    }
    asking[grant][0]()

    assert world.store.round_trips - before == asking[grant][1]


# The client credentials grant


def ask(world: World, app: App | None = None, scope: str | None = None) -> TokenAnswer:
    return world.send(app or world.web, grant_type="client_credentials", scope=scope)


def test_s62_an_app_gets_a_token_of_which_it_is_the_subject_and_no_refresh_token(world: World) -> None:
    answer = ask(world, scope="read write")
    claims = world.claims(answer.access_token)

    assert answer.members() == {
        "access_token": answer.access_token,
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "read write",
    }
    assert (claims.sub, claims.client_id, claims.grant_id) == (world.web.client_id, world.web.client_id, "")
    assert (claims.iat, claims.exp) == (NOW, NOW + 3600)


def test_the_first_use_of_an_app_is_written_down_with_its_first_token(world: World) -> None:
    ask(world)

    assert (world.web.last_used_at, world.app().last_used_at // 86400) == (0, NOW // 86400)


@pytest.mark.parametrize(
    ("asked", "given"),
    [(None, "read"), ("", "read"), (" ", "read"), (",", "read"), ("write", "write"), ("read admin", "read")],
)
def test_s62_the_scope_is_what_the_app_may_have(world: World, asked: str | None, given: str) -> None:
    assert str(ask(world, scope=asked).scope) == given
    for nothing in ("admin", "unknown", "re\\ad"):
        with pytest.raises(InvalidScope):
            ask(world, scope=nothing)


def test_s62_an_app_without_its_secret_and_a_public_app_are_refused_even_if_it_was_ticked(world: World) -> None:
    with pytest.raises(InvalidClient):
        ask(world, native_app(client_id=world.web.client_id))
    with pytest.raises(UnauthorizedClient):
        ask(world, world.add_app(native_app(grant_types=("client_credentials",))))


@pytest.mark.parametrize("grant_type", [*GRANTS, "implicit", "urn:example:x"])
def test_scripts_of_any_origin_read_no_answer_to_a_guessed_password_or_secret(grant_type: str) -> None:
    assert is_readable_anywhere(grant_type) is (grant_type not in ("password", "client_credentials"))


def test_s62_an_app_that_names_no_scope_gets_what_it_registered(world: World) -> None:
    assert str(ask(world, world.add_app(web_app(default_scope=WRITE))).scope) == "write"
