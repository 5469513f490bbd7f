"""The password grant (S63), with the counter that it shares with the sign-in page (S34)."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from gatepost.accounts.removal import deactivate_user
from gatepost.authentication.sign_in import name_key
from gatepost.errors import InvalidClient, InvalidGrant, InvalidRequest, InvalidScope, OAuthError, TooManyAttempts
from gatepost.grants.token_response import TokenAnswer
from gatepost.model.records import App
from tests.raising import raised
from tests.unit.meanwhile import meanwhile
from tests.unit.signing_in import sign_in
from tests.unit.world import ALICE, NOTHING, NOW, PASSWORD, READ, World, native_app, web_app


def ask(world: World, app: App | None = None, *, now: float = NOW, **changes: str | None) -> TokenAnswer:
    usual: dict[str, str | None] = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    return world.send(app or world.web, now=now, **(usual | changes))


def test_name_and_password_give_tokens(world: World) -> None:
    answer = ask(world, username="Alice", scope="read write", now=NOW + 0.5)
    claims, grant = world.claims(answer.access_token), world.grant(answer)

    assert (answer.expires_in, str(answer.scope)) == (3600, "read write")
    assert (claims.sub, claims.client_id, str(claims.scope)) == ("alice-id", world.web.client_id, "read write")
    assert (claims.iat, claims.exp, claims.grant_id) == (NOW, NOW + 3600, answer.grant_id)
    assert (grant.grant_type, grant.generation, grant.redeem_before) == ("password", 1, 0)
    assert (grant.idle_expires_at, grant.expires_at) == (NOW + 14 * 86400, NOW + 30 * 86400)
    assert world.refresh(answer.refresh_token).access_token


def test_an_app_without_refresh_tokens_gets_none(world: World) -> None:
    answer = ask(world, world.add_app(web_app(grant_types=("password",))))

    assert answer.refresh_token == ""
    assert world.grant(answer).expires_at == NOW + 3600


@pytest.mark.parametrize(("asked", "given"), [(None, "read"), ("write admin", "write"), ("read,write", "read write")])
def test_s08_the_scope_is_what_app_and_user_may_have(world: World, asked: str | None, given: str) -> None:
    assert str(ask(world, scope=asked).scope) == given


@pytest.mark.parametrize("scope", ["admin", "unknown", 're"ad', "write"])
def test_s08_s63_a_scope_of_which_nothing_is_left_is_refused(world: World, scope: str) -> None:
    world.store.set_user_rights("alice-id", scope=READ)

    assert str(ask(world, scope="read write").scope) == "read"
    with pytest.raises(InvalidScope):
        ask(world, scope=scope)


@pytest.mark.parametrize(
    "changes",
    [
        *({"password": each} for each in ("wrong", PASSWORD.upper(), PASSWORD + " ", "x" * 100_000)),
        *({"username": each} for each in ("nobody", "alice\x00", "x" * 100_000, "alice-id")),
    ],
)
def test_s63_a_wrong_password_and_an_unknown_name_get_the_same_answer(world: World, changes: dict[str, Any]) -> None:
    caught = raised(InvalidGrant, ask, world, **changes)
    assert (caught.status, caught.description) == (400, "the user name or password is wrong")


def test_s63_both_must_be_sent(world: World) -> None:
    with pytest.raises(InvalidRequest, match="username is missing"):
        ask(world, username=None)
    with pytest.raises(InvalidRequest, match="password is missing"):
        ask(world, password=None)


def test_s63_the_app_must_prove_itself_before_a_password_is_looked_at(world: World) -> None:
    with pytest.raises(InvalidClient):
        ask(world, native_app(client_id=world.web.client_id), password="wrong")

    assert world.store.read(name_key("alice")) == (None,)


def test_s34_the_sign_in_page_and_the_grant_share_one_counter(world: World) -> None:
    for _ in range(3):
        with pytest.raises(InvalidGrant):
            ask(world, password="wrong")
    for _ in range(2):
        with pytest.raises(InvalidGrant):
            sign_in(world, "alice", "wrong")

    caught = raised(TooManyAttempts, ask, world)
    assert (caught.code, caught.status) == ("invalid_grant", 429)  # an error of the protocol
    assert ask(world, now=NOW + 1).access_token


def test_s73_an_account_that_was_stopped_opens_nothing(world: World) -> None:
    deactivate_user(world.store, ALICE, now=NOW)

    with pytest.raises(InvalidGrant, match="the user name or password is wrong"):
        ask(world)


def test_s114_a_server_without_keys_writes_no_grant(world: World) -> None:
    world.keys.missing = True
    with pytest.raises(OAuthError):
        ask(world)

    assert world.store.grants_of("alice-id") == []


@pytest.mark.parametrize("active", [True, False])
def test_s73_an_account_that_changes_while_it_signs_in_grants_nothing(world: World, active: bool) -> None:
    store = world.store
    voided = partial(store.void_user_grants, "alice-id", grants_valid_from=NOW, revocation=NOTHING)
    stopped = partial(store.deactivate_user, ALICE, valid_from=NOW, revocation=NOTHING, besides=None)
    world.store = meanwhile(store, voided if active else stopped, "approve")
    with pytest.raises(InvalidGrant, match="the user name or password is wrong"):
        ask(world)
    assert world.store.grants_of("alice-id") == []


def test_s34_a_right_password_of_a_refused_request_is_no_failure_and_a_granted_one_is_a_use(world: World) -> None:
    for _ in range(10):
        with pytest.raises(InvalidScope):
            ask(world, scope="admin")
    assert world.app().last_used_at == 0

    assert ask(world).access_token
    assert world.app().last_used_at == NOW
