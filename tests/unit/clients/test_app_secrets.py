"""An app's secrets, one after the other, and their labels (S58, S182)."""

from __future__ import annotations

import pytest

from gatepost.clients.owner_changes import add_secret, create_app, end_secret, label_secret
from gatepost.errors import Conflict
from gatepost.identifiers import digest
from gatepost.model.records import App
from tests.unit.clients.shop import faults, opens
from tests.unit.world import NOW, OWNER, World, app_details


def test_a_second_secret_works_beside_the_first_which_then_ends_at_once(world: World) -> None:
    app, first = create_app(world.store, world.settings, owner=OWNER, details=app_details(), now=NOW)

    changed, second = add_secret(world.store, app, now=NOW + 5.5)

    assert world.app(app.client_id) == changed
    assert (len(second), changed.version) == (43, 2)
    assert [(s.secret_hash, s.created_at) for s in changed.secrets] == [(digest(first), NOW), (digest(second), NOW + 5)]
    assert opens(changed, first)
    assert opens(changed, second)
    assert second not in repr(changed)

    left = end_secret(world.store, changed, app.secrets[0].secret_id)

    assert world.app(app.client_id) == left
    assert (len(left.secrets), left.version) == (1, 3)
    assert (opens(left, first), opens(left, second)) == (False, True)


def test_an_app_has_at_most_two_secrets_and_a_public_one_none(world: World, shop: App) -> None:
    changed, _ = add_secret(world.store, shop, now=NOW)

    fault = {"secrets": "An app has at most two secrets. End one of them first."}
    assert faults(add_secret, world.store, changed, now=NOW) == fault
    left = end_secret(world.store, changed, shop.secrets[0].secret_id)
    assert len(add_secret(world.store, left, now=NOW)[0].secrets) == 2
    none = {"secrets": "A browser or native app has no secret."}
    assert faults(add_secret, world.store, world.native, now=NOW) == none


def test_the_last_secret_can_not_be_ended_and_one_that_is_gone_changes_nothing(world: World, shop: App) -> None:
    only = {"secrets": "This is the only secret. Create another one first."}

    assert faults(end_secret, world.store, shop, shop.secrets[0].secret_id) == only
    assert end_secret(world.store, shop, "another-id") is shop
    assert end_secret(world.store, world.native, "another-id") is world.native
    assert world.app(shop.client_id) == shop


def test_s182_a_label_is_kept_as_it_is_read_and_replaced_alone(world: World, shop: App) -> None:
    both, _ = add_secret(world.store, shop, now=NOW, label="  Staging e\u0301 ")
    assert [each.label for each in both.secrets] == ["", "Staging \u00e9"]

    changed = label_secret(world.store, both, both.secrets[0].secret_id, "x" * 60)

    assert [each.label for each in changed.secrets] == ["x" * 60, "Staging \u00e9"]
    assert [each._replace(label="") for each in changed.secrets] == [each._replace(label="") for each in both.secrets]
    assert world.app(shop.client_id) == changed
    assert label_secret(world.store, changed, "none", "y") == changed
    assert label_secret(world.store, changed, changed.secrets[0].secret_id, "x" * 60) == changed
    with pytest.raises(Conflict):
        label_secret(world.store, both, both.secrets[0].secret_id, "late")


def test_s182_a_label_that_can_not_be_read_or_is_the_secret_changes_nothing(world: World) -> None:
    app, secret = create_app(world.store, world.settings, owner=OWNER, details=app_details(), now=NOW)

    for label in ("x" * 61, "a\u202eb", "line\nbreak", f" {secret} "):
        assert set(faults(add_secret, world.store, app, now=NOW, label=label)) == {"label"}
        assert set(faults(label_secret, world.store, app, app.secrets[0].secret_id, label)) == {"label"}
    assert world.app(app.client_id) == app
