"""Approvals: the grant, its code and what is remembered are written together; who approved an app, and how many.

What the conditions refuse is in test_account_conflicts.py.
"""

from __future__ import annotations

import pytest

from gatepost.model.records import Code, Login, User
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import ApprovalKey, AttemptsKey, CodeKey, GrantKey, RequestKey
from tests.contract.records import CODE, GRANT, LOGIN, REQUEST, USER, VOIDED
from tests.unit.world import APPROVAL, NOW


@pytest.fixture(autouse=True)
def alice(store: Store) -> None:
    store.create_user(USER, LOGIN)


@pytest.mark.parametrize("code", [CODE, CODE._replace(redirect_uri_sent=False, code_challenge="c" * 43), None])
def test_an_approval_writes_the_grant_its_code_and_what_is_remembered(store: Store, code: Code | None) -> None:
    store.approve(GRANT, user=USER, code=code, approval=APPROVAL)

    key = ApprovalKey("alice-id", GRANT.client_id)
    assert store.read(GrantKey(GRANT.grant_id), CodeKey("the-code-hash"), key) == (GRANT, code, APPROVAL)


def test_what_the_user_answered_and_the_failures_before_go_with_the_approval(store: Store) -> None:
    failures = AttemptsKey("name-hash")
    store.count_failure(failures.name_hash, now=NOW, forget_at=NOW + 9)
    other = REQUEST._replace(request_hash="r2")
    for request in (REQUEST, other):
        store.save_request(request)

    store.approve(GRANT, user=USER, code=CODE, approval=APPROVAL, request=REQUEST, attempts=failures)

    assert store.read(failures) == (None,)
    assert store.read(RequestKey("alice-id", "r1"), RequestKey("alice-id", "r2")) == (None, other)
    assert store.read(GrantKey(GRANT.grant_id)) == (GRANT,)


def test_what_was_remembered_is_replaced_or_left(store: Store) -> None:
    key = ApprovalKey("alice-id", GRANT.client_id)
    store.approve(GRANT, user=USER, code=None, approval=APPROVAL)
    wider = APPROVAL._replace(scope=Scope.of("read", "write"), approved_at=NOW + 9)
    store.approve(GRANT._replace(grant_id="alice-id.g2"), user=USER, code=None, approval=wider)
    assert store.read(key) == (wider,)

    store.approve(GRANT._replace(grant_id="alice-id.g3"), user=USER, code=None, approval=None)
    assert store.read(key) == (wider,)


def test_an_account_that_voided_its_grants_or_changed_its_password_can_approve_again(store: Store) -> None:
    store.void_user_grants("alice-id", grants_valid_from=NOW - 50, revocation=VOIDED)
    store.change_password(USER, "$2b$04$new", sessions_valid_from=NOW)

    user = USER._replace(grants_valid_from=NOW - 50)
    store.approve(GRANT, user=user, code=CODE, approval=None, login=LOGIN._replace(password_hash="$2b$04$new"))

    assert store.read(GrantKey(GRANT.grant_id)) == (GRANT,)


# Who approved an app


def approve(store: Store, number: int, *client_ids: str) -> User:
    """A new user who approved apps."""
    user = USER._replace(user_id=f"u{number}-id", user_name=f"user{number}")
    store.create_user(user, Login(user_id=user.user_id, password_hash="h"))
    for client_id in client_ids:
        approval = APPROVAL._replace(user_id=user.user_id, client_id=client_id)
        store.approve(GRANT._replace(grant_id=f"{user.user_id}.g"), user=user, code=None, approval=approval)
    return user


def approved(store: Store, user: User) -> list[str]:
    return sorted(approval.client_id for approval in store.approvals_of(user.user_id))


def test_all_approvals_of_a_user_are_listed_and_nobody_elses(store: Store) -> None:
    first, second = approve(store, 1, "a", "b", "c"), approve(store, 11, "a")

    assert approved(store, first) == ["a", "b", "c"]
    assert approved(store, second) == ["a"]
    assert store.approvals_of("u") == []
    expected = APPROVAL._replace(user_id="u11-id", client_id="a", scope=Scope.of("read"), approved_at=NOW)
    assert store.approvals_of("u11-id") == [expected]


def test_an_approval_is_forgotten_alone(store: Store) -> None:
    first, second = approve(store, 1, "a", "b"), approve(store, 2, "a")

    store.forget_approval(first.user_id, "a")
    store.forget_approval(first.user_id, "a")

    assert store.read(ApprovalKey(first.user_id, "a")) == (None,)
    assert (approved(store, first), approved(store, second)) == (["b"], ["a"])


@pytest.mark.parametrize(("most", "counted"), [(1, 1), (2, 2), (3, 3), (4, 3), (1000, 3)])
def test_the_users_of_an_app_are_counted_up_to_a_limit(store: Store, most: int, counted: int) -> None:
    for number in range(3):
        approve(store, number, "a")
    approve(store, 9, "b")

    assert store.connected_count("a", most=most) == counted


def test_who_approves_twice_is_one_and_who_takes_it_back_is_none(store: Store) -> None:
    user = approve(store, 1, "a", "a")
    assert store.connected_count("a", most=9) == 1

    store.forget_approval(user.user_id, "a")
    assert store.connected_count("a", most=9) == 0
    assert store.connected_count("nothing", most=9) == 0
