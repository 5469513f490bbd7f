"""A code that is presented twice (S141), and one of an app that was changed since its approval (S120)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.errors import InvalidGrant
from tests.unit.world import CALLBACK, CHALLENGE, NOW, READ, READ_WRITE, VERIFIER, WRITE, World, web_app


def refused(world: World, code: str, **changes: Any) -> None:
    with pytest.raises(InvalidGrant, match=r"^code is not valid$"):
        world.redeem(code, **changes)


@pytest.mark.parametrize("later", [0, 10])
def test_s141_a_replay_with_pkce_within_the_window_is_refused_and_nothing_more(world: World, later: int) -> None:
    code = world.code()
    answer = world.redeem(code)

    refused(world, code, now=NOW + later)
    refused(world, code, now=NOW + later)

    assert world.opens(answer.access_token)
    assert world.refresh(answer.refresh_token).access_token


@pytest.mark.parametrize(("challenge", "window", "later"), [("", 10, 0), (CHALLENGE, 0, 0), (CHALLENGE, 10, 11)])
def test_s141_any_other_replay_ends_the_grant(world: World, challenge: str, window: int, later: int) -> None:
    world.set(refresh_retry_window=window)
    code = world.code(code_challenge=challenge)
    verifier = VERIFIER if challenge else None
    answer = world.redeem(code, code_verifier=verifier)

    refused(world, code, now=NOW + later, code_verifier=verifier)

    assert world.grant(answer).revoked_at == NOW + later


def test_s141_a_grant_that_says_not_when_it_was_redeemed_was_so_long_ago(world: World) -> None:
    code = world.code()
    answer = world.redeem(code)
    world.store.add_grant(replace(world.grant(answer), redeemed_at=0))

    refused(world, code)

    assert world.grant(answer).revoked_at == NOW


def test_s120_a_code_brings_what_the_app_may_still_have(world: World) -> None:
    code = world.code(scope=READ_WRITE)
    world.add_app(web_app(scope=READ))

    answer = world.redeem(code)

    assert (answer.scope, world.claims(answer.access_token).scope) == (READ, READ)
    assert world.grant(answer).scope == READ_WRITE  # as with a refresh: what the app gets back counts again


def test_s120_a_code_of_which_nothing_is_left_ends_its_grant(world: World) -> None:
    code = world.code(scope=READ)
    world.add_app(web_app(scope=WRITE))

    refused(world, code)

    assert [grant.revoked_at for grant in world.store.grants_of("alice-id")] == [NOW]


def test_s120_a_code_whose_redirect_uri_was_removed_is_refused_and_not_used_up(world: World) -> None:
    code = world.code()
    world.add_app(web_app(redirect_uris=("https://client.example.test/other",)))

    refused(world, code, redirect_uri=CALLBACK)

    world.add_app(web_app())
    assert world.redeem(code).access_token
