"""Registration of an app by its owner (S04, S65, S90)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.clients.lifecycle import delete_app
from gatepost.clients.owner_changes import InvalidApp, create_app
from gatepost.identifiers import digest
from gatepost.model.records import App, Login, User
from gatepost.oauth.client_authentication import Credentials, authenticated
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey
from tests.unit.world import ALICE, CALLBACK, NOW, OWNER, World, app_details

BOB = replace(OWNER, user_id="bob-id", user_name="bob")


@pytest.fixture(autouse=True)
def bob(world: World) -> None:
    world.store.create_user(BOB, Login(user_id="bob-id", password_hash=""))


def make(world: World, *, owner: User = BOB, **changes: Any) -> tuple[App, str]:
    return create_app(world.store, world.settings, owner=owner, details=app_details(**changes), now=NOW + 0.5)


def stored(world: World, client_id: str) -> App | None:
    return world.store.read(AppKey(client_id))[0]  # type: ignore[no-any-return]


def test_s65_a_new_app_gets_an_id_of_its_own_and_a_secret_that_is_kept_nowhere(world: World) -> None:
    app, secret = make(world)

    assert stored(world, app.client_id) == app
    assert len(app.client_id) == 36
    assert len(secret) == 43
    assert [s.secret_hash for s in app.secrets] == [digest(secret)]
    assert secret not in repr(app)
    assert (app.owner, app.status, app.created_at, app.grants_valid_from) == ("bob-id", "active", NOW, 0)
    assert authenticated(app, Credentials(client_id=app.client_id, client_secret=secret, basic=True), NOW).app is app


def test_a_public_app_gets_no_secret(world: World) -> None:
    app, secret = make(world, confidential=False)

    assert (secret, app.secrets) == ("", ())


def test_a_new_app_waits_where_apps_need_approval(world: World) -> None:
    world.set(app_approval=True)

    assert make(world)[0].status == "pending"


GRANTS = "The grants are authorization_code, implicit, password, refresh_token, client_credentials."


@pytest.mark.parametrize(
    ("entry", "value", "fault"),
    [
        ("name", "", "The name must have 1 to 60 characters."),
        ("name", "   ", "The name must have 1 to 60 characters."),
        ("name", "x" * 61, "The name must have 1 to 60 characters."),
        ("name", "Sh\u202eop", "The name holds a character that can't be seen."),
        ("url", "", "An app that people return to after sign-in needs a website."),
        ("url", "javascript:alert(1)", "The website must start with https://."),
        ("redirect_uris", (CALLBACK, CALLBACK + "#"), "Redirect URI 2 must not have a fragment."),
        ("redirect_uris", (CALLBACK, CALLBACK), "A redirect URI must not be there twice."),
        ("redirect_uris", tuple(f"{CALLBACK}{n}" for n in range(11)), "There must be at most 10 redirect URIs."),
        ("grant_types", (), "Choose at least one grant."),
        ("grant_types", ("device_code",), GRANTS),
        (
            "grant_types",
            ("refresh_token",),
            "The refresh token grant needs the authorization code or password grant too.",
        ),
        ("scope", Scope(), "Choose at least one scope."),
        ("scope", Scope.of("read", "root"), "This server has no scope root."),
    ],
)
def test_s04_an_entry_that_can_not_be_used_is_named_and_no_app_is_made(
    world: World, entry: str, value: Any, fault: str
) -> None:
    with pytest.raises(InvalidApp) as caught:
        make(world, **{entry: value})
    assert caught.value.faults == {entry: fault}
    assert str(caught.value) == f"{entry}: {fault}"
    assert make(world)[0].name == "Shop"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "x" * 60},
        {"redirect_uris": tuple(f"{CALLBACK}{n}" for n in range(10))},
        {"scope": Scope.of("read", "write", "admin")},
    ],
)
def test_as_much_as_is_allowed_can_be_registered(world: World, changes: dict[str, Any]) -> None:
    app, _ = make(world, **changes)

    assert stored(world, app.client_id) == app


@pytest.mark.parametrize("grant_types", [("client_credentials",), ("password", "refresh_token")])
def test_an_app_that_nobody_is_sent_back_to_needs_no_website(world: World, grant_types: tuple[str, ...]) -> None:
    app, _ = make(world, url="", redirect_uris=(), grant_types=grant_types)

    assert stored(world, app.client_id) == app
    assert (app.url, app.redirect_uris) == ("", ())


@pytest.mark.parametrize("grant_types", [("authorization_code",), ("implicit", "client_credentials")])
def test_s04_an_app_that_people_are_sent_back_to_needs_one(world: World, grant_types: tuple[str, ...]) -> None:
    with pytest.raises(InvalidApp, match="An app that people return to after sign-in needs a website"):
        make(world, url="", grant_types=grant_types)


@pytest.mark.parametrize(("entry", "value"), [("url", "javascript:alert(1)"), ("redirect_uris", ("javascript:x",))])
def test_s04_what_it_names_all_the_same_has_to_be_right(world: World, entry: str, value: Any) -> None:
    with pytest.raises(InvalidApp) as caught:
        make(world, **{"url": "", "redirect_uris": (), "grant_types": ("client_credentials",), entry: value})
    assert list(caught.value.faults) == [entry]


def test_s62_a_public_app_can_not_have_client_credentials(world: World) -> None:
    with pytest.raises(InvalidApp, match="The client credentials grant needs an app with a secret"):
        make(world, confidential=False, grant_types=("client_credentials",))


def test_a_name_is_unique_for_its_owner_whatever_its_case_or_composition(world: World) -> None:
    make(world, name="Cafe\u0301")

    with pytest.raises(InvalidApp) as caught:
        make(world, name="CAF\u00c9 ")
    assert caught.value.faults == {"name": "You already have an app with this name."}
    make(world, name="Caf\u00e9", owner=ALICE)


def test_an_owner_has_so_many_apps_and_not_one_more(world: World) -> None:
    world.set(apps_per_user=2)
    first, _ = make(world, name="a")
    make(world, name="b")

    with pytest.raises(InvalidApp) as caught:
        make(world, name="c")
    assert caught.value.faults == {"owner": "You have reached the limit of 2 apps."}
    delete_app(world.store, first, now=NOW)
    make(world, name="c")
