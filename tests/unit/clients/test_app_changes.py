"""An owner's changes of an app: its details, and its secrets one after the other (S58)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.clients.lifecycle import deactivate_app, delete_app
from gatepost.clients.registration import InvalidApp, add_secret, create_app, end_secret, label_secret, update_app
from gatepost.clients.use import note_first_use
from gatepost.errors import Conflict, InvalidClient, InvalidGrant, InvalidScope
from gatepost.identifiers import digest
from gatepost.model.records import App, Login
from gatepost.oauth.client_authentication import Credentials, authenticated_app
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey
from tests.unit.world import CALLBACK, NOW, OWNER, READ, READ_WRITE, WRITE, World, app_details, credentials_of

BOB = replace(OWNER, user_id="bob-id", user_name="bob")
CHANGED: dict[str, Any] = {
    "name": "Store",
    "url": "https://store.example.test",
    "redirect_uris": ("https://store.example.test/a", "https://store.example.test/b"),
    "grant_types": ("authorization_code",),
    "scope": READ_WRITE,
}


@pytest.fixture(autouse=True)
def bob(world: World) -> None:
    world.store.create_user(BOB, Login(user_id="bob-id", password_hash=""))


@pytest.fixture
def shop(world: World) -> App:
    return create_app(world.store, world.settings, owner=BOB, details=app_details(), now=NOW)[0]


def update(world: World, app: App, **changes: Any) -> App:
    return update_app(world.store, world.settings, app, app_details(**changes), owner=BOB, now=NOW)


def stored(world: World, app: App) -> App | None:
    (found,) = world.store.read(AppKey(app.client_id))
    assert found is None or isinstance(found, App)
    return found


def opens(app: App, secret: str) -> bool:
    try:
        authenticated_app(app, Credentials(client_id=app.client_id, client_secret=secret, basic=True), NOW)
    except InvalidClient:
        return False
    return True


# Details


def test_an_owner_changes_the_details_and_everything_else_stays(world: World, shop: App) -> None:
    changed = update(world, shop, **CHANGED)

    assert stored(world, shop) == changed
    assert changed == replace(shop, **CHANGED, version=2, approvals_valid_from=NOW)


@pytest.mark.parametrize("confidential", [True, False])
def test_whether_an_app_has_a_secret_does_not_change(world: World, confidential: bool) -> None:
    details = app_details(confidential=confidential)
    app, _ = create_app(world.store, world.settings, owner=BOB, details=details, now=NOW)

    changed = update(world, app, confidential=not confidential)

    assert (changed.confidential, changed.secrets) == (confidential, app.secrets)
    assert stored(world, app) == changed


def test_s62_a_public_app_does_not_get_client_credentials_by_calling_itself_confidential(world: World) -> None:
    details = app_details(confidential=False)
    app, _ = create_app(world.store, world.settings, owner=BOB, details=details, now=NOW)

    with pytest.raises(InvalidApp, match="The grant client credentials needs an app with a secret"):
        update(world, app, confidential=True, grant_types=("client_credentials",))


def test_an_app_that_was_stopped_meanwhile_stays_so(world: World, shop: App) -> None:
    deactivate_app(world.store, shop, reason="It sends spam.", now=NOW + 1)

    update(world, shop, **CHANGED)

    found = stored(world, shop)
    assert found is not None
    assert (found.name, found.status, found.status_reason) == ("Store", "deactivated", "It sends spam.")
    assert found.grants_valid_from == NOW + 1


def test_an_app_that_waits_still_waits_and_one_that_works_works_on(world: World, shop: App) -> None:
    world.set(app_approval=True)
    waiting, _ = create_app(world.store, world.settings, owner=BOB, details=app_details(name="New"), now=NOW)

    assert update(world, waiting, name="Newer").status == "pending"
    assert update(world, shop, **CHANGED).status == "active"


def test_when_it_was_used_is_not_lost(world: World) -> None:
    note_first_use(world.store, world.web, credentials_of(world.web), now=NOW + 1)

    update(world, world.web, **CHANGED)

    found = stored(world, world.web)
    assert found is not None
    assert found.last_used_at == NOW + 1


@pytest.mark.parametrize(
    ("entry", "value", "fault"),
    [
        ("name", " ", "The name must have 1 to 60 characters."),
        ("url", "javascript:alert(1)", "The website must start with https://."),
        ("redirect_uris", (CALLBACK + "#",), "Redirect URI 1 must not have a fragment."),
        ("scope", Scope.of("root"), "This server has no scope root."),
    ],
)
def test_s04_the_rules_are_those_of_registering(world: World, shop: App, entry: str, value: object, fault: str) -> None:
    with pytest.raises(InvalidApp) as caught:
        update(world, shop, **{entry: value})
    assert caught.value.faults == {entry: fault}
    assert stored(world, shop) == shop


def test_a_name_stays_unique_and_the_old_one_is_given_back(world: World, shop: App) -> None:
    other, _ = create_app(world.store, world.settings, owner=BOB, details=app_details(name="Other"), now=NOW)

    with pytest.raises(InvalidApp) as caught:
        update(world, other, name="SHOP")
    assert caught.value.faults == {"name": "You already have an app of this name."}
    update(world, shop, name="Store")
    assert update(world, other, name="SHOP").name == "SHOP"


def test_who_looked_at_an_older_version_changes_nothing(world: World, shop: App) -> None:
    first = update(world, shop, **CHANGED)

    with pytest.raises(Conflict) as caught:
        update(world, shop, name="Late")
    assert caught.value.field == "version"
    assert stored(world, shop) == first
    assert update(world, first, name="In time").version == 3


def test_an_app_that_was_deleted_meanwhile_stays_so(world: World, shop: App) -> None:
    delete_app(world.store, shop, now=NOW)

    with pytest.raises(Conflict) as caught:
        update(world, shop, **CHANGED)
    assert caught.value.field == "version"
    assert stored(world, shop) is None


def test_s08_a_narrower_app_gets_less_from_what_was_granted_before(world: World) -> None:
    first, narrow = world.redeem(world.code(scope=READ_WRITE)), world.redeem(world.code(scope=READ))
    details = app_details(name=world.web.name, scope=WRITE, grant_types=world.web.grant_types)

    update_app(world.store, world.settings, world.web, details, owner=OWNER, now=NOW)

    second = world.refresh(first.refresh_token, now=NOW + 1)
    assert str(second.scope) == "write"
    with pytest.raises(InvalidScope):
        world.refresh(second.refresh_token, now=NOW + 2, scope="read")

    with pytest.raises(InvalidGrant):
        world.refresh(narrow.refresh_token, now=NOW + 4)


# Secrets


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
