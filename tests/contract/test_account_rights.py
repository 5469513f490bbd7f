"""Deactivating, demoting and deleting accounts: the atomic writes, and their conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gatepost.errors import Conflict
from gatepost.model.records import User
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import GrantKey, LoginKey, UserKey
from tests.contract.records import GRANT, LOGIN, USER, VOIDED
from tests.unit.world import NOW

BOSS = User(user_id="boss-id", user_name="Boss", role="administrator", status="active", created_at=NOW - 9)


@pytest.fixture(autouse=True)
def accounts(store: Store) -> None:
    store.create_user(USER, LOGIN)
    store.create_user(BOSS, replace(LOGIN, user_id="boss-id"))


def standing(store: Store, user: User = USER) -> User | None:
    return store.read(UserKey(user.user_id))[0]


def refused(call: Callable[[], None]) -> str:
    with pytest.raises(Conflict) as caught:
        call()
    return caught.value.field


def test_s122_stopping_an_account_voids_by_date_what_was_granted_signed_in_and_trusted(store: Store) -> None:
    store.deactivate_user(USER, valid_from=NOW, revocation=VOIDED, besides=BOSS)

    stopped = replace(USER, status="deactivated", grants_valid_from=NOW, sessions_valid_from=NOW + 1)
    assert standing(store) == stopped
    assert store.read(LoginKey("alice")) == (replace(LOGIN, devices_valid_from=NOW),)
    assert store.feed(0) == [VOIDED]


def test_s128_an_account_without_tokens_is_stopped_without_an_entry(store: Store) -> None:
    store.deactivate_user(USER, valid_from=NOW, revocation=None, besides=None)

    assert store.feed(0) == []


def changes(besides: User) -> dict[str, Callable[[Store], None]]:
    """Each way in which an account stops being an administrator, if `besides` must be one."""
    return {
        "stop": lambda store: store.deactivate_user(USER, valid_from=NOW, revocation=VOIDED, besides=besides),
        "demote": lambda store: store.demote(USER.user_id, besides=besides),
        "leave": lambda store: store.begin_deletion(USER, valid_from=NOW, revocation=VOIDED, besides=besides),
        "delete": lambda store: store.delete_user(USER, revocation=VOIDED, forget_at=NOW + 9, besides=besides),
    }


@pytest.mark.parametrize("change", list(changes(BOSS)))
@pytest.mark.parametrize(
    ("role", "status"), [("user", "active"), ("administrator", "deactivated"), ("administrator", "leaving")]
)
def test_s125_nobody_is_taken_away_beside_an_administrator_who_is_none_any_more(
    store: Store, change: str, role: str, status: str
) -> None:
    store.set_user_rights("boss-id", role=role)
    store.set_user_status("boss-id", status)

    assert refused(lambda: changes(BOSS)[change](store)) == "administrator"
    assert standing(store) == USER
    assert store.feed(0) == []


@pytest.mark.parametrize("change", list(changes(BOSS)))
def test_s125_nor_beside_one_who_is_gone(store: Store, change: str) -> None:
    store.delete_user(BOSS, revocation=VOIDED, forget_at=NOW)

    assert refused(lambda: changes(BOSS)[change](store)) == "administrator"
    assert standing(store) == USER


@pytest.mark.parametrize("change", list(changes(BOSS)))
def test_s125_beside_an_administrator_everybody_can_go(store: Store, change: str) -> None:
    changes(BOSS)[change](store)

    after = standing(store)
    assert after is None or after.status in ("deactivated", "leaving") or after.role == "user"


def test_a_demoted_administrator_is_a_user_and_nothing_else_changes(store: Store) -> None:
    store.set_user_rights("alice-id", role="administrator")

    store.demote("alice-id", besides=BOSS)
    assert standing(store) == USER

    store.demote("nobody-id", besides=BOSS)
    assert store.read(UserKey("nobody-id")) == (None,)


@pytest.mark.parametrize("change", ["stop", "delete"])
def test_s125_an_account_whose_role_changed_since_it_was_read_is_left_alone(store: Store, change: str) -> None:
    store.set_user_rights("alice-id", role="administrator")

    assert refused(lambda: changes(BOSS)[change](store)) == "user"
    assert standing(store) == replace(USER, role="administrator")


def test_s353_a_decided_deletion_voids_grants_is_repeatable_and_is_not_taken_back(store: Store) -> None:
    for _ in range(2):
        store.begin_deletion(USER, valid_from=NOW, revocation=VOIDED, besides=BOSS)
    leaving = replace(USER, status="leaving", grants_valid_from=NOW)
    assert standing(store) == leaving
    assert store.read(LoginKey("alice")) == (LOGIN,)
    assert VOIDED in store.feed(0)

    store.set_user_status("alice-id", "active")
    assert refused(lambda: store.deactivate_user(leaving, valid_from=NOW, revocation=None, besides=None)) == "user"
    assert standing(store) == leaving

    store.set_user_status("alice-id", "pending", before="active")
    assert standing(store) == leaving
    store.set_user_status("alice-id", "active", before="leaving")
    assert standing(store) == replace(leaving, status="active")


@pytest.mark.parametrize("found", ["deactivated", "gone"])
def test_s353_a_deletion_is_decided_of_the_account_as_it_was_read(store: Store, found: str) -> None:
    if found == "gone":
        store.delete_user(USER, revocation=VOIDED, forget_at=NOW)
    else:
        store.set_user_status("alice-id", found)
    before = standing(store)

    assert refused(lambda: store.begin_deletion(USER, valid_from=NOW, revocation=None, besides=None)) == "user"
    assert standing(store) == before


def test_an_account_that_is_gone_can_not_be_stopped(store: Store) -> None:
    gone = replace(USER, user_id="gone-id", user_name="gone")

    assert refused(lambda: store.deactivate_user(gone, valid_from=NOW, revocation=VOIDED, besides=None)) == "user"
    assert store.feed(0) == []


def test_s118_an_address_does_not_change_once_sessions_were_voided(store: Store) -> None:
    store.void_sessions("alice-id", sessions_valid_from=NOW)

    assert refused(lambda: store.change_email(USER, "new@example.test", confirmed=True)) == "user"
    store.change_email(replace(USER, sessions_valid_from=NOW), "new@example.test", confirmed=True)
    assert standing(store) == replace(
        USER, sessions_valid_from=NOW, email="new@example.test", email_confirmed=True
    )  # fmt: skip


def test_a_new_password_leaves_the_date_of_known_browsers_as_it_stands(store: Store) -> None:
    store.deactivate_user(USER, valid_from=NOW, revocation=None, besides=None)

    store.change_password(USER, "new", sessions_valid_from=NOW + 5)

    assert store.read(LoginKey("alice")) == (replace(LOGIN, password_hash="new", devices_valid_from=NOW),)


# Grants that are marked without an entry


@pytest.mark.parametrize(
    ("redeemed_by", "unredeemed", "marked"), [("", True, True), ("x", True, False), ("x", False, True)]
)
def test_s128_a_grant_is_marked_without_an_entry(
    store: Store, redeemed_by: str, unredeemed: bool, marked: bool
) -> None:
    store.add_grant(replace(GRANT, redeemed_by=redeemed_by))

    assert store.mark_revoked(GRANT.grant_id, now=NOW + 3, unredeemed=unredeemed) is marked
    (grant,) = store.read(GrantKey(GRANT.grant_id))
    assert grant is not None
    assert grant.revoked_at == (NOW + 3 if marked else 0)
    assert store.feed(0) == []


def test_a_grant_that_is_marked_stays_marked_and_one_that_is_gone_is_none(store: Store) -> None:
    store.add_grant(GRANT)
    assert store.mark_revoked(GRANT.grant_id, now=NOW)

    assert store.mark_revoked(GRANT.grant_id, now=NOW + 9)
    assert store.read(GrantKey(GRANT.grant_id)) == (replace(GRANT, revoked_at=NOW),)
    assert not store.mark_revoked("alice-id.nothing", now=NOW)
    assert store.read(GrantKey("alice-id.nothing")) == (None,)


def test_a_redemption_and_the_end_of_what_nobody_redeemed_exclude_each_other(store: Store) -> None:
    store.add_grant(GRANT)
    assert store.mark_revoked(GRANT.grant_id, now=NOW, unredeemed=True)

    redeemed = store.redeem(GRANT.grant_id, attempt="a", now=NOW, idle_expires_at=NOW + 9, expires_at=NOW + 9)

    assert redeemed is not None
    assert (redeemed.redeemed_by, redeemed.revoked_at) == ("", NOW)


def test_a_grant_is_marked_only_if_it_was_not_refreshed_meanwhile(store: Store) -> None:
    store.add_grant(replace(GRANT, redeemed_by="a1", generation=3))
    assert not store.mark_revoked(GRANT.grant_id, now=NOW, generation=2)
    assert store.read(GrantKey(GRANT.grant_id))[0].revoked_at == 0  # type: ignore[union-attr]

    assert store.mark_revoked(GRANT.grant_id, now=NOW, generation=3)
    assert store.mark_revoked(GRANT.grant_id, now=NOW + 9, generation=3)
    assert store.feed(0) == []
