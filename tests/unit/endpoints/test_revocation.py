"""Revocation of an access token counts for every reader, however tolerant of clocks it is (S366)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.endpoints.published_list import PublishedList
from gatepost.endpoints.revocation import revoke
from gatepost.tokens.revocation_list import Watch
from tests.unit.endpoints.listing import A_KEY, head, marked, parts
from tests.unit.world import NOW, World, credentials_of

EXP = NOW + 3600


def give_back(world: World, now: float) -> str:
    """Revoke an access token of NOW, and return its jti."""
    token = world.redeem(world.code()).access_token
    watch = Watch(world.store, world.settings)
    revoke(world.server, watch, {"token": token}, credentials_of(world.web), now)
    return world.claims(token).jti


@pytest.mark.parametrize("leeway", [0, 30, 60])
@pytest.mark.parametrize(("late", "written"), [(-3599, 1), (0, 1), (61, 1), (299, 1), (300, 0)])
def test_s366_a_token_is_revoked_as_long_as_any_reader_may_take_it(
    world: World, leeway: int, late: int, written: int
) -> None:
    world.settings = replace(world.settings, clock_leeway=leeway)
    jti = give_back(world, EXP + late)

    assert [(each.subject, each.expires_at) for each in world.store.feed(0)] == [(jti, EXP + 300)] * written


def test_s366_a_list_names_it_until_a_reader_that_is_behind_has_gone_over_its_leeway(world: World) -> None:
    world.store.publish_handle_key(A_KEY)
    jti = give_back(world, NOW + 9)
    listed = PublishedList(world.store, replace(world.settings, clock_leeway=0, published_revocations=True))

    assert parts(head(listed, EXP + 60 + 25)["marks"], 8) == {marked("jti", jti)}
    assert parts(head(listed, EXP + 300)["marks"], 8) == set()
