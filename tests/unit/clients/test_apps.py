"""Apps: their ids (S03), their authentication (S52, S56 to S58), recording their use, and deactivation (S21)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from gatepost.clients.lifecycle import activate_app, deactivate_app, delete_app
from gatepost.clients.use import DAY, day_began, is_noted, note_first_use, note_use
from gatepost.errors import InvalidClient, TemporarilyUnavailable, UnauthorizedClient
from gatepost.identifiers import digest
from gatepost.model.records import App
from gatepost.oauth.client_authentication import Credentials, Requester, authenticated, check_grant_type, used_secret
from gatepost.stores.record_keys import AppKey, app_key
from tests.raising import raised
from tests.unit.clients.shop import TWO_SECRETS
from tests.unit.world import NATIVE, NOTHING, NOW, SECRET, WEB, World, native_app, requester_in, web_app

DAY_OF_WEB = 1_799_997_058  # 2027-01-15 07:10:58; NOW is 08:00


@pytest.mark.parametrize("client_id", ["", "APP#1", "count#owner-id", "x" * 3000, "\x00", '{"$ne":null}', WEB + "\n"])
def test_s03_what_can_not_be_a_client_id_is_looked_for_where_nothing_is(client_id: str) -> None:
    assert app_key(client_id) == AppKey("00000000-0000-0000-0000-000000000000")
    assert app_key(WEB) == AppKey(WEB)


# Authentication


def proves(app: App | None, secret: str | None, *, basic: bool = False, client_id: str = WEB) -> App:
    credentials = Credentials(client_id=client_id, client_secret=secret, basic=basic)
    return authenticated(app, credentials, NOW).app


def refused(app: App | None, secret: str | None, **how: Any) -> InvalidClient:
    caught = raised(InvalidClient, proves, app, secret, **how)
    assert caught.description == "client_id is unknown, or the credentials of the app are wrong"
    return caught


@pytest.mark.parametrize(("secret", "secret_id"), [("old", "s1"), ("new", "s2"), ("other", ""), ("", ""), (None, "")])
def test_s58_each_living_secret_proves_the_app_and_is_named(secret: str | None, secret_id: str) -> None:
    credentials = Credentials(client_id=WEB, client_secret=secret, basic=False)

    assert used_secret(TWO_SECRETS, credentials) == secret_id
    assert used_secret(native_app(), credentials) == ""
    for basic in (True, False):
        if secret_id:
            assert proves(TWO_SECRETS, secret, basic=basic) is TWO_SECRETS
        else:
            refused(TWO_SECRETS, secret, basic=basic)


@pytest.mark.parametrize("basic", [True, False])
@pytest.mark.parametrize(
    ("app", "secrets"),
    [
        (None, [SECRET]),
        (web_app(), [None, "", "null", "None", SECRET[:-1], SECRET + "x", SECRET.upper(), SECRET + "\x00"]),
        (web_app(), [digest(SECRET), "x" * 6000]),
        (web_app(secrets=()), [""]),
        (web_app(status="pending"), [SECRET]),
        (web_app(status="deactivated"), [SECRET]),
        (native_app(status="deactivated"), [None]),
        (native_app(), ["invented", ""]),
    ],
)
def test_s52_s56_s57_all_others_are_refused_alike(app: App | None, secrets: list[str | None], basic: bool) -> None:
    for secret in secrets:
        error = refused(app, secret, basic=basic)
        assert (error.status, error.challenge) == (401, basic)


def test_s57_a_public_app_proves_nothing_and_has_nothing_to_say_in_the_header() -> None:
    app = native_app()

    assert proves(app, None, client_id=NATIVE) is app
    refused(app, None, client_id=NATIVE, basic=True)


@pytest.mark.parametrize(
    ("app", "secret", "reason"),
    [
        (web_app(), None, "no secret"),
        (web_app(), "", "no secret"),  # which is no guess
        (web_app(), "other", "wrong secret"),
        (web_app(owner_stopped=True), SECRET, "its owner is stopped"),
        (web_app(status="deactivated"), SECRET, "app is deactivated"),
        (web_app(status="pending"), SECRET, "app is pending"),
    ],
)
def test_the_log_tells_apart_why_an_app_was_refused(app: App, secret: str | None, reason: str) -> None:
    assert refused(app, secret).reason == reason


@pytest.mark.parametrize(("client_id", "logged"), [(WEB, WEB), (SECRET, "malformed"), ("", "malformed")])
def test_what_stands_where_the_key_should_is_logged_only_if_it_can_be_one(client_id: str, logged: str) -> None:
    assert refused(None, SECRET, client_id=client_id).facts == {"client_id": logged}


def test_s60_a_grant_that_the_owner_did_not_tick_is_refused() -> None:
    app = web_app(grant_types=("authorization_code",))

    check_grant_type(app, "authorization_code")
    with pytest.raises(UnauthorizedClient):
        check_grant_type(app, "password")


# Noting that an app was used


def use(world: World, app: App, secret: str | None = SECRET, *, now: float) -> App:
    credentials = Credentials(client_id=app.client_id, client_secret=secret, basic=False)
    before = world.app(app.client_id)
    requester = Requester(before, used_secret(before, credentials))
    note_use(world.store, requester, now=now)
    if not before.last_used_at:
        note_first_use(world.store, requester, now=now)
    return world.app(app.client_id)


def test_the_first_use_is_noted_for_the_app_and_for_its_secret(world: World) -> None:
    used = use(world, world.web, now=NOW + 0.5)

    assert used.last_used_at == NOW
    assert [secret.last_used_at for secret in used.secrets] == [NOW]
    assert used._replace(last_used_at=0, secrets=world.web.secrets) == world.web


@pytest.mark.parametrize("now", [DAY_OF_WEB, NOW])
def test_a_use_is_noted_once_in_each_day_of_the_app(world: World, now: int) -> None:
    following = DAY_OF_WEB + DAY

    noted = [use(world, world.web, now=each).last_used_at for each in (now, following - 0.1, following)]
    assert noted == [now, now, following]
    public = [use(world, world.native, None, now=each).last_used_at for each in (NOW, NOW + 1, NOW + DAY)]
    assert public == [NOW, NOW, NOW + DAY]


def test_the_day_of_an_app_began_within_the_last_24_hours_at_the_same_time_each_day() -> None:
    for now in (NOW, NOW + 0.9, DAY_OF_WEB, DAY_OF_WEB + DAY - 0.001):
        assert day_began(WEB, now) == DAY_OF_WEB
    assert day_began(WEB, DAY_OF_WEB - 0.001) == DAY_OF_WEB - DAY
    assert day_began(NATIVE, NOW) == 1_799_968_252  # 2027-01-14 23:10:52


def test_the_days_of_apps_begin_in_every_hour_alike() -> None:
    ids = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(24_000)]
    by_hour = Counter(day_began(client_id, NOW) % DAY // 3600 for client_id in ids)

    assert len(by_hour) == 24
    assert all(900 < apps < 1100 for apps in by_hour.values())


def test_each_secret_has_its_own_date(world: World) -> None:
    app = world.add_app(TWO_SECRETS)
    use(world, app, "old", now=NOW)
    use(world, app, "old", now=NOW + 1)
    used = use(world, app, "new", now=NOW + 2)

    assert [secret.last_used_at for secret in used.secrets] == [NOW, NOW + 2]


def test_a_request_that_is_noted_already_writes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    app = use(world, world.web, now=NOW)
    written: list[object] = []
    monkeypatch.setattr(world.store, "touch_app", lambda *_args, **_more: written.append(1))

    note_use(world.store, requester_in(app), now=NOW + 100)
    assert written == []
    note_use(world.store, requester_in(app), now=NOW + DAY)
    assert written == [1]


# Stopping


@pytest.mark.parametrize(("stop", "reason"), [(delete_app, {}), (deactivate_app, {"reason": "It sends spam."})])
def test_s21_stopping_an_app_ends_its_codes_and_tokens(world: World, stop: Any, reason: dict[str, str]) -> None:
    code, answer = world.code(), world.redeem(world.code())

    stop(world.store, world.web, **reason, now=NOW + 1)

    with pytest.raises(InvalidClient):
        world.redeem(code, now=NOW + 2)
    with pytest.raises(InvalidClient):
        world.refresh(answer.refresh_token, now=NOW + 2)
    assert not world.opens(answer.access_token, NOW + 2)
    assert world.introspect(answer.access_token, world.other, NOW + 2) == {"active": False}


def test_what_was_granted_before_an_app_was_stopped_stays_void_however_often_it_is_activated(world: World) -> None:
    code, answer = world.code(), world.redeem(world.code())
    deactivate_app(world.store, world.web, reason="It sends spam.", now=NOW + 1)
    assert (world.app().status, world.app().status_reason) == ("deactivated", "It sends spam.")
    for now in (NOW + 2, NOW + 3):
        activate_app(world.store, world.app(), now=now)

    assert (world.app().status, world.app().status_reason, world.app().grants_valid_from) == ("active", "", NOW + 2)
    assert not world.redeems(code, now=NOW + 4)
    assert not world.refreshes(answer.refresh_token, now=NOW + 4)
    fresh = world.redeem(world.code(now=NOW + 4), now=NOW + 4)
    assert world.opens(fresh.access_token, NOW + 5)


def test_a_pending_app_starts_with_nothing_to_void(world: World) -> None:
    activate_app(world.store, world.add_app(web_app(status="pending")), now=NOW)

    assert (world.app().status, world.app().grants_valid_from) == ("active", 0)


def test_a_use_is_noted_at_the_second_in_which_the_day_of_the_app_begins(world: World) -> None:
    assert is_noted(requester_in(use(world, world.web, now=DAY_OF_WEB)), DAY_OF_WEB + 1)


def test_the_first_use_is_left_to_what_notes_it_before_a_token_is_issued(world: World) -> None:
    note_use(world.store, requester_in(world.web), now=NOW)

    assert world.app() == world.web


def test_an_app_that_changes_all_the_time_or_is_gone_gets_no_first_token(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[object] = []
    monkeypatch.setattr(world.store, "touch_app", lambda *_args, **_more: tries.append(1))

    with pytest.raises(TemporarilyUnavailable):
        note_first_use(world.store, requester_in(world.web), now=NOW)
    assert len(tries) == 4
    world.store.delete_app(world.web, revocation=NOTHING)
    with pytest.raises(InvalidClient):
        note_first_use(world.store, requester_in(world.web), now=NOW)
