"""The tokens of apps that are not read again for a few seconds (S58)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gatepost.clients.lifecycle import activate_app, deactivate_app, delete_app
from gatepost.errors import InvalidClient
from gatepost.model.feed import everything_of
from gatepost.model.records import App
from gatepost.stores.record_keys import AppKey
from tests.unit.clients.warm_container import SECONDS, Container
from tests.unit.world import NOW, OTHER, WEB, World


def stop_by_deleting(world: World, app: App, *, now: float) -> None:
    delete_app(world.store, app, now=now)


def stop_by_deactivating(world: World, app: App, *, now: float) -> None:
    deactivate_app(world.store, app, reason="", now=now)


@pytest.mark.parametrize("stop", [stop_by_deleting, stop_by_deactivating])
def test_s58_tokens_that_a_stopped_app_still_gets_are_denied_like_those_before(
    container: Container, world: World, stop: Callable[..., None]
) -> None:
    first = container.redeem(world.code(), NOW)
    (app,) = world.store.read(AppKey(WEB))
    stop(world, app, now=NOW + 3)

    own = container.ask(NOW + 5)
    refreshed = container.ask(NOW + 6, grant_type="refresh_token", refresh_token=first.refresh_token)

    for answer in (first, own, refreshed):
        assert not world.opens(answer.access_token, NOW + 7)
        assert not container.introspect(answer.access_token, NOW + 7, OTHER)
    with pytest.raises(InvalidClient):
        container.ask(NOW + SECONDS)


def test_s58_tokens_that_were_issued_to_a_stopped_app_stay_void_when_it_is_activated_again(
    container: Container, world: World
) -> None:
    container.ask(NOW)
    stop_by_deactivating(world, world.web, now=NOW + 3)
    late = container.ask(NOW + 5)
    app = world.stored(AppKey(WEB))
    activate_app(world.store, app, now=NOW + 6)

    assert not world.opens(late.access_token, NOW + 7)
    assert world.opens(container.ask(NOW + SECONDS).access_token, NOW + SECONDS)


def test_a_token_of_a_kept_app_is_dated_when_it_was_read_and_lives_as_long_as_any(
    container: Container, world: World
) -> None:
    container.ask(NOW + 0.9)
    answer = container.ask(NOW + 7.5)
    claims = world.claims(answer.access_token, NOW + 8)

    assert (claims.iat, claims.exp, answer.expires_in) == (NOW, NOW + 7 + 3600, 3600)


def test_a_token_is_not_dated_before_its_grant_so_that_a_new_sign_in_counts(container: Container, world: World) -> None:
    container.ask(NOW)
    world.store.publish(everything_of("user", "alice-id", NOW + 2))  # everything of the user until now, as at sign-out
    answer = container.redeem(world.code(now=NOW + 3), NOW + 4)
    claims = world.claims(answer.access_token, NOW + 4)

    assert (claims.iat, claims.exp) == (NOW + 3, NOW + 4 + 3600)
    assert world.opens(answer.access_token, NOW + 5)


def test_the_app_of_an_introspected_token_is_read_even_if_it_is_the_one_that_asks(
    container: Container, world: World
) -> None:
    token = container.ask(NOW).access_token
    assert container.introspect(token, NOW + 1, OTHER)
    assert container.introspect(token, NOW + 1)
    world.store.set_app_status(WEB, "deactivated", reason="", grants_valid_from=0)

    assert not container.introspect(token, NOW + 2, OTHER)
    assert not container.introspect(token, NOW + 2)
    with pytest.raises(InvalidClient):
        container.introspect(token, NOW + SECONDS)
