"""Apps that register themselves: their record, its life, and the logged reasons of failures (RFC 7591)."""

from __future__ import annotations

import pytest

from gatepost.clients.admin_decisions import hand_over
from gatepost.clients.dynamic_registration import register_app, registered_app
from gatepost.clients.scopes import most_requested, scope_for_user
from gatepost.clients.use import note_first_use, note_use
from gatepost.endpoints.authorization import active_app
from gatepost.errors import Conflict, InvalidClient, InvalidRequest, InvalidToken, TemporarilyUnavailable
from gatepost.identifiers import digest
from gatepost.model.records import App
from gatepost.oauth.client_authentication import Credentials, Requester, authenticated
from gatepost.scope import Scope
from tests.fakes import MemoryStore
from tests.raising import raised
from tests.unit.clients.registering import DAY, HERE, LEAST, PUBLIC, registered
from tests.unit.clients.shop import faults
from tests.unit.world import ALICE, CALLBACK, NOW, READ, World


def unknown(app: App, now: float) -> bool:
    """Whether the app counts as deleted, at the token endpoint and at the authorization endpoint."""
    refused = 0
    try:
        authenticated(app, Credentials(app.client_id, None, basic=False), now)
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

    assert world.app(app.client_id) == app
    assert (app.owner, app.is_stranger, app.owner_scope, app.owner_stopped) == ("registered", True, None, False)
    assert (app.default_scope, app.own_scope, app.marked_scope) == (READ, None, Scope())
    assert app.status == "active"
    assert [each.secret_hash for each in app.secrets] == [digest(document["client_secret"])]
    assert app.registration_token_hash == digest(document["registration_access_token"])
    for secret in (document["client_secret"], document["registration_access_token"]):
        assert secret not in repr(app)
    assert registered(world, PUBLIC)[0].secrets == ()
    assert faults(hand_over, world.store, app, ALICE, now=NOW) == {
        "owner": "Nobody here answers for this app, so it can’t be handed over."
    }


def test_the_response_says_all_of_it(world: World) -> None:
    world.settings = world.settings._replace(openid=True, signed_userinfo=True)
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
        "id_token_signed_response_alg": "RS256",
        "userinfo_signed_response_alg": "ES256",
    }


@pytest.mark.parametrize(
    ("openid", "sent", "said"),
    [
        (True, {"id_token_signed_response_alg": "ES256"}, "ES256"),
        (False, {}, None),
        (False, {"id_token_signed_response_alg": "ES256"}, "ES256"),
    ],
)
def test_the_response_says_how_it_signs(world: World, openid: bool, sent: dict[str, str], said: str | None) -> None:
    world.set(openid=openid)

    assert registered(world, {**LEAST, **sent})[1].get("id_token_signed_response_alg") == said


def test_two_of_one_name_may_be_there_and_one_for_itself_has_no_response_type(world: World) -> None:
    world.set(client_credentials_scopes={"read": "open"})
    job = {"grant_types": ["client_credentials"], "client_name": "Weather"}
    (first, document), (second, _) = registered(world, job), registered(world)

    assert first.name == second.name
    assert document["response_types"] == []
    found = world.store.apps_of("registered", cursor=None, limit=9).items
    assert {each.client_id for each in found} == {first.client_id, second.client_id}


def test_s228_it_may_request_every_scope_of_the_server_also_later_ones(world: World) -> None:
    app, _ = registered(world, {**PUBLIC, "scope": "read"})
    world.set(scopes={**world.settings.scopes, "later": "Of a later day"})

    assert most_requested(app, world.settings) == Scope.of("admin", "later", "read", "write")
    assert most_requested(world.native, world.settings) == world.native.scope
    assert scope_for_user(app, ALICE.user_id, None, world.settings) == Scope.of("admin", "later", "read", "write")
    assert scope_for_user(app, ALICE.user_id, READ, world.settings) == READ


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

    note_first_use(world.store, Requester(app), now=used)
    assert world.app(app.client_id).expires_at == used + 30 * DAY
    note_use(world.store, Requester(world.app(app.client_id)), now=used + 5 * DAY)
    assert world.app(app.client_id).expires_at == used + 35 * DAY


def test_s226_it_outlives_its_refresh_tokens_and_one_of_a_person_never_expires(world: World) -> None:
    world.set(refresh_token_lifetime=400 * DAY, refresh_token_idle_lifetime=90 * DAY)

    assert registered(world)[0].expires_at == NOW + 91 * DAY
    assert not unknown(world.native, NOW + 10_000 * DAY)
    assert world.native.expires_at == 0


class Full(MemoryStore):
    """A store that has an app of every id."""

    def register_app(self, app: App, *, permit_hash: str = "", now: int) -> None:
        raise Conflict("client_id")


def test_an_id_that_is_taken_is_no_fault_of_the_app(world: World) -> None:
    caught = raised(TemporarilyUnavailable, register_app, Full(), world.settings, PUBLIC, **HERE)
    assert caught.reason == "the client_id is taken"
