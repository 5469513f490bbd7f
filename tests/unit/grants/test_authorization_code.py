"""The code grant: its tokens, and rejected codes (S41 to S44, S46, S47, S52, S114, S120)."""

from __future__ import annotations

import pytest

from gatepost.errors import InvalidClient, InvalidRequest, TemporarilyUnavailable
from gatepost.grants import exchange
from gatepost.identifiers import new_secret
from gatepost.stores.record_keys import GrantKey
from tests.unit.grants.refusing import code_refused
from tests.unit.world import (
    CALLBACK,
    CHALLENGE,
    NOW,
    READ,
    READ_WRITE,
    VERIFIER,
    WEB,
    WRITE,
    World,
    credentials_of,
    native_app,
    web_app,
)


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


def test_s57_a_public_app_redeems_with_its_verifier_and_a_confidential_one_may_do_without(world: World) -> None:
    assert world.redeem(world.code(world.native), world.native).refresh_token
    assert world.redeem(world.code(code_challenge=""), code_verifier=None).access_token
    assert code_refused(world, world.code(code_challenge="")) == "code_verifier without code_challenge"


def test_s42_a_redirect_uri_that_was_not_sent_need_not_be_repeated(world: World) -> None:
    assert world.redeem(world.code(redirect_uri_sent=False), redirect_uri=None).access_token
    assert world.redeem(world.code(redirect_uri_sent=False), redirect_uri=CALLBACK).access_token


def test_the_scope_of_a_code_can_not_be_changed_when_it_is_redeemed(world: World) -> None:
    sent = {"code": world.code(scope=READ), "redirect_uri": CALLBACK, "code_verifier": VERIFIER, "scope": "read write"}

    answer = exchange(world.server, {"grant_type": "authorization_code", **sent}, credentials_of(world.web), NOW)

    assert str(answer.scope) == "read"


# Refusals that leave the code as it is, and revoke nothing if it was redeemed


@pytest.mark.parametrize(
    "changes",
    [
        *({"redirect_uri": uri} for uri in (None, "https://evil.example.test/cb", CALLBACK + "/", CALLBACK.upper())),
        *({"code_verifier": verifier} for verifier in (None, "x", VERIFIER[:-1] + "l", CHALLENGE)),
        {"code_verifier": CHALLENGE, "code_challenge_method": "plain"},
        {"app": "other"},
        {"app": "native", "redirect_uri": CALLBACK},
    ],
)
def test_s41_s42_s46_s47_a_wrong_binding_neither_uses_nor_replays_a_code(world: World, changes: dict[str, str]) -> None:
    code, wrong = world.code(), dict(changes)
    app = getattr(world, wrong.pop("app", "web"))

    code_refused(world, code, app, **wrong)
    answer = world.redeem(code)
    code_refused(world, code, app, **wrong)

    assert world.opens(answer.access_token)
    assert world.refresh(answer.refresh_token).access_token


def test_s52_a_code_is_not_used_up_by_somebody_who_is_not_the_app(world: World) -> None:
    code = world.code()

    with pytest.raises(InvalidClient):
        world.redeem(code, native_app(client_id=WEB), redirect_uri=CALLBACK)

    assert world.redeem(code).access_token


def test_s114_a_code_is_not_used_up_by_a_server_without_keys(world: World) -> None:
    code = world.code()
    world.keys.missing = True
    with pytest.raises(TemporarilyUnavailable):
        world.redeem(code)
    world.keys.missing = False

    assert world.redeem(code).access_token


def test_s44_what_is_no_code_opens_nothing(world: World) -> None:
    answer = world.redeem(world.code())
    others = [answer.access_token, answer.refresh_token]

    for code in ("x", new_secret(), "\x00", "a" * 100_000, "code,code", "{}", *others):
        assert code_refused(world, code) == "unknown code"
    with pytest.raises(InvalidRequest, match="code is missing"):
        world.send(world.web, grant_type="authorization_code")


def test_s43_a_code_is_refused_when_its_time_is_over_and_that_is_no_replay(world: World) -> None:
    code = world.code()

    for late in (60, 61, 86400):
        assert code_refused(world, code, now=NOW + late) == "expired"
    assert [grant.revoked_at for grant in world.store.grants_of("alice-id")] == [0]
    assert world.redeem(code, now=NOW + 59.9).access_token


# What its grant, its app and its account have become


def test_a_code_whose_grant_is_gone_or_revoked_opens_nothing(world: World) -> None:
    code = world.code()
    (grant,) = world.store.grants_of("alice-id")
    world.store.revoke_grant(grant.grant_id, now=NOW, feed_until=NOW + 99)
    assert code_refused(world, code) == "revoked"

    del world.store._records[GrantKey(grant.grant_id)]
    assert code_refused(world, code) == "no grant for the code"


@pytest.mark.parametrize("since", [NOW, NOW + 1])
def test_s21_a_code_from_before_the_app_was_stopped_opens_nothing_when_it_works_again(world: World, since: int) -> None:
    code = world.code()
    world.store.set_app_status(WEB, "active", reason="", grants_valid_from=since)

    assert code_refused(world, code, now=NOW + 2) == "voided with the app"


def test_s120_a_code_brings_what_the_app_may_still_have(world: World) -> None:
    code = world.code(scope=READ_WRITE)
    world.add_app(web_app(scope=READ))

    answer = world.redeem(code)

    assert (answer.scope, world.claims(answer.access_token).scope) == (READ, READ)
    assert world.grant(answer).scope == READ_WRITE  # as with a refresh: what the app gets back counts again


def test_s120_a_code_of_which_nothing_is_left_ends_its_grant(world: World) -> None:
    code = world.code(scope=READ)
    world.add_app(web_app(scope=WRITE))

    code_refused(world, code)

    assert [grant.revoked_at for grant in world.store.grants_of("alice-id")] == [NOW]


def test_s120_a_code_whose_redirect_uri_was_removed_is_refused_and_not_used_up(world: World) -> None:
    code = world.code()
    world.add_app(web_app(redirect_uris=("https://client.example.test/other",)))

    code_refused(world, code, redirect_uri=CALLBACK)

    world.add_app(web_app())
    assert world.redeem(code).access_token


# Replay


def test_s39_a_replayed_code_revokes_all_that_it_produced_and_nothing_else(world: World) -> None:
    code, other = world.code(), world.redeem(world.code())
    first = world.redeem(code)
    second = world.refresh(first.refresh_token)

    code_refused(world, code, now=NOW + 30)

    for token in (first.access_token, second.access_token):
        assert not world.opens(token, NOW + 31)
    for token in (first.refresh_token, second.refresh_token):
        assert not world.refreshes(token, now=NOW + 31)
    assert world.opens(other.access_token, NOW + 31)
    assert world.refresh(other.refresh_token, now=NOW + 31).access_token
