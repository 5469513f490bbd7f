"""A change of what people recognize an app by puts back to "asked" what administrators decided (S351)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.clients.admin_decisions import changes_of, grant_scopes
from gatepost.clients.owner_changes import add_secret
from gatepost.clients.scopes import granted_to_itself, lost_grants
from gatepost.clients.withdrawal import Withdrawal, withdrawn_by
from gatepost.errors import InvalidScope
from gatepost.model.records import App
from gatepost.scope import Scope
from tests.unit.clients.withdrawing import ADMIN, OTHER_LOOKS, ROOT, stored, update, what_counts
from tests.unit.world import NOW, OWNER, READ, WRITE, World, delay, web_app


@pytest.mark.parametrize("change", OTHER_LOOKS)
def test_s351_an_app_that_looks_different_has_nothing_of_what_was_granted(
    world: World, granted: App, change: dict[str, Any]
) -> None:
    assert what_counts(world, granted) == ("write", "admin")

    changed = update(world, granted, **change)

    assert changed == stored(world, granted)
    assert what_counts(world, changed) == ("", "")
    assert withdrawn_by(granted, changed) == Withdrawal(users=ADMIN, itself=WRITE, approval=False)
    assert lost_grants(changed) == WRITE | ADMIN
    with pytest.raises(InvalidScope):
        world.send(changed, grant_type="client_credentials", scope="write")


@pytest.mark.parametrize(
    "change", [{}, {"scope": Scope.of("read", "write", "admin")}, {"grant_types": ("client_credentials",)}]
)
def test_any_other_change_takes_nothing(world: World, granted: App, change: dict[str, Any]) -> None:
    changed = update(world, granted, **change)

    assert what_counts(world, changed) == ("write", "admin")
    assert (changed.looks, changed.approvals_valid_from, world.store.feed(0)) == (0, 0, [])
    secret, _ = add_secret(world.store, changed, now=NOW)
    assert what_counts(world, secret) == ("write", "admin")


def test_the_order_of_redirect_uris_is_not_seen(world: World) -> None:
    app = world.add_app(web_app(redirect_uris=("https://a.example.test/", "https://b.example.test/")))

    changed = update(world, app, redirect_uris=("https://b.example.test/", "https://a.example.test/"))

    assert (changed.looks, changed.redirect_uris[0]) == (0, "https://b.example.test/")


def test_s351_an_earlier_look_brings_nothing_back(world: World, granted: App) -> None:
    changed = update(world, granted, name="Bank")

    back = update(world, changed, name=granted.name)

    assert back.recognized_by == granted.recognized_by
    assert what_counts(world, back) == ("", "")


def test_an_administrator_grants_again_what_the_app_may_have_as_it_is_now(world: World, granted: App) -> None:
    changed = update(world, granted, name="Shop")

    again = grant_scopes(world.store, world.settings, changed, own=WRITE, marked=Scope(), owner=OWNER, now=NOW)

    assert what_counts(world, again) == ("write", "")
    assert lost_grants(again) == Scope()
    assert changes_of(changed, again) == [("scope_granted", "write")]
    assert not lost_grants(
        grant_scopes(world.store, world.settings, again, own=Scope(), marked=Scope(), owner=OWNER, now=NOW)
    )


def test_s351_what_an_older_release_granted_counts_until_the_next_change(world: World) -> None:
    world.set(restricted_scopes=ADMIN)
    app = world.add_app(web_app(scope=READ | ADMIN, own_scope=READ, marked_scope=ADMIN, approvals_valid_from=NOW - 9))
    assert what_counts(world, app) == ("read", "admin")

    changed = update(world, app, name="Bank")

    assert what_counts(world, changed) == ("", "")


def test_s351_what_the_update_had_left_to_an_app_goes_with_its_looks_too(world: World) -> None:
    app = world.add_app(web_app(own_scope=None))

    assert granted_to_itself(update(world, app, name="Bank")) == Scope()


def test_an_administrators_own_app_keeps_what_counts_and_nothing_else(world: World, granted: App) -> None:
    world.set(app_approval=True)

    changed = update(world, granted, owner=ROOT, name="Bank")

    assert (what_counts(world, changed), changed.status) == (("write", "admin"), "active")
    assert stored(world, granted) == changed
    lost = update(world, changed, name="Shop")
    assert what_counts(world, update(world, lost, owner=ROOT, name="Bank")) == ("", "")


# Tokens


def test_s351_tokens_of_the_app_itself_end_with_what_it_lost_and_no_others(world: World, granted: App) -> None:
    machine = world.send(granted, grant_type="client_credentials", scope="write").access_token
    users = world.redeem(world.code(granted, scope=READ | ADMIN))
    assert world.claims(users.access_token).scope == READ | ADMIN

    update(world, granted, now=NOW + 1, name="Bank")

    assert not world.opens(machine, NOW + 2)
    assert world.opens(users.access_token, NOW + 2)
    assert world.refresh(users.refresh_token, stored(world, granted), now=NOW + 2).scope == READ


def test_an_app_that_requests_less_from_now_on_publishes_nothing(world: World, granted: App) -> None:
    update(world, granted, scope=READ)

    assert world.store.feed(0) == []


def test_an_app_that_loses_what_is_open_to_every_app_publishes_nothing(world: World, granted: App) -> None:
    world.set(client_credentials_scopes={"write": "open", "admin": "open"})

    changed = update(world, granted, name="Bank")

    assert withdrawn_by(granted, changed).itself == WRITE
    assert world.store.feed(0) == []


def test_an_app_that_had_nothing_of_its_own_publishes_nothing(world: World) -> None:
    app = world.add_app(web_app(own_scope=Scope()))

    update(world, app, name="Bank")

    assert world.store.feed(0) == []


def test_a_change_that_takes_until_the_next_second_ends_tokens_until_then(world: World, granted: App) -> None:
    machine = world.send(granted, grant_type="client_credentials", scope="write", now=NOW + 1).access_token
    delay(world.store, "update_app")

    update(world, granted, now=NOW + 0.7, name="Bank")

    assert not world.opens(machine, NOW + 2)
    assert stored(world, granted).approvals_valid_from == NOW + 1
    assert stored(world, granted).grants_valid_from == 0
