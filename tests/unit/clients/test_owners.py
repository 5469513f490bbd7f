"""An owner's status is copied to the apps, despite an outdated list and concurrent changes, and limits them (S119)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gatepost.accounts.removal import activate_user, deactivate_user
from gatepost.accounts.rights import limit_user
from gatepost.clients.owners import tell_apps
from gatepost.errors import InvalidClient, InvalidScope, TemporarilyUnavailable
from gatepost.model.records import App
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import Page, UserKey
from tests.unit.meanwhile import delay, meanwhile
from tests.unit.world import ALICE, NOTHING, NOW, OTHER, OWNER, READ, READ_WRITE, WEB, WRITE, World, web_app


def standings(world: World) -> set[tuple[bool, str | None]]:
    found = world.store.apps_of(OWNER.user_id, cursor=None, limit=9).items
    return {(each.owner_stopped, None if each.owner_scope is None else str(each.owner_scope)) for each in found}


def test_s119_the_apps_of_an_owner_who_is_stopped_get_no_tokens_and_go_on_afterwards(world: World) -> None:
    granted, code, own = world.redeem(world.code()), world.code(), world.own_token()

    deactivate_user(world.store, OWNER, now=NOW + 1)

    assert standings(world) == {(True, None)}
    for ask in (
        lambda: world.own_token(now=NOW + 2),
        lambda: world.refresh(granted.refresh_token, now=NOW + 2),
        lambda: world.redeem(code, now=NOW + 2),
        lambda: world.send(world.web, grant_type="password", username="alice", password="x"),
        lambda: world.introspect(granted.access_token, now=NOW + 2),
    ):
        with pytest.raises(InvalidClient, match="client_id is unknown, or the credentials of the app are wrong"):
            ask()
    assert not world.opens(own, NOW + 2)
    assert world.opens(granted.access_token, NOW + 2)  # what users granted is theirs, and lives to its end

    activate_user(world.store, OWNER._replace(status="deactivated"), now=NOW + 3)

    assert standings(world) == {(False, None)}
    assert world.refresh(granted.refresh_token, now=NOW + 4).access_token
    assert world.redeem(code, now=NOW + 4).access_token
    assert not world.opens(own, NOW + 4)
    assert world.opens(world.own_token(now=NOW + 4), NOW + 4)


def test_s119_the_limit_of_an_owner_narrows_what_the_apps_get(world: World) -> None:
    granted, own, narrow = world.redeem(world.code()), world.own_token(), world.own_token(scope="read")

    limit_user(world.store, OWNER, READ, now=NOW + 1)

    assert standings(world) == {(False, "read")}
    assert not world.opens(own, NOW + 2)
    assert not world.opens(narrow, NOW + 2)  # one entry ends them all: the next is as good
    assert world.claims(world.own_token(now=NOW + 2), NOW + 2).scope == READ
    assert world.refresh(granted.refresh_token, now=NOW + 2).scope == READ
    with pytest.raises(InvalidScope):
        world.own_token(now=NOW + 2, scope="write")

    limit_user(world.store, OWNER, None, now=NOW + 3)

    assert standings(world) == {(False, None)}
    assert world.claims(world.own_token(now=NOW + 4), NOW + 4).scope == READ_WRITE


@pytest.mark.parametrize(
    ("before", "after", "ends"),
    [
        (None, READ, True),
        (READ_WRITE, READ, True),
        (READ, WRITE, True),
        (READ, READ_WRITE, False),
        (READ, None, False),
        (READ, Scope(), True),
    ],
)
def test_s119_a_narrower_limit_ends_tokens(world: World, before: Scope | None, after: Scope | None, ends: bool) -> None:
    limit_user(world.store, OWNER, before, now=NOW - 9)
    own = world.own_token(scope=None)

    limit_user(world.store, OWNER, after, now=NOW + 1)

    assert world.opens(own, NOW + 2) is not ends


def test_s119_nothing_is_published_for_an_app_that_never_acts_for_itself(world: World) -> None:
    world.add_app(web_app(client_id=OTHER, name="Other", grant_types=("authorization_code",)))
    world.store.set_user_status(OWNER.user_id, "deactivated")
    before = len(world.published)
    tell_apps(world.store, OWNER.user_id, now=NOW)
    assert world.published[before:] == [("user", WEB)]

    limit_user(world.store, OWNER, READ, now=NOW)
    before = len(world.published)
    activate_user(world.store, OWNER, now=NOW)
    assert len(world.published) == before


@pytest.mark.parametrize("slow", ["set_owner_standing", "deactivate_user", "set_user_rights"])
def test_s119_a_change_that_takes_until_the_next_second_ends_tokens_until_then(world: World, slow: str) -> None:
    for app_beside in (world.native, world.other):  # the one that is told first is the one that counts
        world.store.delete_app(app_beside, revocation=NOTHING)
    delay(world.store, slow)
    own = world.own_token(now=NOW + 1)  # it read the app before

    if slow == "set_user_rights":
        limit_user(world.store, OWNER, READ, now=NOW + 0.7)
    else:
        deactivate_user(world.store, OWNER, now=NOW + 0.7)

    assert not world.opens(own, NOW + 2)


# A list that is behind, and concurrent changes


class Behind:
    """A store whose list of apps shows the app that was made last only after so many looks; before, `old` ones."""

    def __init__(self, store: Any, looks: int, *old: App) -> None:
        self._store, self.looks, self._old = store, looks, old

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def apps_of(self, owner: str, *, cursor: str | None, limit: int) -> Page[App]:
        self.looks -= 1
        page: Page[App] = self._store.apps_of(owner, cursor=cursor, limit=limit)
        return Page(items=[*self._old, *page.items[self.looks >= 0 :]], cursor=page.cursor)


def unexpected() -> None:
    raise AssertionError("nothing had to be done")


@pytest.fixture(autouse=True)
def paused(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr("gatepost.clients.owners.time", SimpleNamespace(sleep=pauses.append))
    return pauses


def test_s119_an_app_that_the_list_does_not_show_yet_is_waited_for(world: World) -> None:
    deactivate_user(cast(Store, Behind(world.store, 3)), OWNER, now=NOW)

    assert standings(world) == {(True, None)}


def test_s119_and_asked_for_again_if_it_takes_too_long(world: World, paused: list[float]) -> None:
    behind = Behind(world.store, 5)
    with pytest.raises(TemporarilyUnavailable):
        deactivate_user(cast(Store, behind), OWNER, now=NOW)
    assert standings(world) == {(True, None), (False, None)}
    assert paused == [0.05, 0.1, 0.2, 0.4, 0.8]

    deactivate_user(cast(Store, behind), OWNER, now=NOW + 1)

    assert standings(world) == {(True, None)}


@pytest.mark.parametrize("name", ["apps_of", "set_owner_standing", "app_count"])
def test_s119_an_account_that_is_changed_again_is_told_as_it_stands(world: World, name: str) -> None:
    world.store.set_user_status(OWNER.user_id, "deactivated")

    activated = meanwhile(world.store, lambda: activate_user(world.store, OWNER, now=NOW), name, times=1)
    tell_apps(activated, OWNER.user_id, now=NOW)

    assert standings(world) == {(False, None)}


def test_s119_an_app_that_is_handed_over_meanwhile_stands_as_its_new_owner_does(world: World) -> None:
    def handed_over() -> None:
        theirs = world.app()._replace(owner="alice-id", name="Handed over", version=world.app().version + 1)
        world.store.hand_over_app(theirs, before=world.app(), owner=ALICE)

    deactivate_user(meanwhile(world.store, handed_over, "set_owner_standing", times=1), OWNER, now=NOW)

    assert (world.app().owner, world.app().owner_stopped) == ("alice-id", False)
    deactivate_user(world.store, ALICE, now=NOW)  # who has just this one
    assert world.app().owner_stopped


def test_an_account_without_apps_or_that_is_gone_or_told_already_has_nothing_to_tell(world: World) -> None:
    tell_apps(meanwhile(world.store, unexpected, "apps_of", times=1), "alice-id", now=NOW)
    deactivate_user(world.store, OWNER, now=NOW)
    before = len(world.published)
    tell_apps(meanwhile(world.store, unexpected, "set_owner_standing", times=1), OWNER.user_id, now=NOW)
    assert len(world.published) == before

    del world.store._records[UserKey("owner-id")]
    tell_apps(meanwhile(world.store, unexpected, "apps_of", times=1), "owner-id", now=NOW)


def test_an_account_that_goes_meanwhile_is_told_no_longer(world: World) -> None:
    world.store.set_user_status(OWNER.user_id, "deactivated")
    gone = meanwhile(world.store, lambda: world.store._records.pop(UserKey("owner-id")), "set_owner_standing", times=1)

    tell_apps(gone, OWNER.user_id, now=NOW)


def test_s119_a_list_that_shows_what_is_gone_or_another_ones_is_not_believed(world: World) -> None:
    theirs = web_app(client_id="theirs", owner="alice-id", name="Theirs")
    world.store.create_app(theirs, owner=ALICE, limit=9)
    stale = Behind(world.store, 2, web_app(client_id="gone"), theirs._replace(owner=OWNER.user_id))

    deactivate_user(cast(Store, stale), OWNER, now=NOW)

    assert standings(world) == {(True, None)}
    assert not world.app("theirs").owner_stopped
