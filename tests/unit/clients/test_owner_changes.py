"""Registration of an app by its owner, and changes of its details (S04, S65, S90)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.clients.lifecycle import delete_app
from gatepost.clients.owner_changes import InvalidApp, create_app
from gatepost.errors import Conflict
from gatepost.identifiers import digest
from gatepost.model.records import App
from gatepost.scope import Scope
from tests.raising import raised
from tests.unit.clients.shop import faults, opens, update
from tests.unit.world import ALICE, CALLBACK, NOW, OWNER, READ_WRITE, World, app_details

CHANGED: dict[str, Any] = {
    "name": "Store",
    "url": "https://store.example.test",
    "redirect_uris": ("https://store.example.test/a", "https://store.example.test/b"),
    "grant_types": ("authorization_code",),
    "scope": READ_WRITE,
}
NO_WEBSITE = "An app that people return to after sign-in needs a website."
NEEDS_SECRET = "The client credentials grant needs an app with a secret."
TAKEN = {"name": "You already have an app with this name."}


def make(world: World, **changes: Any) -> App:
    return made(world, **changes)[0]


def made(world: World, **changes: Any) -> tuple[App, str]:
    """An app of alice, who has no other, and its secret."""
    owner = changes.pop("owner", ALICE)
    return create_app(world.store, world.settings, owner=owner, details=app_details(**changes), now=NOW + 0.5)


def test_s65_a_new_app_gets_an_id_of_its_own_and_a_secret_that_is_kept_nowhere(world: World) -> None:
    app, secret = made(world)

    assert world.app(app.client_id) == app
    assert (len(app.client_id), len(secret)) == (36, 43)
    assert [each.secret_hash for each in app.secrets] == [digest(secret)]
    assert secret not in repr(app)
    assert (app.owner, app.status, app.created_at, app.grants_valid_from) == ("alice-id", "active", NOW, 0)
    assert opens(app, secret)


def test_a_public_app_gets_no_secret_and_one_that_needs_approval_waits(world: World) -> None:
    world.set(app_approval=True)
    app, secret = made(world, confidential=False)

    assert (secret, app.secrets, app.status) == ("", (), "pending")


@pytest.mark.parametrize(
    ("entry", "value", "fault"),
    [
        *(("name", name, "The name must have 1 to 60 characters.") for name in ("", "   ", "x" * 61)),
        ("name", "Sh\u202eop", "The name holds a character that can't be seen."),
        ("url", "", NO_WEBSITE),
        ("url", "javascript:alert(1)", "The website must start with https://."),
        ("redirect_uris", (CALLBACK, CALLBACK + "#"), "Redirect URI 2 must not have a fragment."),
        ("redirect_uris", (CALLBACK, CALLBACK), "A redirect URI must not be there twice."),
        ("redirect_uris", tuple(f"{CALLBACK}{n}" for n in range(11)), "There must be at most 10 redirect URIs."),
        ("grant_types", (), "Choose at least one grant."),
        (
            *("grant_types", ("device_code",)),
            "The grants are authorization_code, implicit, password, refresh_token, client_credentials.",
        ),
        (
            *("grant_types", ("refresh_token",)),
            "The refresh token grant needs the authorization code or password grant too.",
        ),
        ("scope", Scope(), "Choose at least one scope."),
        ("scope", Scope.of("read", "root"), "This server has no scope root."),
    ],
)
def test_s04_an_unusable_entry_is_named(world: World, shop: App, entry: str, value: Any, fault: str) -> None:
    assert faults(make, world, **{entry: value}) == {entry: fault}
    assert faults(update, world, shop, **{entry: value}) == {entry: fault}
    assert world.app(shop.client_id) == shop
    assert make(world).name == "Shop"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "x" * 60},
        {"redirect_uris": tuple(f"{CALLBACK}{n}" for n in range(10))},
        {"scope": Scope.of("read", "write", "admin")},
        {"url": "", "redirect_uris": (), "grant_types": ("client_credentials",)},
        {"url": "", "redirect_uris": (), "grant_types": ("password", "refresh_token")},
    ],
)
def test_as_much_and_as_little_as_is_allowed_can_be_registered(world: World, changes: dict[str, Any]) -> None:
    app = make(world, **changes)

    assert world.app(app.client_id) == app == app._replace(**changes)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"url": "", "grant_types": ("authorization_code",)}, {"url": NO_WEBSITE}),
        ({"url": "", "grant_types": ("implicit", "client_credentials")}, {"url": NO_WEBSITE}),
        (
            {"url": "javascript:alert(1)", "redirect_uris": (), "grant_types": ("client_credentials",)},
            {"url": "The website must start with https://."},
        ),
        (
            {"url": "", "redirect_uris": (CALLBACK + "#",), "grant_types": ("client_credentials",)},
            {"redirect_uris": "Redirect URI 1 must not have a fragment."},
        ),
        ({"confidential": False, "grant_types": ("client_credentials",)}, {"grant_types": NEEDS_SECRET}),
    ],
)
def test_s04_s62_grants_say_what_an_app_needs(world: World, changes: dict[str, Any], fault: dict[str, str]) -> None:
    assert faults(make, world, **changes) == fault


def test_a_name_is_unique_for_its_owner_whatever_its_case_or_composition(world: World) -> None:
    first = make(world, name="Cafe\u0301")

    assert faults(make, world, name="CAF\u00c9 ") == TAKEN
    make(world, name="Caf\u00e9", owner=OWNER)
    other = make(world)
    assert faults(update, world, other, name="CAF\u00c9", owner=ALICE) == TAKEN
    update(world, first, name="Store", owner=ALICE)
    assert update(world, other, name="CAF\u00c9", owner=ALICE).name == "CAF\u00c9"


def test_an_owner_has_so_many_apps_and_not_one_more(world: World) -> None:
    world.set(apps_per_user=2)
    first, _ = make(world, name="a"), make(world, name="b")

    with pytest.raises(InvalidApp, match=r"^owner: You have reached the limit of 2 apps\.$"):
        make(world, name="c")
    delete_app(world.store, first, now=NOW)
    make(world, name="c")


# Changes


def test_an_owner_changes_the_details_and_everything_else_stays(world: World, shop: App) -> None:
    changed = update(world, shop, **CHANGED)

    assert world.app(shop.client_id) == changed
    assert changed == shop._replace(**CHANGED, version=2, looks=1, approvals_valid_from=NOW)


@pytest.mark.parametrize("confidential", [True, False])
def test_s62_whether_an_app_has_a_secret_does_not_change(world: World, confidential: bool) -> None:
    app = make(world, confidential=confidential)

    changed = update(world, app, confidential=not confidential)

    assert (changed.confidential, changed.secrets) == (confidential, app.secrets)
    assert world.app(app.client_id) == changed
    if not confidential:
        sent: dict[str, Any] = {"confidential": True, "grant_types": ("client_credentials",)}
        assert faults(update, world, changed, **sent) == {"grant_types": NEEDS_SECRET}


def test_an_app_that_waits_still_waits_and_one_that_works_works_on(world: World, shop: App) -> None:
    world.set(app_approval=True)

    assert update(world, make(world), name="Newer").status == "pending"
    assert update(world, shop, scope=READ_WRITE, grant_types=("authorization_code",)).status == "active"


def test_who_looked_at_an_older_version_changes_nothing(world: World, shop: App) -> None:
    first = update(world, shop, **CHANGED)

    assert raised(Conflict, update, world, shop, name="Late").field == "version"
    assert world.app(shop.client_id) == first
    assert update(world, first, name="In time").version == 3
