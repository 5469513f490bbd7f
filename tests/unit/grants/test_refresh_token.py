"""Refreshing: rotation, honest retries, reuse (S66 to S68), scope (S69), binding to the app (S70, S71)."""

from __future__ import annotations

import pytest

from gatepost.errors import InvalidClient, InvalidRequest, InvalidScope
from gatepost.grants.token_response import TokenAnswer
from gatepost.tokens.refresh_token import issue_refresh_token
from tests.unit.grants.refusing import refused
from tests.unit.world import NOW, READ, WRITE, World, native_app, web_app


def test_s66_a_refresh_gives_a_new_access_token_and_the_next_refresh_token(world: World, first: TokenAnswer) -> None:
    second = world.refresh(first.refresh_token, now=NOW + 100.5)
    claims = world.claims(second.access_token, NOW + 100)

    assert second.refresh_token.startswith(f"{first.grant_id}.2.")
    assert (second.expires_in, str(second.scope)) == (3600, "read write")
    assert (claims.sub, claims.client_id, claims.grant_id) == ("alice-id", world.web.client_id, first.grant_id)
    assert (claims.iat, claims.exp) == (NOW + 100, NOW + 3700)
    assert claims.jti != world.claims(first.access_token).jti
    assert world.opens(first.access_token, NOW + 100)  # until its end
    assert world.grant(first).last_used_at == NOW + 100
    assert world.refresh(second.refresh_token, now=NOW + 200).refresh_token.startswith(f"{first.grant_id}.3.")


def test_s66_also_for_a_public_app(world: World) -> None:
    answer = world.redeem(world.code(world.native), world.native)

    assert world.refresh(answer.refresh_token, world.native).refresh_token.startswith(f"{answer.grant_id}.2.")


# Retries and reuse


@pytest.mark.parametrize("seconds", [0, 1, 10, 10.9])
def test_s68_an_honest_retry_gets_the_same_successor_again(world: World, first: TokenAnswer, seconds: float) -> None:
    second = world.refresh(first.refresh_token, now=NOW + 100)

    again = world.refresh(first.refresh_token, now=NOW + 100 + seconds)

    assert again.refresh_token == second.refresh_token
    assert world.grant(first).generation == 2
    assert world.opens(again.access_token, NOW + 111)
    assert world.refresh(again.refresh_token, now=NOW + 120).refresh_token


def reused(world: World, first: TokenAnswer, token: str, now: float) -> None:
    other = world.redeem(world.code())
    latest = world.grant(first).generation

    refused(world, token, now=now)

    assert world.grant(first).revoked_at == int(now)
    newest = issue_refresh_token(world.keys.refresh(now), first.grant_id, latest, now)
    refused(world, newest, now=now + 1)
    assert not world.opens(first.access_token, now + 1)
    assert world.opens(other.access_token, now + 1)


@pytest.mark.parametrize("seconds", [11, 11.9, 3000])
def test_s67_a_token_used_after_its_window_revokes_its_family(world: World, first: TokenAnswer, seconds: float) -> None:
    world.refresh(first.refresh_token, now=NOW + 100)

    reused(world, first, first.refresh_token, NOW + 100 + seconds)


def test_s67_a_token_two_generations_old_revokes_its_family_at_once(world: World, first: TokenAnswer) -> None:
    second = world.refresh(first.refresh_token, now=NOW + 100)
    world.refresh(second.refresh_token, now=NOW + 101)

    reused(world, first, first.refresh_token, NOW + 102)


@pytest.mark.parametrize("seconds", [0, 0.5, 1])
def test_s67_without_a_window_any_second_use_is_reuse(world: World, first: TokenAnswer, seconds: float) -> None:
    world.set(refresh_retry_window=0)
    second = world.refresh(first.refresh_token, now=NOW + 100.4)
    assert world.refresh(second.refresh_token, now=NOW + 101.1).refresh_token  # at any fraction of a second
    reused(world, first, second.refresh_token, NOW + 101.1 + seconds)


def test_a_generation_from_the_future_opens_nothing_and_revokes_nothing(world: World, first: TokenAnswer) -> None:
    future = issue_refresh_token(world.keys.refresh(NOW), first.grant_id, 5, NOW)

    refused(world, future)

    assert world.refresh(first.refresh_token).access_token


# Scope


def test_s69_narrower_and_then_in_full_again(world: World, first: TokenAnswer) -> None:
    narrow = world.refresh(first.refresh_token, scope="read")
    full = world.refresh(narrow.refresh_token)

    assert (str(narrow.scope), str(world.claims(narrow.access_token).scope)) == ("read", "read")
    assert (str(full.scope), str(world.claims(full.access_token).scope)) == ("read write", "read write")


@pytest.mark.parametrize("scope", ["read admin", "admin", "unknown", 'wri"te'])
def test_s69_a_wider_scope_is_refused_and_uses_nothing_up(world: World, first: TokenAnswer, scope: str) -> None:
    with pytest.raises(InvalidScope):
        world.refresh(first.refresh_token, scope=scope)

    assert world.grant(first).generation == 1
    assert world.refresh(first.refresh_token).access_token


def test_what_app_or_user_may_no_longer_have_is_not_refreshed(world: World, first: TokenAnswer) -> None:
    world.store.set_user_rights("alice-id", scope=READ)
    assert str(world.refresh(first.refresh_token).scope) == "read"
    world.store.set_user_rights("alice-id", scope=None)

    narrow = world.add_app(web_app(scope=WRITE))
    assert str(world.refresh(first.refresh_token, narrow).scope) == "write"
    refused(world, world.redeem(world.code(scope=WRITE)).refresh_token, world.add_app(web_app(scope=READ)))


# Owners


def test_s70_a_token_of_another_app_opens_nothing_and_revokes_nothing(world: World, first: TokenAnswer) -> None:
    second = world.refresh(first.refresh_token)

    for token in (first.refresh_token, second.refresh_token):
        refused(world, token, world.other, now=NOW + 100)
        refused(world, token, world.native, now=NOW + 100)

    assert world.grant(first).revoked_at == 0
    assert world.refresh(second.refresh_token, now=NOW + 100).access_token


def test_s56_without_the_secret_of_the_app_nothing_is_used_up(world: World, first: TokenAnswer) -> None:
    with pytest.raises(InvalidClient):
        world.refresh(first.refresh_token, native_app(client_id=world.web.client_id))

    assert world.grant(first).generation == 1


@pytest.mark.parametrize("token", ["x", "\x00", "a" * 100_000, "alice-id.g.1." + "A" * 43, "eyJhbGciOiJub25lIn0.e30."])
def test_s71_what_is_no_refresh_token_opens_nothing(world: World, token: str) -> None:
    refused(world, token)
    with pytest.raises(InvalidClient):  # and tells a stranger nothing
        world.refresh(token, native_app(client_id=world.web.client_id))


def test_s71_nor_does_another_kind_of_token_and_one_has_to_be_sent(world: World, first: TokenAnswer) -> None:
    for token in (first.access_token, world.code(), first.refresh_token[:-1]):
        refused(world, token)
    with pytest.raises(InvalidRequest, match="refresh_token is missing"):
        world.send(world.web, grant_type="refresh_token")


# How long the feed must name a grant


def test_a_grant_remembers_the_longest_life_of_its_tokens(world: World, first: TokenAnswer) -> None:
    assert world.grant(first).token_lifetime == 3600
    world.set(access_token_lifetime=600)
    second = world.refresh(first.refresh_token)

    assert (second.expires_in, world.grant(first).token_lifetime) == (600, 3600)


def test_a_longer_life_begins_with_a_rotation_and_not_with_its_repetition(world: World, first: TokenAnswer) -> None:
    second = world.refresh(first.refresh_token, now=NOW + 1)
    world.set(access_token_lifetime=7200)

    assert world.refresh(first.refresh_token, now=NOW + 2).expires_in == 3600  # nothing is written for it
    assert world.refresh(second.refresh_token, now=NOW + 3).expires_in == 7200
    assert world.grant(first).token_lifetime == 7200


def test_the_life_of_tokens_of_an_older_release_stays_unknown(world: World, first: TokenAnswer) -> None:
    world.store.add_grant(world.grant(first)._replace(token_lifetime=0))

    assert world.refresh(first.refresh_token).expires_in == 3600
    assert world.grant(first).token_lifetime == 0
