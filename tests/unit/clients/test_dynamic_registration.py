"""Apps that register themselves: their record, its life, and who manages it (RFC 7591, RFC 7592)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.clients.administration import hand_over
from gatepost.clients.client_metadata import InvalidClientMetadata
from gatepost.clients.dynamic_registration import (
    change_registration,
    delete_registration,
    needs_permit,
    register_app,
    registered_app,
    registration,
    valid_permit,
)
from gatepost.clients.registration import InvalidApp
from gatepost.clients.registration_limits import TooManyRegistrations
from gatepost.clients.registration_permits import new_permit
from gatepost.clients.scopes import asks_for_more, most_requested, scope_for_user, scope_of_its_own
from gatepost.clients.use import note_first_use, note_use
from gatepost.endpoints.authorization import active_app
from gatepost.errors import (
    AccessDenied,
    InvalidClient,
    InvalidRequest,
    InvalidToken,
    OAuthError,
    TemporarilyUnavailable,
)
from gatepost.identifiers import digest, new_id
from gatepost.model.permits import Permit
from gatepost.model.records import App
from gatepost.oauth.client_authentication import Credentials, authenticated_app
from gatepost.oauth.resource_indicators import default_target
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey, PermitKey
from tests.unit.world import ALICE, CALLBACK, NOW, READ, World

DAY = 86400
LEAST: dict[str, Any] = {"redirect_uris": [CALLBACK], "client_name": "Weather"}
PUBLIC = {**LEAST, "token_endpoint_auth_method": "none"}


def registered(world: World, sent: dict[str, Any] = PUBLIC, **options: Any) -> tuple[App, dict[str, Any]]:
    chosen: dict[str, Any] = {"source_ip": "192.0.2.7", "now": NOW, **options}
    return register_app(world.store, world.settings, sent, **chosen)


def stored(world: World, app: App) -> App | None:
    found: App | None = world.store.read(AppKey(app.client_id))[0]
    return found


def unknown(app: App, now: float) -> bool:
    """Whether the app counts as deleted, at the token endpoint and at the authorization endpoint."""
    refused = 0
    try:
        authenticated_app(app, Credentials(app.client_id, None, basic=False), now)
    except InvalidClient:
        refused += 1
    try:
        active_app(app, now)
    except InvalidRequest:
        refused += 1
    assert refused in (0, 2)
    return refused == 2


def test_its_record_is_as_it_says_and_nobody_owns_it(world: World) -> None:
    app, document = registered(world, {**LEAST, "scope": "read"})

    assert stored(world, app) == app
    assert (app.owner, app.is_stranger, app.owner_scope, app.owner_stopped) == ("registered", True, None, False)
    assert (app.default_scope, app.own_scope, app.marked_scope) == (READ, Scope(), Scope())
    assert app.status == "active"
    assert [each.secret_hash for each in app.secrets] == [digest(document["client_secret"])]
    assert app.registration_token_hash == digest(document["registration_access_token"])
    for secret in (document["client_secret"], document["registration_access_token"]):
        assert secret not in repr(app)


def test_the_response_says_all_of_it(world: World) -> None:
    app, document = registered(world, {**LEAST, "userinfo_signed_response_alg": "ES256", "scope": "write read"})

    assert document == {
        "client_id": app.client_id,
        "client_id_issued_at": NOW,
        "client_secret": document["client_secret"],
        "client_secret_expires_at": 0,
        "registration_access_token": document["registration_access_token"],
        "registration_client_uri": f"https://id.example.test/authorization/register/{app.client_id}",
        "client_name": "Weather",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "scope": "read write",
        "userinfo_signed_response_alg": "ES256",
    }


@pytest.mark.parametrize(
    ("openid", "sent", "said"),
    [
        (True, {}, "RS256"),
        (True, {"id_token_signed_response_alg": "ES256"}, "ES256"),
        (False, {}, None),
        (False, {"id_token_signed_response_alg": "ES256"}, "ES256"),
    ],
)
def test_the_response_says_how_id_tokens_are_signed(
    world: World, openid: bool, sent: dict[str, str], said: str | None
) -> None:
    world.set(openid=openid)

    assert registered(world, {**LEAST, **sent})[1].get("id_token_signed_response_alg") == said


def test_an_app_for_itself_has_no_response_type(world: World) -> None:
    world.set(client_credentials_scopes={"read": "open"})

    assert registered(world, {"grant_types": ["client_credentials"]})[1]["response_types"] == []


def test_two_of_one_name_may_be_there(world: World) -> None:
    first, second = registered(world)[0], registered(world)[0]

    assert first.name == second.name
    assert {each.client_id for each in world.store.apps_of("registered", cursor=None, limit=9).items} == {
        first.client_id,
        second.client_id,
    }


# The scope is a default


def test_s228_it_may_request_every_scope_of_the_server_also_later_ones(world: World) -> None:
    app, _ = registered(world, {**PUBLIC, "scope": "read"})
    world.set(scopes={**world.settings.scopes, "later": "Of a later day"})

    assert most_requested(app, world.settings) == Scope.of("admin", "later", "read", "write")
    assert most_requested(world.native, world.settings) == world.native.scope
    assert scope_for_user(app, ALICE.user_id, None, world.settings) == Scope.of("admin", "later", "read", "write")
    assert scope_for_user(app, ALICE.user_id, READ, world.settings) == READ


def test_s228_a_restricted_scope_needs_an_administrator(world: World) -> None:
    world.set(restricted_scopes=Scope.of("admin"))
    app, _ = registered(world)

    assert "admin" not in scope_for_user(app, ALICE.user_id, None, world.settings)
    marked = replace(app, marked_scope=Scope.of("admin"))
    assert "admin" in scope_for_user(marked, ALICE.user_id, None, world.settings)
    assert not asks_for_more(app, world.settings)


def test_s225_for_itself_it_has_open_scopes_alone(world: World) -> None:
    world.set(client_credentials_scopes={"read": "open", "write": "never"})
    app, _ = registered(world, {"grant_types": ["client_credentials"]})

    assert scope_of_its_own(app, world.settings, default_target(world.settings)) == READ


def test_nobody_can_be_made_its_owner(world: World) -> None:
    app, _ = registered(world)

    with pytest.raises(InvalidApp, match="Nobody here answers for this app"):
        hand_over(world.store, app, ALICE)


# It expires unless it is used


def test_s226_it_expires_thirty_days_after_its_registration(world: World) -> None:
    app, document = registered(world)
    token = document["registration_access_token"]

    assert app.expires_at == NOW + 30 * DAY
    assert not unknown(app, app.expires_at - 1)
    assert registered_app(world.store, app.client_id, token, now=app.expires_at - 1) == app
    assert unknown(app, app.expires_at)
    with pytest.raises(InvalidToken):
        registered_app(world.store, app.client_id, token, now=app.expires_at)


def test_s226_each_day_of_use_keeps_it_longer(world: World) -> None:
    app, _ = registered(world)
    used = NOW + 20 * DAY

    note_first_use(world.store, app, None, now=used)

    found = stored(world, app)
    assert found is not None
    assert found.expires_at == used + 30 * DAY
    note_use(world.store, found, Credentials(app.client_id, None, basic=False), now=used + 5 * DAY)
    again = stored(world, app)
    assert again is not None
    assert again.expires_at == used + 35 * DAY


def test_s226_it_outlives_its_refresh_tokens(world: World) -> None:
    world.set(refresh_token_lifetime=400 * DAY, refresh_token_idle_lifetime=90 * DAY)

    app, _ = registered(world)

    assert app.expires_at == NOW + 91 * DAY


def test_an_app_of_a_person_never_expires(world: World) -> None:
    assert not unknown(world.native, NOW + 10_000 * DAY)
    assert world.native.expires_at == 0


# Who manages it


@pytest.mark.parametrize("token", ["", "x", "the hash", "of another"])
def test_s226_another_token_does_not_manage_it(world: World, token: str) -> None:
    app, _ = registered(world)
    _, other = registered(world)
    sent = {"the hash": app.registration_token_hash, "of another": other["registration_access_token"]}.get(token, token)

    with pytest.raises(InvalidToken):
        registered_app(world.store, app.client_id, sent, now=NOW)


@pytest.mark.parametrize("token", ["", "x", digest("")])
def test_s226_an_app_of_a_person_has_no_such_token(world: World, token: str) -> None:
    with pytest.raises(InvalidToken):
        registered_app(world.store, world.web.client_id, token, now=NOW)


@pytest.mark.parametrize("client_id", [new_id(), "", "registered", "x" * 3000, "https://client.example.test/"])
def test_s226_nor_has_one_that_is_not_there(world: World, client_id: str) -> None:
    with pytest.raises(InvalidToken) as refused:
        registered_app(world.store, client_id, "x", now=NOW)
    assert refused.value.description == "the registration access token is not valid, or the app is gone"


def test_a_change_replaces_all_that_it_can(world: World) -> None:
    app, document = registered(world, {**LEAST, "scope": "read", "software_id": "s", "application_type": "web"})
    sent = {"client_id": app.client_id, "redirect_uris": ["https://client.example.test/2"], "client_name": "Other"}

    changed = change_registration(world.store, world.settings, app, sent, now=NOW + 9)

    assert stored(world, app) == changed
    assert changed == replace(
        app,
        name="Other",
        redirect_uris=("https://client.example.test/2",),
        default_scope=Scope(),
        registered='{"token_endpoint_auth_method":"client_secret_basic"}',
        version=2,
        approvals_valid_from=NOW + 9,
    )
    assert "client_secret" not in registration(changed, world.settings, token="t")
    assert document["client_secret"]


def test_a_change_of_nothing_that_people_see_voids_no_approvals(world: World) -> None:
    app, document = registered(world)

    changed = change_registration(world.store, world.settings, app, {**document, "scope": "write"}, now=NOW + 9)

    assert (changed.approvals_valid_from, changed.default_scope) == (0, Scope.of("write"))


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"client_id": None}, "client_id must be that of the app"),
        ({"client_id": "x"}, "client_id must be that of the app"),
        ({"client_secret": "x"}, "client_secret must be that of the app"),
        ({"client_secret": 7}, "client_secret must be that of the app"),
        ({"token_endpoint_auth_method": "none"}, "can't change from or to none"),
    ],
)
def test_s226_a_change_of_what_the_app_is_is_refused(world: World, sent: dict[str, Any], said: str) -> None:
    app, document = registered(world, LEAST)

    with pytest.raises(InvalidClientMetadata) as refused:
        change_registration(world.store, world.settings, app, {**document, **sent}, now=NOW)

    assert said in refused.value.description
    assert stored(world, app) == app


def test_its_own_secret_may_be_sent_with_a_change(world: World) -> None:
    app, document = registered(world, LEAST)

    changed = change_registration(world.store, world.settings, app, document, now=NOW)

    assert changed.secrets == app.secrets


def test_of_two_changes_at_once_one_has_to_try_again(world: World) -> None:
    app, document = registered(world)
    change_registration(world.store, world.settings, app, {**document, "client_name": "One"}, now=NOW)

    with pytest.raises(TemporarilyUnavailable):
        change_registration(world.store, world.settings, app, {**document, "client_name": "Two"}, now=NOW)


@pytest.mark.parametrize("used", [True, False])
def test_its_deletion_is_published_if_it_has_tokens(world: World, used: bool) -> None:
    app, document = registered(world)
    if used:
        note_first_use(world.store, app, None, now=NOW)

    delete_registration(world.store, app, now=NOW)

    assert stored(world, app) is None
    assert [each.subject for each in world.store.feed(0)] == ([app.client_id] if used else [])
    with pytest.raises(InvalidToken):
        registered_app(world.store, app.client_id, document["registration_access_token"], now=NOW)


# Who may register


@pytest.mark.parametrize(("mode", "needed"), [("open", False), ("token", True)])
def test_a_token_is_needed_as_the_setting_says(world: World, mode: str, needed: bool) -> None:
    world.set(dynamic_registration=mode)
    assert needs_permit(world.settings) is needed


def test_as_shipped_no_app_registers_itself(world: World) -> None:
    with pytest.raises(AccessDenied):
        needs_permit(world.settings)


def test_s226_an_initial_access_token_is_good_for_its_apps_and_days(world: World) -> None:
    token = new_permit(world.store, apps=2, days=3, now=NOW)
    (permit,) = world.store.read(PermitKey(digest(token)))
    assert permit == Permit(permit_hash=digest(token), created_at=NOW, expires_at=NOW + 3 * DAY, uses=0, most_uses=2)

    for _ in range(2):
        registered(world, permit_hash=valid_permit(world.store, token, now=NOW + 3 * DAY - 1))

    with pytest.raises(InvalidToken):
        valid_permit(world.store, token, now=NOW)
    with pytest.raises(InvalidToken):  # a third that was checked before
        registered(world, permit_hash=digest(token))


@pytest.mark.parametrize("token", ["", "x", "y" * 43])
def test_s226_an_initial_access_token_that_nobody_made_is_none(world: World, token: str) -> None:
    new_permit(world.store, apps=1, days=1, now=NOW)

    with pytest.raises(InvalidToken):
        valid_permit(world.store, token, now=NOW)


@pytest.mark.parametrize("later", [DAY, DAY + 1])
def test_s226_and_no_longer(world: World, later: int) -> None:
    token = new_permit(world.store, apps=1, days=1, now=NOW)

    with pytest.raises(InvalidToken):
        valid_permit(world.store, token, now=NOW + later)


def test_an_initial_access_token_of_the_longest(world: World) -> None:
    token = new_permit(world.store, apps=10_000, days=365, now=NOW)

    assert valid_permit(world.store, token, now=NOW + 365 * DAY - 1) == digest(token)


@pytest.mark.parametrize(("apps", "days"), [(0, 1), (1, 0), (10_001, 1), (1, 366), (-1, 1)])
def test_an_initial_access_token_without_limits_is_not_made(world: World, apps: int, days: int) -> None:
    with pytest.raises(ValueError, match="a token is for"):
        new_permit(world.store, apps=apps, days=days, now=NOW)


# Floods

HOUR = NOW - NOW % 3600


def outcome(world: World, source_ip: str, now: float) -> OAuthError | None:
    try:
        registered(world, source_ip=source_ip, now=now)
    except OAuthError as error:
        return error
    return None


def test_s226_a_network_waits_for_the_next_hour_and_no_other_does(world: World) -> None:
    world.set(registrations_per_network=3)

    answers = [outcome(world, "192.0.2.7", HOUR + 600) for _ in range(200)]

    assert [each is None for each in answers] == [True] * 3 + [False] * 197
    refused = answers[-1]
    assert isinstance(refused, TooManyRegistrations)
    assert (refused.status, refused.code, refused.retry_after) == (429, "temporarily_unavailable", 3000)
    assert outcome(world, "192.0.2.8", HOUR + 600) is None
    assert outcome(world, "192.0.2.7", HOUR + 3599) is not None
    assert outcome(world, "192.0.2.7", HOUR + 3600) is None


def test_s226_a_network_of_ipv6_is_one(world: World) -> None:
    world.set(registrations_per_network=1)

    assert outcome(world, "2001:db8::1", NOW) is None
    assert outcome(world, "2001:db8::ffff:1", NOW) is not None
    assert outcome(world, "2001:db8:0:1::1", NOW) is None


def test_s226_all_networks_together_have_a_limit_too(world: World) -> None:
    world.set(registrations_per_hour=4)

    answers = [outcome(world, f"192.0.2.{n}", HOUR) for n in range(6)]

    assert [each is None for each in answers] == [True] * 4 + [False] * 2
    assert outcome(world, "192.0.2.99", HOUR + 3600) is None


def test_s226_refused_ones_use_up_nothing_of_the_others(world: World) -> None:
    world.set(registrations_per_network=1, registrations_per_hour=3)

    for _ in range(50):
        outcome(world, "192.0.2.7", HOUR)

    assert [outcome(world, f"192.0.2.{n}", HOUR) for n in (8, 9)] == [None, None]


def test_a_bad_registration_is_not_counted(world: World) -> None:
    world.set(registrations_per_network=1)
    for _ in range(3):
        with pytest.raises(InvalidClientMetadata):
            registered(world, {**LEAST, "grant_types": ["password"]})

    assert outcome(world, "192.0.2.7", NOW) is None
