"""Grants and codes: each decision about a grant is atomic."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.errors import Conflict
from gatepost.model.feed import Revocation
from gatepost.model.records import Code, Grant, User
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import ApprovalKey, CodeKey, GrantKey, RequestKey, UserKey
from tests.contract.records import APPROVAL, CODE, GRANT, LOGIN, REQUEST, USER, VOIDED
from tests.unit.world import NOW

CLIENT = GRANT.client_id


@pytest.fixture(autouse=True)
def alice(store: Store) -> None:
    store.create_user(USER, LOGIN)


def stored(store: Store, grant_id: str = "alice-id.g1") -> Grant | None:
    return store.read(GrantKey(grant_id))[0]


def redeem(store: Store, attempt: str = "a1", now: int = NOW + 1, grant_id: str = "alice-id.g1") -> Grant | None:
    return store.redeem(grant_id, attempt=attempt, now=now, idle_expires_at=NOW + 200, expires_at=NOW + 300)


def rotate(store: Store, generation: int, now: int = NOW + 5, attempt: str = "r1") -> Grant | None:
    return store.rotate(
        "alice-id.g1", generation, attempt=attempt, now=now, idle_expires_at=NOW + 250, token_lifetime=70
    )


REDEEMED = replace(
    GRANT,
    redeemed_by="a1",
    redeemed_at=NOW + 1,
    idle_expires_at=NOW + 200,
    expires_at=NOW + 300,
    last_used_at=NOW + 1,
)
TURNED = replace(
    GRANT,
    generation=2,
    rotated_by="r1",
    token_lifetime=70,
    rotated_at=NOW + 5,
    last_used_at=NOW + 5,
    idle_expires_at=NOW + 250,
)


# approve


@pytest.mark.parametrize("code", [CODE, replace(CODE, redirect_uri_sent=False, code_challenge="c" * 43), None])
def test_an_approval_writes_the_grant_its_code_and_what_is_remembered(store: Store, code: Code | None) -> None:
    store.approve(GRANT, user=USER, code=code, approval=APPROVAL)

    key = ApprovalKey("alice-id", CLIENT)
    assert store.read(GrantKey(GRANT.grant_id), CodeKey("the-code-hash"), key) == (GRANT, code, APPROVAL)


def test_what_the_user_answered_goes_with_the_approval(store: Store) -> None:
    other = replace(REQUEST, request_hash="r2")
    for request in (REQUEST, other):
        store.save_request(request)

    store.approve(GRANT, user=USER, code=CODE, approval=APPROVAL, request=REQUEST)

    assert store.read(RequestKey("alice-id", "r1"), RequestKey("alice-id", "r2")) == (None, other)
    assert stored(store) == GRANT


def test_what_was_answered_already_approves_nothing(store: Store) -> None:
    with pytest.raises(Conflict) as caught:
        store.approve(GRANT, user=USER, code=CODE, approval=APPROVAL, request=REQUEST)

    assert caught.value.field == "request"
    places = (GrantKey(GRANT.grant_id), CodeKey("the-code-hash"), ApprovalKey("alice-id", CLIENT))
    assert store.read(*places) == (None, None, None)


def test_a_request_waits_on_if_the_account_changed(store: Store) -> None:
    store.save_request(REQUEST)
    store.set_user_status("alice-id", "deactivated")

    with pytest.raises(Conflict) as caught:
        store.approve(GRANT, user=USER, code=CODE, approval=None, request=REQUEST)

    assert caught.value.field == "user"
    assert store.read(RequestKey("alice-id", "r1")) == (REQUEST,)


def test_what_was_remembered_is_replaced_or_left(store: Store) -> None:
    key = ApprovalKey("alice-id", CLIENT)
    store.approve(GRANT, user=USER, code=None, approval=APPROVAL)
    wider = replace(APPROVAL, scope=Scope.of("read", "write"), approved_at=NOW + 9)
    store.approve(replace(GRANT, grant_id="alice-id.g2"), user=USER, code=None, approval=wider)
    assert store.read(key) == (wider,)

    store.approve(replace(GRANT, grant_id="alice-id.g3"), user=USER, code=None, approval=None)
    assert store.read(key) == (wider,)


@pytest.mark.parametrize("status", ["active", "deactivated"])
@pytest.mark.parametrize("before", [0, NOW - 50])
def test_s73_an_account_that_changed_meanwhile_approves_nothing(store: Store, status: str, before: int) -> None:
    user = USER
    if before:
        store.void_user_grants("alice-id", grants_valid_from=before, revocation=VOIDED)
        user = replace(USER, grants_valid_from=before)
    if status == "active":
        store.void_user_grants("alice-id", grants_valid_from=NOW, revocation=VOIDED)
    else:
        store.deactivate_user(USER, valid_from=NOW, revocation=VOIDED, besides=None)

    with pytest.raises(Conflict) as caught:
        store.approve(GRANT, user=user, code=CODE, approval=APPROVAL)

    assert caught.value.field == "user"
    key = ApprovalKey("alice-id", CLIENT)
    assert store.read(GrantKey(GRANT.grant_id), CodeKey("the-code-hash"), key) == (None, None, None)


def test_s73_an_account_that_is_gone_or_stopped_approves_nothing(store: Store) -> None:
    store.deactivate_user(USER, valid_from=NOW, revocation=VOIDED, besides=None)
    (stopped,) = store.read(UserKey("alice-id"))
    assert stopped is not None
    nobody = User(user_id="nobody-id", user_name="nobody", status="active", created_at=NOW)

    for user in (stopped, nobody):
        with pytest.raises(Conflict):
            store.approve(GRANT, user=user, code=None, approval=None)


def test_an_account_that_voided_its_grants_before_can_approve_again(store: Store) -> None:
    store.void_user_grants("alice-id", grants_valid_from=NOW - 50, revocation=VOIDED)

    store.approve(GRANT, user=replace(USER, grants_valid_from=NOW - 50), code=CODE, approval=None)

    assert stored(store) == GRANT


# redeem


def test_a_grant_is_redeemed_by_the_first_attempt(store: Store) -> None:
    store.add_grant(GRANT)

    assert redeem(store) == REDEEMED
    assert stored(store) == REDEEMED


def test_s39_a_second_attempt_sees_the_first(store: Store) -> None:
    store.add_grant(GRANT)
    redeem(store)

    assert redeem(store, "a2", NOW + 2) == REDEEMED
    assert stored(store) == REDEEMED


def test_s109_a_repetition_of_the_attempt_sees_that_it_won(store: Store) -> None:
    store.add_grant(GRANT)
    redeem(store)

    assert redeem(store, "a1", NOW + 2) == REDEEMED


@pytest.mark.parametrize("now", [NOW + 60, NOW + 61, NOW + 10**6])
def test_s43_s111_a_grant_whose_time_has_passed_stays_as_it_is(store: Store, now: int) -> None:
    store.add_grant(GRANT)

    assert redeem(store, now=now) == GRANT
    assert stored(store) == GRANT


def test_a_revoked_grant_is_not_redeemed(store: Store) -> None:
    store.add_grant(GRANT)
    store.revoke_grant(GRANT.grant_id, now=NOW, feed_until=NOW + 99)

    assert redeem(store) == replace(GRANT, revoked_at=NOW)


def test_a_grant_that_needs_no_redemption_is_not_redeemed(store: Store) -> None:
    direct = replace(GRANT, redeem_before=0)
    store.add_grant(direct)

    assert redeem(store) == direct


def test_what_is_not_there_can_not_be_redeemed_rotated_or_revoked(store: Store) -> None:
    assert redeem(store) is None
    assert rotate(store, 1) is None
    store.revoke_grant("alice-id.g1", now=NOW, feed_until=NOW + 99)

    assert stored(store) is None
    assert store.feed(0) == []


# rotate


def test_a_grant_goes_from_its_generation_to_the_next(store: Store) -> None:
    store.add_grant(GRANT)

    assert rotate(store, 1) == TURNED
    assert stored(store) == TURNED
    third = rotate(store, 2, NOW + 6, "r2")
    assert third is not None
    assert (third.generation, third.rotated_by, third.rotated_at) == (3, "r2", NOW + 6)


@pytest.mark.parametrize("generation", [1, 3, 99])
def test_s67_from_another_generation_it_does_not_move(store: Store, generation: int) -> None:
    store.add_grant(GRANT)
    rotate(store, 1)

    assert rotate(store, generation, NOW + 9, "r2") == TURNED
    assert stored(store) == TURNED


def test_s109_a_repetition_of_the_attempt_sees_that_it_turned_the_grant(store: Store) -> None:
    store.add_grant(GRANT)
    rotate(store, 1)

    assert rotate(store, 1, NOW + 9) == TURNED


def test_s73_a_revoked_grant_does_not_move(store: Store) -> None:
    store.add_grant(GRANT)
    store.revoke_grant(GRANT.grant_id, now=NOW + 2, feed_until=NOW + 99)

    assert rotate(store, 1) == replace(GRANT, revoked_at=NOW + 2)


# revoke_grant, grants_of


def test_a_grant_is_revoked_once_and_published_with_it(store: Store) -> None:
    store.add_grant(GRANT)

    store.revoke_grant(GRANT.grant_id, now=NOW + 2.75, feed_until=NOW + 99)
    store.revoke_grant(GRANT.grant_id, now=NOW + 50, feed_until=NOW + 199)

    assert stored(store) == replace(GRANT, revoked_at=NOW + 2)
    entry = Revocation(kind="grant", subject="alice-id.g1", revoked_at=NOW + 2.75, expires_at=NOW + 99)
    assert store.feed(0) == [entry]


def test_all_grants_of_a_user_are_listed_whatever_became_of_them(store: Store) -> None:
    grants = [replace(GRANT, grant_id=f"alice-id.g{number}") for number in range(3)]
    for grant in grants:
        store.add_grant(grant)
    store.add_grant(replace(GRANT, grant_id="bob-id.g9"))
    store.revoke_grant("alice-id.g0", now=NOW, feed_until=NOW + 99)
    redeem(store, grant_id="alice-id.g1")

    found = sorted(store.grants_of("alice-id"), key=lambda grant: grant.grant_id)

    assert [grant.grant_id for grant in found] == ["alice-id.g0", "alice-id.g1", "alice-id.g2"]
    assert [grant.revoked_at for grant in found] == [NOW, 0, 0]
    assert [grant.redeemed_by for grant in found] == ["", "a1", ""]
    assert store.grants_of("alice") == []
