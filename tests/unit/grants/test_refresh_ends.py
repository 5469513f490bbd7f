"""The end of refreshing: idle, absolute (S72), voided by app or account (S73)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.accounts.removal import deactivate_user, end_grants
from gatepost.errors import InvalidGrant, TemporarilyUnavailable
from gatepost.grants.token_response import TokenAnswer
from gatepost.model.feed import PublicKey
from gatepost.model.records import App, Grant
from gatepost.stores.record_keys import GrantKey, UserKey
from gatepost.tokens.access_token import Signer
from tests.fakes import MemoryStore
from tests.unit.grants.refreshing import refused
from tests.unit.world import ALICE, NOW, World

DAY = 86400


def test_s72_a_token_that_was_not_used_for_two_weeks_is_over(world: World, first: TokenAnswer) -> None:
    refused(world, first.refresh_token, now=NOW + 14 * DAY)

    assert world.refresh(first.refresh_token, now=NOW + 14 * DAY - 1).access_token


def test_s72_using_it_keeps_it_alive_but_never_beyond_its_absolute_end(world: World, first: TokenAnswer) -> None:
    token = first.refresh_token
    for day in (10, 20, 29):
        token = world.refresh(token, now=NOW + day * DAY).refresh_token
    last = world.refresh(token, now=NOW + 30 * DAY - 100)

    assert last.expires_in == 100
    assert (world.grant(first).idle_expires_at, world.grant(first).expires_at) == (NOW + 30 * DAY, NOW + 30 * DAY)
    refused(world, last.refresh_token, now=NOW + 30 * DAY)


# What voids


def test_s73_a_revoked_grant_is_over(world: World, first: TokenAnswer) -> None:
    world.store.revoke_grant(first.grant_id, now=NOW, feed_until=NOW + 99)

    refused(world, first.refresh_token)


@pytest.mark.parametrize("stop", [deactivate_user, end_grants])
def test_s73_an_account_takes_its_grants_along(world: World, first: TokenAnswer, stop: Any) -> None:
    stop(world.store, ALICE, now=NOW + 61)

    refused(world, first.refresh_token, now=NOW + 62)


def test_s73_an_account_that_is_gone_too(world: World, first: TokenAnswer) -> None:
    del world.store._records[UserKey("alice-id")]

    refused(world, first.refresh_token)


def test_s73_an_account_that_is_not_active_has_no_grants_even_where_none_was_voided(
    world: World, first: TokenAnswer
) -> None:
    world.store.set_user_status("alice-id", "inactive")

    refused(world, first.refresh_token)


def test_s72_a_grant_that_is_gone_is_over(world: World, first: TokenAnswer) -> None:
    del world.store._records[GrantKey(first.grant_id)]

    refused(world, first.refresh_token)


class EndsMeanwhile(MemoryStore):
    """Ends the grant between the read and the write of a refresh, by revoking it or altogether."""

    revoked = True

    def rotate(self, grant_id: str, generation: int, *, now: int, **changes: Any) -> Grant | None:
        if self.revoked:
            self.revoke_grant(grant_id, now=now, feed_until=now + 99)
        else:
            del self._records[GrantKey(grant_id)]
        return super().rotate(grant_id, generation, now=now, **changes)


@pytest.mark.parametrize("revoked", [True, False])
def test_s73_a_grant_that_ends_meanwhile_is_over_and_no_reuse(
    signer: Signer, public_key: PublicKey, revoked: bool
) -> None:
    store = EndsMeanwhile()
    store.revoked = revoked
    world = World(signer, public_key, store)
    token = world.redeem(world.code()).refresh_token

    with pytest.raises(InvalidGrant) as caught:
        world.refresh(token)
    assert (caught.value.description, caught.value.reason) == ("refresh_token is not valid", "revoked meanwhile")


def test_s73_an_app_that_was_stopped_and_works_again_does_not_bring_its_grants_back(
    world: World, first: TokenAnswer
) -> None:
    world.store.set_app_status(world.web.client_id, "active", reason="", grants_valid_from=NOW)

    refused(world, first.refresh_token, now=NOW + 1)


def test_s114_a_server_without_keys_uses_nothing_up(world: World, first: TokenAnswer) -> None:
    world.keys.missing = True
    with pytest.raises(TemporarilyUnavailable):
        world.refresh(first.refresh_token)

    assert world.grant(first).generation == 1


# What the log learns; the app reads always the same


def test_the_log_tells_apart_why_a_refresh_token_was_refused(world: World, first: TokenAnswer) -> None:
    def told(token: str, app: App | None = None) -> tuple[str, object]:
        with pytest.raises(InvalidGrant) as caught:
            world.refresh(token, app)
        assert caught.value.description == "refresh_token is not valid"
        return caught.value.reason, caught.value.facts.get("grant_id", "")

    token = first.refresh_token
    assert told("x") == ("malformed", "")
    assert told(token[:-4] + "AAAA") == ("not authentic", "")
    assert told(token, world.other) == ("refresh token of another app", "")
    world.store.revoke_grant(first.grant_id, now=NOW, feed_until=NOW + 99)
    assert told(token) == ("revoked", first.grant_id)
    del world.store._records[GrantKey(first.grant_id)]
    assert told(token) == ("no such grant", "")
