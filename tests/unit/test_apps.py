"""Apps: registering (S04, S65, S90), proving who asks (S52, S56, S57), stopping them (S21)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.apps import (
    Credentials,
    InvalidApp,
    activate_app,
    app_key,
    authenticated_app,
    check_grant_type,
    create_app,
    deactivate_app,
    delete_app,
)
from gatepost.errors import InvalidClient, InvalidGrant, UnauthorizedClient
from gatepost.model import App, AppSecret, digest
from gatepost.scope import Scope
from gatepost.stores.ports import AppKey
from tests.unit.world import CALLBACK, NATIVE, NOW, READ, SECRET, WEB, World, native_app, web_app

TWO_SECRETS = web_app(
    secrets=(
        AppSecret(secret_id="s1", secret_hash=digest("old"), created_at=1),
        AppSecret(secret_id="s2", secret_hash=digest("new"), created_at=2),
    )
)


def make(world: World, **changes: Any) -> tuple[App, str]:
    entries: dict[str, Any] = {
        "owner": "bob-id",
        "name": "Shop",
        "url": "https://shop.example.test",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "confidential": True,
        "scope": READ,
    }
    return create_app(world.store, world.settings, **(entries | changes), now=NOW + 0.5)


def stored(world: World, client_id: str = WEB) -> App:
    (app,) = world.store.read(AppKey(client_id))
    assert isinstance(app, App)
    return app


# Registering


def test_s65_a_new_app_gets_an_id_of_its_own_and_a_secret_that_is_kept_nowhere(world: World) -> None:
    app, secret = make(world)

    assert stored(world, app.client_id) == app
    assert len(app.client_id) == 36
    assert len(secret) == 43
    assert [s.secret_hash for s in app.secrets] == [digest(secret)]
    assert secret not in repr(app)
    assert (app.owner, app.status, app.created_at, app.grants_valid_from) == ("bob-id", "active", NOW, 0)
    assert authenticated_app(app, Credentials(client_id=app.client_id, client_secret=secret, basic=True)) is app


def test_a_public_app_gets_no_secret(world: World) -> None:
    app, secret = make(world, confidential=False)

    assert (secret, app.secrets) == ("", ())


def test_a_new_app_waits_where_apps_need_approval(world: World) -> None:
    world.set(app_approval=True)

    assert make(world)[0].status == "pending"


GRANTS = "Choose at least one grant type, among authorization_code, implicit, password, refresh_token, "


@pytest.mark.parametrize(
    ("entry", "value", "fault"),
    [
        ("name", "", "A name has 1 to 60 characters."),
        ("name", "   ", "A name has 1 to 60 characters."),
        ("name", "x" * 61, "A name has 1 to 60 characters."),
        ("name", "Sh\u202eop", "The name holds a character that can't be seen."),
        ("name", "Sh\u200bop", "The name holds a character that can't be seen."),
        ("name", "Sh\x00op", "The name holds a character that can't be seen."),
        ("name", "Sh\U000e0041op", "The name holds a character that can't be seen."),
        ("url", "", "The url holds a character that is not allowed, or is too long."),
        ("url", "javascript:alert(1)", "The url must start with https://."),
        ("url", "http://shop.example.test", "The url must use https, except on a loopback address."),
        ("redirect_uris", [CALLBACK, CALLBACK + "#"], "Redirect URI 2 must not have a fragment."),
        ("redirect_uris", [CALLBACK, CALLBACK], "A redirect URI stands here twice."),
        ("redirect_uris", [f"{CALLBACK}{n}" for n in range(11)], "At most 10 redirect URIs."),
        ("grant_types", [], GRANTS + "client_credentials."),
        ("grant_types", ["device_code"], GRANTS + "client_credentials."),
        ("grant_types", ["refresh_token"], "refresh_token works together with authorization_code or password."),
        ("scope", Scope(), "Choose among the scopes of this server."),
        ("scope", Scope.of("read", "root"), "Choose among the scopes of this server."),
    ],
)
def test_s04_an_entry_that_can_not_be_used_is_named_and_no_app_is_made(
    world: World, entry: str, value: object, fault: str
) -> None:
    with pytest.raises(InvalidApp) as caught:
        make(world, **{entry: value})
    assert caught.value.faults == {entry: fault}
    assert make(world)[0].name == "Shop"


def test_s62_a_public_app_can_not_have_client_credentials(world: World) -> None:
    with pytest.raises(InvalidApp, match="Only an app with a secret can use client_credentials"):
        make(world, confidential=False, grant_types=["client_credentials"])


def test_a_name_is_unique_for_its_owner_whatever_its_case_or_composition(world: World) -> None:
    make(world, name="Cafe\u0301")

    with pytest.raises(InvalidApp) as caught:
        make(world, name="CAF\u00c9 ")
    assert caught.value.faults == {"name": "You already have an app of this name."}
    make(world, name="Caf\u00e9", owner="carol-id")


def test_an_owner_has_so_many_apps_and_not_one_more(world: World) -> None:
    world.set(apps_per_user=2)
    first, _ = make(world, name="a")
    make(world, name="b")

    with pytest.raises(InvalidApp) as caught:
        make(world, name="c")
    assert caught.value.faults == {"owner": "You have reached the limit of 2 apps."}
    delete_app(world.store, world.settings, first, now=NOW)
    make(world, name="c")


@pytest.mark.parametrize("client_id", ["", "APP#1", "count#owner-id", "x" * 3000, "\x00", '{"$ne":null}', WEB + "\n"])
def test_s03_what_can_not_be_a_client_id_is_looked_for_where_nothing_is(client_id: str) -> None:
    assert app_key(client_id) == AppKey("none")
    assert app_key(WEB) == AppKey(WEB)


# Proving who asks


@pytest.mark.parametrize("basic", [True, False])
@pytest.mark.parametrize("secret", ["old", "new"])
def test_s58_each_living_secret_proves_the_app(secret: str, basic: bool) -> None:
    credentials = Credentials(client_id=WEB, client_secret=secret, basic=basic)

    assert authenticated_app(TWO_SECRETS, credentials) is TWO_SECRETS


@pytest.mark.parametrize("basic", [True, False])
@pytest.mark.parametrize(
    ("app", "secret"),
    [
        (None, SECRET),
        (web_app(), None),
        (web_app(), ""),
        (web_app(), "null"),
        (web_app(), "None"),
        (web_app(), SECRET[:-1]),
        (web_app(), SECRET + "x"),
        (web_app(), SECRET.upper()),
        (web_app(), SECRET + "\x00"),
        (web_app(), digest(SECRET)),
        (web_app(), "x" * 6000),
        (web_app(secrets=()), ""),
        (web_app(status="pending"), SECRET),
        (web_app(status="deactivated"), SECRET),
        (native_app(status="deactivated"), None),
        (native_app(), "invented"),
        (native_app(), ""),
    ],
)
def test_s52_s56_s57_everybody_else_is_refused_in_one_way(app: App | None, secret: str | None, basic: bool) -> None:
    with pytest.raises(InvalidClient) as caught:
        authenticated_app(app, Credentials(client_id=WEB, client_secret=secret, basic=basic))
    assert caught.value.description == "the app is not known or its credentials are wrong"
    assert (caught.value.status, caught.value.challenge) == (401, basic)


def test_s57_a_public_app_proves_nothing() -> None:
    app = native_app()

    assert authenticated_app(app, Credentials(client_id=NATIVE, client_secret=None, basic=False)) is app


def test_s60_a_grant_that_the_owner_did_not_tick_is_refused() -> None:
    app = web_app(grant_types=("authorization_code",))

    check_grant_type(app, "authorization_code")
    with pytest.raises(UnauthorizedClient):
        check_grant_type(app, "password")


# Stopping


@pytest.mark.parametrize("stop", [delete_app, deactivate_app])
def test_s21_stopping_an_app_ends_its_codes_its_tokens_and_its_refreshing(world: World, stop: Any) -> None:
    code, answer = world.code(), world.redeem(world.code())

    stop(world.store, world.settings, world.web, now=NOW + 1)

    with pytest.raises(InvalidClient):
        world.redeem(code, now=NOW + 2)
    with pytest.raises(InvalidClient):
        world.refresh(answer.refresh_token, now=NOW + 2)
    assert not world.opens(answer.access_token, NOW + 2)
    assert world.introspect(answer.access_token, world.other, NOW + 2) == {"active": False}


def test_what_was_granted_before_an_app_was_stopped_stays_void_however_often_it_is_activated(world: World) -> None:
    code, answer = world.code(), world.redeem(world.code())
    deactivate_app(world.store, world.settings, world.web, now=NOW + 1)
    activate_app(world.store, stored(world), now=NOW + 2)
    activate_app(world.store, stored(world), now=NOW + 3)

    assert (stored(world).status, stored(world).grants_valid_from) == ("active", NOW + 2)
    with pytest.raises(InvalidGrant):
        world.redeem(code, now=NOW + 4)
    with pytest.raises(InvalidGrant):
        world.refresh(answer.refresh_token, now=NOW + 4)
    fresh = world.redeem(world.code(now=NOW + 4), now=NOW + 4)
    assert world.opens(fresh.access_token, NOW + 5)


def test_a_pending_app_starts_with_nothing_to_void(world: World) -> None:
    app = world.add_app(web_app(status="pending"))

    activate_app(world.store, app, now=NOW)

    assert (stored(world).status, stored(world).grants_valid_from) == ("active", 0)
