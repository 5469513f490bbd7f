"""Approvals, on every engine: the grant, its code and what is remembered are written together or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.errors import Conflict
from gatepost.model.records import Code, User
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import ApprovalKey, CodeKey, GrantKey, RequestKey, UserKey
from tests.contract.records import APPROVAL, CODE, GRANT, LOGIN, REQUEST, USER, VOIDED
from tests.unit.world import NOW


@pytest.fixture(autouse=True)
def alice(store: Store) -> None:
    store.create_user(USER, LOGIN)


@pytest.mark.parametrize("code", [CODE, replace(CODE, redirect_uri_sent=False, code_challenge="c" * 43), None])
def test_an_approval_writes_the_grant_its_code_and_what_is_remembered(store: Store, code: Code | None) -> None:
    store.approve(GRANT, user=USER, code=code, approval=APPROVAL)

    key = ApprovalKey("alice-id", GRANT.client_id)
    assert store.read(GrantKey(GRANT.grant_id), CodeKey("the-code-hash"), key) == (GRANT, code, APPROVAL)


def test_what_the_user_answered_goes_with_the_approval(store: Store) -> None:
    other = replace(REQUEST, request_hash="r2")
    for request in (REQUEST, other):
        store.save_request(request)

    store.approve(GRANT, user=USER, code=CODE, approval=APPROVAL, request=REQUEST)

    assert store.read(RequestKey("alice-id", "r1"), RequestKey("alice-id", "r2")) == (None, other)
    assert store.read(GrantKey(GRANT.grant_id)) == (GRANT,)


def test_what_was_answered_already_approves_nothing(store: Store) -> None:
    with pytest.raises(Conflict) as caught:
        store.approve(GRANT, user=USER, code=CODE, approval=APPROVAL, request=REQUEST)

    assert caught.value.field == "request"
    places = (GrantKey(GRANT.grant_id), CodeKey("the-code-hash"), ApprovalKey("alice-id", GRANT.client_id))
    assert store.read(*places) == (None, None, None)


def test_a_request_waits_on_if_the_account_changed(store: Store) -> None:
    store.save_request(REQUEST)
    store.set_user_status("alice-id", "deactivated")

    with pytest.raises(Conflict) as caught:
        store.approve(GRANT, user=USER, code=CODE, approval=None, request=REQUEST)

    assert caught.value.field == "user"
    assert store.read(RequestKey("alice-id", "r1")) == (REQUEST,)


def test_what_was_remembered_is_replaced_or_left(store: Store) -> None:
    key = ApprovalKey("alice-id", GRANT.client_id)
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
    key = ApprovalKey("alice-id", GRANT.client_id)
    assert store.read(GrantKey(GRANT.grant_id), CodeKey("the-code-hash"), key) == (None, None, None)


def test_s73_an_account_that_is_gone_or_stopped_approves_nothing(store: Store) -> None:
    store.deactivate_user(USER, valid_from=NOW, revocation=VOIDED, besides=None)
    (stopped,) = store.read(UserKey("alice-id"))
    assert stopped is not None
    nobody = User(user_id="nobody-id", user_name="nobody", status="active", created_at=NOW)

    for user in (stopped, nobody):
        with pytest.raises(Conflict):
            store.approve(GRANT, user=user, code=None, approval=None)


RIGHTS: tuple[dict[str, Any], ...] = ({"scope": None}, {"scope": Scope()}, {"scope": Scope.of("read", "write")},
                                      {"groups": ("editors",)}, {"groups": ("editors", "staff")})  # fmt: skip


@pytest.mark.parametrize("now", RIGHTS)
@pytest.mark.parametrize("then", RIGHTS)
def test_s354_an_approval_counts_with_the_limit_and_the_groups_as_they_were_read(
    store: Store, then: dict[str, Any], now: dict[str, Any]
) -> None:
    store.set_user_rights("alice-id", **now)
    standing, read = replace(USER, **now), replace(USER, **then)

    if standing == read:
        store.approve(GRANT, user=read, code=CODE, approval=None)
    else:
        with pytest.raises(Conflict) as caught:
            store.approve(GRANT, user=read, code=CODE, approval=None)
        assert caught.value.field == "user"
    assert (store.read(GrantKey(GRANT.grant_id)) == (GRANT,)) is (standing == read)


def test_an_account_that_voided_its_grants_before_can_approve_again(store: Store) -> None:
    store.void_user_grants("alice-id", grants_valid_from=NOW - 50, revocation=VOIDED)

    store.approve(GRANT, user=replace(USER, grants_valid_from=NOW - 50), code=CODE, approval=None)

    assert store.read(GrantKey(GRANT.grant_id)) == (GRANT,)
