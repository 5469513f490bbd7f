"""An owner's status reaches all apps despite an outdated list and concurrent changes (S119)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gatepost.accounts.removal import activate_user, deactivate_user
from gatepost.clients.owners import tell_apps
from gatepost.errors import TemporarilyUnavailable
from gatepost.model.records import App
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AppKey, Page, UserKey
from tests.unit.world import (
    ALICE,
    NOW,
    OWNER,
    WEB,
    World,
    web_app,
)


class Between:
    """A store with a concurrent event, once, before a given call."""

    def __init__(self, store: Any, name: str, happen: Callable[[], object]) -> None:
        self._store, self._name, self._happen = store, name, [happen]

    def __getattr__(self, name: str) -> Any:
        if name == self._name and self._happen:
            self._happen.pop()()
        return getattr(self._store, name)


class Behind:
    """A store whose list of apps shows the app that was made last only after so many looks."""

    def __init__(self, store: Any, looks: int) -> None:
        self._store, self.looks = store, looks

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def apps_of(self, owner: str, *, cursor: str | None, limit: int) -> Page[App]:
        self.looks -= 1
        page: Page[App] = self._store.apps_of(owner, cursor=cursor, limit=limit)
        return page if self.looks < 0 else Page(items=page.items[1:], cursor=page.cursor)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatepost.clients.owners.time", SimpleNamespace(sleep=lambda _: None))


def app(world: World, client_id: str = WEB) -> App:
    found = world.store.read(AppKey(client_id))[0]
    assert isinstance(found, App)
    return found


def standings(world: World) -> set[tuple[bool, str | None]]:
    found = world.store.apps_of(OWNER.user_id, cursor=None, limit=9).items
    return {(each.owner_stopped, None if each.owner_scope is None else str(each.owner_scope)) for each in found}


def test_s119_an_app_that_the_list_does_not_show_yet_is_waited_for(world: World) -> None:
    deactivate_user(cast(Store, Behind(world.store, looks=3)), OWNER, now=NOW)

    assert standings(world) == {(True, None)}


def test_s119_and_asked_for_again_if_it_takes_too_long(world: World) -> None:
    behind = Behind(world.store, looks=5)
    with pytest.raises(TemporarilyUnavailable):
        deactivate_user(cast(Store, behind), OWNER, now=NOW)
    assert (True, None) in standings(world)
    assert (False, None) in standings(world)

    deactivate_user(cast(Store, behind), OWNER, now=NOW + 1)

    assert standings(world) == {(True, None)}


def test_s119_an_account_that_is_changed_again_meanwhile_is_told_as_it_stands_in_the_end(world: World) -> None:
    def activated() -> None:
        activate_user(world.store, OWNER, now=NOW)

    for name in ("apps_of", "set_owner_standing", "app_count"):
        world.store.set_user_status(OWNER.user_id, "deactivated")
        tell_apps(cast(Store, Between(world.store, name, activated)), OWNER.user_id, now=NOW)
        assert standings(world) == {(False, None)}, name


def test_s119_an_app_that_is_handed_over_meanwhile_stands_as_its_new_owner_does(world: World) -> None:
    def handed_over() -> None:
        web = app(world)
        theirs = replace(web, owner="alice-id", name="Handed over", version=web.version + 1)
        world.store.hand_over_app(theirs, before=web, owner=ALICE)

    deactivate_user(cast(Store, Between(world.store, "set_owner_standing", handed_over)), OWNER, now=NOW)

    assert (app(world).owner, app(world).owner_stopped) == ("alice-id", False)


def test_an_account_without_apps_or_that_is_gone_has_nothing_to_tell(world: World) -> None:
    def listed() -> None:
        raise AssertionError("nothing had to be listed")

    tell_apps(cast(Store, Between(world.store, "apps_of", listed)), "alice-id", now=NOW)
    world.store._records.pop(UserKey("owner-id"))
    tell_apps(cast(Store, Between(world.store, "apps_of", listed)), "owner-id", now=NOW)


def test_s119_an_app_of_an_account_that_has_just_one_is_told(world: World) -> None:
    world.store.create_app(web_app(client_id="mine", owner="alice-id"), owner=ALICE, limit=1)

    deactivate_user(world.store, ALICE, now=NOW)

    assert app(world, "mine").owner_stopped


def test_an_account_that_goes_meanwhile_is_told_no_longer(world: World) -> None:
    def gone() -> None:
        world.store._records.pop(UserKey("owner-id"))

    world.store.set_user_status(OWNER.user_id, "deactivated")
    tell_apps(cast(Store, Between(world.store, "set_owner_standing", gone)), OWNER.user_id, now=NOW)


def test_s119_a_list_that_shows_what_is_gone_or_another_ones_is_not_believed(world: World) -> None:
    class Stale(Behind):
        def apps_of(self, owner: str, *, cursor: str | None, limit: int) -> Page[App]:
            page = super().apps_of(owner, cursor=cursor, limit=limit)
            old = [web_app(client_id="gone"), replace(app(world, "theirs"), owner=owner)]
            return Page(items=[*old, *page.items], cursor=page.cursor)

    world.store.create_app(web_app(client_id="theirs", owner="alice-id", name="Theirs"), owner=ALICE, limit=9)

    deactivate_user(cast(Store, Stale(world.store, looks=2)), OWNER, now=NOW)

    assert standings(world) == {(True, None)}
    assert not app(world, "theirs").owner_stopped


def test_the_looks_at_a_list_that_is_behind_have_pauses_between_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused: list[float] = []
    monkeypatch.setattr("gatepost.clients.owners.time", SimpleNamespace(sleep=paused.append))

    with pytest.raises(TemporarilyUnavailable):
        deactivate_user(cast(Store, Behind(world.store, looks=9)), OWNER, now=NOW)

    assert paused == [0.05, 0.1, 0.2, 0.4, 0.8]


def test_who_is_told_already_is_not_told_again(world: World) -> None:
    def told() -> None:
        raise AssertionError("nothing had to be told")

    deactivate_user(world.store, OWNER, now=NOW)
    before = len(world.store.feed(0))
    tell_apps(cast(Store, Between(world.store, "set_owner_standing", told)), OWNER.user_id, now=NOW)

    assert len(world.store.feed(0)) == before
