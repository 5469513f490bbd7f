"""S110: void grants stay void, even if a container's clock is set back."""

from __future__ import annotations

import pytest

from gatepost.accounts.removal import end_grants
from gatepost.clients.lifecycle import activate_app, deactivate_app
from gatepost.errors import InvalidGrant
from gatepost.stores.record_keys import AppKey
from tests.unit.signing_in import account
from tests.unit.world import ALICE, NOW, WEB, World


def test_s110_an_app_that_is_activated_by_a_clock_behind_gets_no_grant_back(world: World) -> None:
    answer = world.redeem(world.code())
    deactivate_app(world.store, world.web, reason="", now=NOW + 1)
    stopped = world.stored(AppKey(WEB))

    activate_app(world.store, stopped, now=NOW - 90)

    with pytest.raises(InvalidGrant):
        world.refresh(answer.refresh_token, now=NOW + 2)


def test_s110_an_app_that_is_stopped_again_by_a_clock_behind_gets_no_grant_back(world: World) -> None:
    answer = world.redeem(world.code())
    for now in (NOW + 1, NOW - 90):
        app = world.stored(AppKey(WEB))
        deactivate_app(world.store, app, reason="", now=now)
    app = world.stored(AppKey(WEB))
    activate_app(world.store, app, now=NOW - 80)

    with pytest.raises(InvalidGrant):
        world.refresh(answer.refresh_token, now=NOW + 2)


def test_s110_grants_that_a_user_ended_stay_ended_for_a_clock_behind(world: World) -> None:
    answer = world.redeem(world.code())
    end_grants(world.store, ALICE, now=NOW + 1)
    user = account(world, ALICE)
    assert user is not None

    end_grants(world.store, user, now=NOW - 90)

    with pytest.raises(InvalidGrant):
        world.refresh(answer.refresh_token, now=NOW + 2)
