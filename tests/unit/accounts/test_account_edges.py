"""Edge cases of changes to accounts: a used link, dates of a deletion, the longest address."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from gatepost.accounts.accounts import InvalidAccount, change_email, change_password, create_user, is_email
from gatepost.accounts.removal import delete_user, end_grants
from gatepost.errors import Conflict
from gatepost.model.links import Link
from gatepost.model.records import User
from gatepost.stores.record_keys import UserKey
from tests.unit.signing_in import opens
from tests.unit.world import ALICE, NOW, PASSWORD, World

USED = Link(
    link_hash="h", kind="email", user_id="alice-id", user_name="alice", email="a@example.test", expires_at=NOW + 9
)


class Deleting:
    """A store that does something else when an account is to be deleted."""

    def __init__(self, world: World, delete: Callable[..., None]) -> None:
        self._store, self.delete_user = world.store, delete

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.mark.parametrize(
    "use",
    [
        lambda world: create_user(world.store, world.settings, "bob", "", "h", confirmed=False, now=NOW, link=USED),
        lambda world: change_password(world.store, world.settings, ALICE, "a better password", now=NOW, link=USED),
        lambda world: change_email(world.store, ALICE, "new@example.test", confirmed=True, link=USED),
    ],
)
def test_a_link_that_was_used_is_told_apart_from_a_field_that_is_wrong(
    world: World, use: Callable[[World], Any]
) -> None:
    with pytest.raises(Conflict) as caught:
        use(world)

    assert caught.value.field == "link"
    assert world.store.read(UserKey("alice-id")) == (ALICE,)
    assert opens(world, PASSWORD)


def test_the_error_names_every_field_and_its_fault() -> None:
    assert (
        str(InvalidAccount({"email": "Not one.", "password": "Too short."})) == "email: Not one.; password: Too short."
    )


@pytest.mark.parametrize(("length", "fits"), [(254, True), (255, False)])
def test_an_address_has_at_most_254_characters(length: int, fits: bool) -> None:
    assert is_email("@example.test".rjust(70, "a").ljust(length, "t")) is fits


def test_a_deleted_account_voids_what_requests_under_way_issue_for_a_minute_and_has_no_apps_for_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    how: list[dict[str, Any]] = []

    def delete(user: User, **more: Any) -> None:
        how.append(more)

    monkeypatch.setattr(time, "monotonic", lambda: 7.0)  # so that the deletion takes no time
    delete_user(Deleting(world, delete), ALICE, now=NOW + 0.5)

    (more,) = how
    assert more["forget_at"] == NOW + 86400
    assert (more["revocation"].kind, more["revocation"].subject) == ("user", "alice-id")
    assert more["revocation"].revoked_at == NOW + 60.5


def test_of_two_who_delete_an_account_the_second_finds_it_gone(world: World) -> None:
    def delete(user: User, **more: Any) -> None:
        world.store.delete_user(user, **more)
        raise Conflict("user")

    delete_user(Deleting(world, delete), ALICE, now=NOW)

    assert world.store.read(UserKey("alice-id")) == (None,)


@pytest.mark.parametrize(("now", "revoked_at"), [(NOW + 59, NOW + 59), (NOW + 60, 0)])
def test_a_grant_is_revoked_by_itself_as_long_as_its_code_can_be_redeemed(
    world: World, now: int, revoked_at: int
) -> None:
    world.code()

    end_grants(world.store, ALICE, now=now)

    assert [grant.revoked_at for grant in world.store.grants_of("alice-id")] == [revoked_at]
