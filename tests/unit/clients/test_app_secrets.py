"""An app's secrets, one after the other, and their labels (S58, S182)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.clients.owner_changes import InvalidApp, add_secret, create_app, end_secret, label_secret
from gatepost.errors import Conflict
from gatepost.identifiers import digest
from gatepost.model.records import App
from tests.unit.clients.shop import BOB, opens, stored
from tests.unit.world import NOW, World, app_details

pytestmark = pytest.mark.usefixtures("bob")


def test_a_second_secret_works_beside_the_first(world: World) -> None:
    app, first = create_app(world.store, world.settings, owner=BOB, details=app_details(), now=NOW)

    changed, second = add_secret(world.store, app, now=NOW + 5.5)

    assert stored(world, app) == changed
    assert (len(second), changed.version) == (43, 2)
    assert [(s.secret_hash, s.created_at) for s in changed.secrets] == [(digest(first), NOW), (digest(second), NOW + 5)]
    assert opens(changed, first)
    assert opens(changed, second)
    assert second not in repr(changed)


def test_a_secret_ends_at_once_and_the_other_goes_on(world: World) -> None:
    app, first = create_app(world.store, world.settings, owner=BOB, details=app_details(), now=NOW)
    changed, second = add_secret(world.store, app, now=NOW)

    left = end_secret(world.store, changed, app.secrets[0].secret_id)

    assert stored(world, app) == left
    assert (len(left.secrets), left.version) == (1, 3)
    assert not opens(left, first)
    assert opens(left, second)


def test_an_app_has_at_most_two_secrets(world: World, shop: App) -> None:
    changed, _ = add_secret(world.store, shop, now=NOW)

    with pytest.raises(InvalidApp) as caught:
        add_secret(world.store, changed, now=NOW)
    assert caught.value.faults == {"secrets": "An app has at most two secrets. End one of them first."}
    left = end_secret(world.store, changed, shop.secrets[0].secret_id)
    assert len(add_secret(world.store, left, now=NOW)[0].secrets) == 2


def test_the_last_secret_can_not_be_ended(world: World, shop: App) -> None:
    with pytest.raises(InvalidApp) as caught:
        end_secret(world.store, shop, shop.secrets[0].secret_id)
    assert caught.value.faults == {"secrets": "This is the only secret. Create another one first."}
    assert stored(world, shop) == shop


def test_ending_a_secret_that_is_gone_changes_nothing(world: World, shop: App) -> None:
    assert end_secret(world.store, shop, "another-id") is shop
    assert end_secret(world.store, world.native, "another-id") is world.native
    assert stored(world, shop) == shop


def test_a_public_app_gets_no_secret_later_either(world: World) -> None:
    with pytest.raises(InvalidApp) as caught:
        add_secret(world.store, world.native, now=NOW)
    assert caught.value.faults == {"secrets": "A browser or native app has no secret."}


def test_s182_a_label_is_kept_as_it_is_read_and_replaced_alone(world: World, shop: App) -> None:
    both, _ = add_secret(world.store, shop, now=NOW, label="  Staging e\u0301 ")
    assert [each.label for each in both.secrets] == ["", "Staging \u00e9"]

    changed = label_secret(world.store, both, both.secrets[0].secret_id, "x" * 60)

    assert [each.label for each in changed.secrets] == ["x" * 60, "Staging \u00e9"]
    assert [replace(each, label="") for each in changed.secrets] == [replace(each, label="") for each in both.secrets]
    assert stored(world, shop) == changed
    assert label_secret(world.store, changed, "none", "y") == changed
    assert label_secret(world.store, changed, changed.secrets[0].secret_id, "x" * 60) == changed
    with pytest.raises(Conflict):
        label_secret(world.store, both, both.secrets[0].secret_id, "late")


@pytest.mark.parametrize("label", ["x" * 61, "a\u202eb", "line\nbreak"])
def test_s182_a_label_that_can_not_be_read_changes_nothing(world: World, shop: App, label: str) -> None:
    for change in (
        lambda: add_secret(world.store, shop, now=NOW, label=label),
        lambda: label_secret(world.store, shop, shop.secrets[0].secret_id, label),
    ):
        with pytest.raises(InvalidApp) as caught:
            change()
        assert set(caught.value.faults) == {"label"}
    assert stored(world, shop) == shop


def test_s182_a_secret_is_no_label(world: World, shop: App) -> None:
    both, secret = add_secret(world.store, shop, now=NOW)

    with pytest.raises(InvalidApp, match="This is the secret itself"):
        label_secret(world.store, both, both.secrets[0].secret_id, f" {secret} ")


def test_two_who_look_at_the_same_two_secrets_do_not_end_both(world: World, shop: App) -> None:
    both, _ = add_secret(world.store, shop, now=NOW)
    end_secret(world.store, both, both.secrets[0].secret_id)

    with pytest.raises(Conflict):
        end_secret(world.store, both, both.secrets[1].secret_id)
    with pytest.raises(Conflict):
        add_secret(world.store, shop, now=NOW)
    found = stored(world, shop)
    assert found is not None
    assert found.secrets == both.secrets[1:]
