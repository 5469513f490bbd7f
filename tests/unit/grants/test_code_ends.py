"""Codes that are not valid any more, and the reason in the log: the grant expired, gone or void (S21, S43, S73)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.errors import InvalidGrant
from gatepost.grants.token_response import TokenAnswer, requested_scope
from gatepost.stores.record_keys import GrantKey
from tests.unit.grants.refreshing import refused as refresh_refused
from tests.unit.world import NOTHING, NOW, READ, WEB, World


def reason(world: World, code: str, *args: Any, **changes: Any) -> str:
    """Return the logged reason of a rejected code; the app's error is always the same."""
    with pytest.raises(InvalidGrant) as caught:
        world.redeem(code, *args, **changes)
    assert caught.value.description == "code is not valid"
    return caught.value.reason


def voided(world: World, app_from: int = 0, user_from: int = 0) -> None:
    """App and account as they are after their grants were ended and they were activated again."""
    if app_from:
        world.store.set_app_status(WEB, "active", reason="", grants_valid_from=app_from)
    if user_from:
        world.store.void_user_grants("alice-id", grants_valid_from=user_from, revocation=NOTHING)


def test_a_code_that_is_none_is_a_guess_and_one_of_another_app_is_not(world: World) -> None:
    assert reason(world, "x") == "unknown code"
    assert reason(world, world.code(), world.other) == "code of another app"


def test_a_code_whose_grant_is_gone_opens_nothing(world: World) -> None:
    code = world.code()
    (grant,) = world.store.grants_of("alice-id")
    del world.store._records[GrantKey(grant.grant_id)]

    assert reason(world, code) == "no grant for the code"


def test_a_code_whose_grant_was_revoked_opens_nothing(world: World) -> None:
    code = world.code()
    (grant,) = world.store.grants_of("alice-id")
    world.store.revoke_grant(grant.grant_id, now=NOW, feed_until=NOW + 99)

    assert reason(world, code) == "revoked"


def test_s43_a_code_that_comes_late_is_no_replay(world: World) -> None:
    code = world.code()

    assert reason(world, code, now=NOW + 60) == "expired"
    assert [grant.revoked_at for grant in world.store.grants_of("alice-id")] == [0]


@pytest.mark.parametrize("since", [NOW, NOW + 1])
def test_s21_a_code_from_before_the_app_was_stopped_opens_nothing_when_it_works_again(world: World, since: int) -> None:
    code = world.code()
    voided(world, app_from=since)

    assert reason(world, code, now=NOW + 2) == "voided with the app"


@pytest.mark.parametrize("since", [{"app_from": NOW}, {"user_from": NOW}, {"app_from": NOW - 9, "user_from": NOW - 9}])
def test_s73_what_was_granted_in_the_second_of_the_end_or_before_is_void(
    world: World, first: TokenAnswer, since: dict[str, int]
) -> None:
    voided(world, **since)

    if NOW in since.values():
        refresh_refused(world, first.refresh_token, now=NOW + 1)
    else:
        assert world.refresh(first.refresh_token, now=NOW + 1).refresh_token


@pytest.mark.parametrize("text", ["", " ", ","])
def test_a_scope_that_names_none_is_the_default(world: World, text: str) -> None:
    assert requested_scope({"scope": text}) is None
    assert world.send(world.web, grant_type="client_credentials", scope=text).scope == READ
