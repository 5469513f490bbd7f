"""The client credentials grant: an app for itself (S62)."""

from __future__ import annotations

import pytest

from gatepost.errors import InvalidClient, InvalidScope, UnauthorizedClient
from gatepost.grants.token_response import TokenAnswer
from gatepost.model.records import App
from gatepost.stores.record_keys import AppKey
from tests.unit.world import NOW, World, native_app


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


def test_it_takes_one_round_trip(world: World) -> None:
    before = world.store.round_trips

    ask(world)

    assert world.store.round_trips - before == 1


def test_the_first_use_of_an_app_is_written_down_with_its_first_token(world: World) -> None:
    ask(world)

    app = world.stored(AppKey(world.web.client_id))
    assert (world.web.last_used_at, app.last_used_at // 86400) == (0, NOW // 86400)


@pytest.mark.parametrize(("asked", "given"), [(None, "read"), ("write", "write"), ("read admin", "read")])
def test_s62_the_scope_is_what_the_app_may_have(world: World, asked: str | None, given: str) -> None:
    assert str(ask(world, scope=asked).scope) == given


@pytest.mark.parametrize("scope", ["admin", "unknown", "re\\ad"])
def test_s62_a_scope_of_which_nothing_is_left_is_refused(world: World, scope: str) -> None:
    with pytest.raises(InvalidScope):
        ask(world, scope=scope)


def test_s62_a_public_app_is_refused_even_if_it_was_ticked(world: World) -> None:
    app = world.add_app(native_app(grant_types=("client_credentials",)))

    with pytest.raises(UnauthorizedClient):
        ask(world, app)


def test_s62_without_its_secret_an_app_is_refused(world: World) -> None:
    with pytest.raises(InvalidClient):
        ask(world, native_app(client_id=world.web.client_id))
