"""The code grant: its tokens, and rejected codes (S39, S41 to S43, S46, S47, S52, S114)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.errors import InvalidClient, InvalidGrant, InvalidRequest, OAuthError, TemporarilyUnavailable
from gatepost.grants import exchange
from gatepost.identifiers import new_secret
from tests.unit.world import CALLBACK, CHALLENGE, NOW, READ, VERIFIER, World, credentials_of, native_app, web_app

NOT_VALID = "code is not valid"


def refused(world: World, code: str, *args: Any, **changes: Any) -> None:
    with pytest.raises(InvalidGrant) as caught:
        world.redeem(code, *args, **changes)
    assert caught.value.description == NOT_VALID


def test_a_code_gives_the_tokens_that_were_approved(world: World) -> None:
    answer = world.redeem(world.code(), now=NOW + 3.5)
    claims = world.claims(answer.access_token, NOW + 3.5)
    grant = world.grant(answer)

    assert answer.members() == {
        "access_token": answer.access_token,
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "read write",
        "refresh_token": answer.refresh_token,
    }
    assert (claims.sub, claims.client_id, str(claims.scope)) == ("alice-id", world.web.client_id, "read write")
    assert (claims.iat, claims.exp, claims.grant_id) == (NOW + 3, NOW + 3603, answer.grant_id)
    assert answer.refresh_token.startswith(f"{answer.grant_id}.1.")
    assert (grant.generation, grant.last_used_at, grant.revoked_at) == (1, NOW + 3, 0)
    assert (grant.idle_expires_at, grant.expires_at) == (NOW + 3 + 14 * 86400, NOW + 3 + 30 * 86400)


def test_redeeming_a_code_takes_two_round_trips(world: World) -> None:
    code = world.code()
    before = world.store.round_trips

    world.redeem(code)

    assert world.store.round_trips - before == 2


def test_an_app_without_refresh_tokens_gets_none_and_its_grant_ends_with_the_access_token(world: World) -> None:
    app = world.add_app(web_app(grant_types=("authorization_code",)))

    answer = world.redeem(world.code(app), app)

    assert "refresh_token" not in answer.members()
    assert (world.grant(answer).idle_expires_at, world.grant(answer).expires_at) == (NOW + 3600, NOW + 3600)


def test_an_access_token_never_outlives_its_grant(world: World) -> None:
    world.set(refresh_token_lifetime=100)

    answer = world.redeem(world.code())

    assert answer.expires_in == 100
    assert world.claims(answer.access_token).exp == NOW + 100


def test_s57_a_public_app_redeems_with_its_verifier(world: World) -> None:
    assert world.redeem(world.code(world.native), world.native).refresh_token


def test_a_confidential_app_may_do_without_pkce(world: World) -> None:
    assert world.redeem(world.code(code_challenge=""), code_verifier=None).access_token


def test_s42_a_redirect_uri_that_was_not_sent_need_not_be_repeated(world: World) -> None:
    assert world.redeem(world.code(redirect_uri_sent=False), redirect_uri=None).access_token
    assert world.redeem(world.code(redirect_uri_sent=False), redirect_uri=CALLBACK).access_token


# Refusals that leave the code as it is

BINDINGS: list[dict[str, str | None]] = [
    {"redirect_uri": None},
    {"redirect_uri": "https://evil.example.test/cb"},
    {"redirect_uri": CALLBACK + "/"},
    {"redirect_uri": CALLBACK.upper()},
    {"code_verifier": None},
    {"code_verifier": "x"},
    {"code_verifier": VERIFIER[:-1] + "l"},
    {"code_verifier": CHALLENGE},
    {"code_verifier": CHALLENGE, "code_challenge_method": "plain"},
]


@pytest.mark.parametrize("changes", BINDINGS)
def test_s42_s46_s47_a_code_with_a_wrong_binding_is_refused_and_not_used_up(
    world: World, changes: dict[str, str | None]
) -> None:
    code = world.code()

    refused(world, code, **changes)

    assert world.redeem(code).access_token


def test_s47_a_verifier_for_a_code_without_challenge_is_refused(world: World) -> None:
    refused(world, world.code(code_challenge=""))


def test_s41_a_code_of_another_app_is_refused_and_not_used_up(world: World) -> None:
    code = world.code()

    refused(world, code, world.other)
    refused(world, code, world.native, redirect_uri=CALLBACK)

    assert world.redeem(code).access_token


def test_s52_a_code_is_not_used_up_by_somebody_who_is_not_the_app(world: World) -> None:
    code = world.code()
    nobody = native_app(client_id=world.web.client_id)

    with pytest.raises(InvalidClient):
        world.redeem(code, nobody, redirect_uri=CALLBACK)

    assert world.redeem(code).access_token


def test_s114_a_code_is_not_used_up_by_a_server_without_keys(world: World) -> None:
    code = world.code()
    world.keys.missing = True
    with pytest.raises(TemporarilyUnavailable):
        world.redeem(code)
    world.keys.missing = False

    assert world.redeem(code).access_token


@pytest.mark.parametrize("code", ["x", new_secret(), "\x00", "a" * 100_000, "code,code", "{}"], ids=lambda _: "random")
def test_s44_what_is_no_code_opens_nothing(world: World, code: str) -> None:
    refused(world, code)


def test_s44_another_kind_of_token_opens_nothing(world: World) -> None:
    answer = world.redeem(world.code())

    refused(world, answer.access_token)
    refused(world, answer.refresh_token)


def test_a_request_without_a_code_is_malformed(world: World) -> None:
    with pytest.raises(InvalidRequest, match="code is missing"):
        world.send(world.web, grant_type="authorization_code")


@pytest.mark.parametrize("late", [60, 61, 3600, 86400])
def test_s43_a_code_that_is_still_stored_is_refused_when_its_time_is_over(world: World, late: int) -> None:
    code = world.code()

    refused(world, code, now=NOW + late)


def test_s43_it_is_good_until_then(world: World) -> None:
    assert world.redeem(world.code(), now=NOW + 59.9).access_token


# Replay


def test_s39_a_replayed_code_revokes_all_that_it_produced_and_nothing_else(world: World) -> None:
    code, other = world.code(), world.redeem(world.code())
    first = world.redeem(code)
    second = world.refresh(first.refresh_token)

    refused(world, code, now=NOW + 30)

    for token in (first.access_token, second.access_token):
        assert not world.opens(token, NOW + 31)
    for token in (first.refresh_token, second.refresh_token):
        with pytest.raises(InvalidGrant):
            world.refresh(token, now=NOW + 31)
    assert world.opens(other.access_token, NOW + 31)
    assert world.refresh(other.refresh_token, now=NOW + 31).access_token


@pytest.mark.parametrize("later", [61, 80_000])
def test_s39_also_when_the_time_of_the_code_is_over(world: World, later: int) -> None:
    code = world.code()
    answer = world.redeem(code)

    refused(world, code, now=NOW + later)

    assert world.grant(answer).revoked_at == NOW + later


@pytest.mark.parametrize("changes", BINDINGS)
def test_s41_a_replay_that_fails_its_bindings_revokes_nothing(world: World, changes: dict[str, str | None]) -> None:
    code = world.code()
    answer = world.redeem(code)

    refused(world, code, **changes)

    assert world.opens(answer.access_token)
    assert world.refresh(answer.refresh_token).access_token


def test_s41_a_replay_by_another_app_revokes_nothing(world: World) -> None:
    code = world.code()
    answer = world.redeem(code)

    refused(world, code, world.other)
    refused(world, code, world.native, redirect_uri=CALLBACK)

    assert world.opens(answer.access_token)


def test_every_refusal_of_a_code_reads_the_same(world: World) -> None:
    used, old = world.code(), world.code(now=NOW - 60)
    world.redeem(used)
    wrong_verifier: dict[str, Any] = {"code_verifier": "x"}
    texts = set()
    for code, changes in [("x", {}), (used, {}), (old, {}), (world.code(), wrong_verifier)]:
        with pytest.raises(OAuthError) as caught:
            world.redeem(code, **changes)
        texts.add((caught.value.code, caught.value.status, caught.value.description))

    assert texts == {("invalid_grant", 400, NOT_VALID)}


def test_the_scope_of_a_code_can_not_be_changed_when_it_is_redeemed(world: World) -> None:
    code = world.code(scope=READ)
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}

    answer = exchange(world.server, sent | {"scope": "read write admin"}, credentials_of(world.web), NOW)

    assert str(answer.scope) == "read"
