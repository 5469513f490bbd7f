"""Lists in either order, and the people who are connected to an app."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.model.records import App, Approval, Login, User
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import Page
from tests.contract.cloud import LISTING
from tests.contract.listed import FORGED, app, subset, user, walk
from tests.contract.records import APPROVAL, GRANT, USER, register_app
from tests.unit.world import NOW

pytestmark = pytest.mark.parametrize("store", LISTING, indirect=True)


@pytest.fixture
def people(store: Store) -> list[User]:
    people = [user(name) for name in ["alice", "Alina", "bob", "BOBBY", "carol", "zoe"]]
    for one in people[::-1]:
        store.create_user(one, Login(user_id=one.user_id, password_hash="h"))
    return people


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_apps_of_a_status_are_listed_from_the_oldest_too(store: Store, limit: int) -> None:
    apps = [app(n, owner=f"o{n}-id", at=NOW + n // 2) for n in range(5)]
    for one in apps:
        register_app(store, one, limit=100)

    def read(cursor: str | None) -> Page[App]:
        return store.apps_with_status("active", cursor=cursor, limit=limit, oldest_first=True)

    assert walk(read, limit=limit) == apps


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
@pytest.mark.parametrize(("prefix", "start", "end"), [("", 0, 6), ("al", 0, 2), ("bob", 2, 4), ("x", 0, 0)])
def test_accounts_are_listed_from_the_end_of_the_alphabet_too(
    store: Store, people: list[User], prefix: str, start: int, end: int, limit: int
) -> None:
    def read(cursor: str | None) -> Page[User]:
        return store.users(prefix, cursor=cursor, limit=limit, descending=True)

    assert walk(read, limit=limit) == people[start:end][::-1]


@pytest.mark.parametrize("cursor", FORGED)
def test_a_forged_cursor_shows_nobody_of_another_name_from_the_end_either(
    store: Store, people: list[User], cursor: str
) -> None:
    page = store.users("bo", cursor=cursor, limit=2, descending=True)

    assert subset(page, people[::-1])
    assert all(one.user_name.casefold().startswith("bo") for one in page.items)


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_the_people_who_approved_an_app_are_listed_each_once_and_those_of_no_other(store: Store, limit: int) -> None:
    approvals = [replace(APPROVAL, user_id=f"u{number}-id", client_id="a", approved_at=NOW) for number in range(5)]
    for approval in (*approvals[::-1], replace(APPROVAL, user_id="u9-id", client_id="b")):
        approve(store, approval)

    def read(cursor: str | None) -> Page[Approval]:
        return store.approvals_to("a", cursor=cursor, limit=limit)

    assert walk(read, limit=limit) == approvals
    assert list(store.approvals_to("nobodys", cursor=None, limit=9).items) == []


@pytest.mark.parametrize("cursor", FORGED)
def test_a_forged_cursor_only_begins_elsewhere_among_the_people_of_an_app(store: Store, cursor: str) -> None:
    approvals = [replace(APPROVAL, user_id=f"u{number}-id", client_id="a") for number in range(4)]
    for approval in (*approvals, replace(APPROVAL, user_id="zz-id", client_id="b")):
        approve(store, approval)

    assert subset(store.approvals_to("a", cursor=cursor, limit=2), approvals)


def approve(store: Store, approval: Approval) -> None:
    account = replace(USER, user_id=approval.user_id, user_name=approval.user_id)
    store.create_user(account, Login(user_id=account.user_id, password_hash="h"))
    grant = replace(GRANT, grant_id=f"{account.user_id}.g", client_id=approval.client_id)
    store.approve(grant, user=account, code=None, approval=approval)
