"""Connected apps: a user's approvals, and their revocation (S73, S87)."""

from __future__ import annotations

import itertools
from contextlib import suppress

import pytest

from gatepost.accounts.connected_apps import Connection, connections_of, disconnect
from gatepost.accounts.removal import end_grants
from gatepost.clients.lifecycle import deactivate_app, delete_app
from gatepost.errors import TemporarilyUnavailable
from gatepost.grants.token_response import TokenAnswer
from gatepost.model.records import Approval, Login, User
from gatepost.scope import Scope
from gatepost.stores.record_keys import ApprovalKey, UserKey
from tests.unit.meanwhile import meanwhile, unavailable
from tests.unit.world import (
    ALICE,
    APPROVAL,
    CHALLENGE,
    LIVING,
    NOW,
    PASSWORD,
    READ,
    READ_WRITE,
    WEB,
    WRITE,
    World,
)

BOB = User(user_id="bob-id", user_name="bob", status="active", created_at=NOW)


def remember(world: World, client_id: str = WEB, scope: Scope = READ, *, at: int = NOW, user: User = ALICE) -> Approval:
    """An approval without a living grant."""
    approval = Approval(user_id=user.user_id, client_id=client_id, scope=scope, approved_at=at)
    over = LIVING._replace(grant_id=f"{user.user_id}.{client_id}", revoked_at=1)
    world.store.approve(over, user=user, code=None, approval=approval)
    return approval


def shown(world: World, now: float = NOW + 1) -> list[Connection]:
    user = world.stored(UserKey("alice-id"))
    return list(connections_of(world.store, user, now=now))


# The list


def test_an_app_is_shown_with_what_it_may_do_since_when_and_its_last_use(world: World) -> None:
    first = world.redeem(world.code(scope=READ), now=NOW + 10)
    world.refresh(first.refresh_token, now=NOW + 500)

    assert shown(world, NOW + 501) == [
        Connection(app=world.app(), by_audience={"": READ}, since=NOW, last_used_at=NOW + 500)
    ]


def test_an_approval_is_shown_though_no_grant_of_it_lives_and_grants_add_to_it(world: World) -> None:
    remember(world, scope=READ, at=NOW - 50)
    assert shown(world) == [Connection(app=world.web, by_audience={"": READ}, since=NOW - 50, last_used_at=0)]

    world.redeem(world.code(scope=WRITE))
    world.store.add_grant(LIVING._replace(created_at=NOW - 99, last_used_at=NOW - 9))

    assert shown(world) == [Connection(app=world.app(), by_audience={"": READ_WRITE}, since=NOW - 99, last_used_at=NOW)]


def test_the_latest_comes_first_and_among_equals_the_name_decides(world: World) -> None:
    remember(world, world.web.client_id)
    remember(world, world.other.client_id)
    remember(world, world.native.client_id, at=NOW + 5)

    assert [connection.app.name for connection in shown(world)] == ["Native", "Other", "Web"]


def test_s121_an_app_that_was_stopped_or_is_gone_is_connected_no_more(world: World) -> None:
    for app in (world.web, world.other, world.native):
        remember(world, app.client_id)
    deactivate_app(world.store, world.web, reason="It sends spam.", now=NOW)
    delete_app(world.store, world.other, now=NOW)

    assert [connection.app.name for connection in shown(world)] == ["Native"]


def test_neither_others_approvals_nor_an_unredeemed_code_nor_what_was_voided_is_shown(world: World) -> None:
    world.store.create_user(BOB, Login(user_id="bob-id", password_hash="h"))
    remember(world, user=BOB)
    code = world.code()
    assert shown(world) == []

    world.redeem(code, now=NOW + 1)
    remember(world)
    assert len(shown(world, NOW + 1)) == 1
    end_grants(world.store, ALICE, now=NOW + 1)
    assert shown(world, NOW + 2) == []


# Taking it back


@pytest.fixture
def first(world: World) -> TokenAnswer:
    remember(world)
    return world.redeem(world.code())


def test_s73_a_disconnected_app_loses_its_tokens_and_codes_and_must_ask_again(world: World, first: TokenAnswer) -> None:
    password = world.send(world.web, grant_type="password", username="alice", password=PASSWORD)
    code = world.code()

    disconnect(world.store, ALICE, WEB, now=NOW + 1)

    assert shown(world, NOW + 1) == []
    assert world.store.read(ApprovalKey("alice-id", WEB)) == (None,)
    for answer in (first, password):
        assert not world.opens(answer.access_token, NOW + 1)
        assert world.introspect(answer.access_token, now=NOW + 1) == {"active": False}
        assert not world.refreshes(answer.refresh_token, now=NOW + 1)
    assert not world.redeems(code, now=NOW + 2)


def test_other_apps_and_other_people_keep_what_they_have(world: World, first: TokenAnswer) -> None:
    world.store.create_user(BOB, Login(user_id="bob-id", password_hash="h"))
    bobs = remember(world, user=BOB)
    world.store.add_grant(LIVING._replace(grant_id="bob-id.g1"))
    other = world.redeem(world.code(world.other, code_challenge=CHALLENGE), world.other)

    disconnect(world.store, ALICE, WEB, now=NOW + 1)

    assert world.opens(other.access_token, NOW + 2)
    assert world.refresh(other.refresh_token, world.other, now=NOW + 2).access_token
    assert world.store.read(ApprovalKey("bob-id", WEB)) == (bobs,)
    assert [grant.revoked_at for grant in world.store.grants_of("bob-id") if grant.grant_id == "bob-id.g1"] == [0]


def test_what_is_over_is_not_published_and_twice_changes_nothing(world: World, first: TokenAnswer) -> None:
    world.store.add_grant(LIVING._replace(expires_at=NOW - 299))  # and the leeway of whoever verifies
    world.store.add_grant(LIVING._replace(grant_id="alice-id.g2", idle_expires_at=NOW))  # its access token may live

    disconnect(world.store, ALICE, WEB, now=NOW + 1)
    disconnect(world.store, ALICE, WEB, now=NOW + 2)
    disconnect(world.store, ALICE, "nothing", now=NOW + 2)

    published = {revocation.subject for revocation in world.store.feed(0)}
    assert published == {first.grant_id, "alice-id.g2"}
    assert len(world.store.feed(0)) == 2


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_disconnecting_again_after_a_failure_ends_the_rest(world: World, step: int) -> None:
    """One grant another waits for its code; what happens to both, and to the approval, breaks off anywhere."""
    answer = world.redeem(world.code())
    world.store.approve(world.grant(answer), user=ALICE, code=None, approval=APPROVAL)
    code, calls = world.code(), itertools.count(1)

    def breaking() -> None:
        if next(calls) == step:
            unavailable()

    with suppress(TemporarilyUnavailable):
        disconnect(
            meanwhile(world.store, breaking, "mark_revoked", "publish", "forget_approval"), ALICE, WEB, now=NOW + 1
        )
    if shown(world, NOW + 1):
        disconnect(world.store, ALICE, WEB, now=NOW + 1)
    assert shown(world, NOW + 1) == []
    assert not world.opens(answer.access_token, NOW + 2)
    assert not world.redeems(code, now=NOW + 2)


@pytest.mark.parametrize(("since", "connected"), [(NOW - 1, [WEB]), (NOW, [])])
def test_what_was_granted_until_an_app_stopped_connects_nothing(world: World, since: int, connected: list[str]) -> None:
    world.redeem(world.code())
    world.store.set_app_status(WEB, "active", reason="", grants_valid_from=since)
    assert [each.app.client_id for each in shown(world)] == connected


@pytest.mark.parametrize(("since", "scope"), [(NOW - 10, READ_WRITE), (NOW - 9, WRITE)])
def test_s121_an_approval_from_before_a_change_connects_nothing(world: World, since: int, scope: Scope) -> None:
    remember(world, at=NOW - 9)
    world.redeem(world.code(scope=WRITE))
    world.store.void_approvals(WEB, approvals_valid_from=since)
    assert [each.scope for each in shown(world)] == [scope]


def test_s73_what_is_granted_while_an_app_is_disconnected_ends_too(world: World) -> None:
    first = world.redeem(world.code())
    late = world.grant(first)._replace(grant_id="alice-id.late", created_at=NOW + 1)
    granting = meanwhile(world.store, lambda: world.store.add_grant(late), "forget_approval")
    disconnect(granting, ALICE, WEB, now=NOW + 1)
    ended = {grant.grant_id: grant.revoked_at for grant in world.store.grants_of("alice-id")}
    assert ended == {first.grant_id: NOW + 1, "alice-id.late": NOW + 1}
