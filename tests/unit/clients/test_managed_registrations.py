"""Management of registrations (RFC 7592): their tokens, changes and deletion."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.clients.client_metadata import InvalidClientMetadata
from gatepost.clients.dynamic_registration import (
    change_registration,
    delete_registration,
    registered_app,
    registration,
)
from gatepost.clients.use import note_first_use
from gatepost.errors import (
    InvalidToken,
    TemporarilyUnavailable,
)
from gatepost.identifiers import digest
from gatepost.oauth.client_authentication import Requester
from gatepost.scope import Scope
from tests.unit.clients.registering import LEAST, registered, stored
from tests.unit.world import NOW, World


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


UNKNOWN = ["90000000-0000-4000-8000-000000000000", "", "registered", "x" * 3000, "https://client.example.test/"]


@pytest.mark.parametrize("client_id", UNKNOWN, ids=range(5))
def test_s226_nor_has_one_that_is_not_there(world: World, client_id: str) -> None:
    with pytest.raises(InvalidToken) as refused:
        registered_app(world.store, client_id, "x", now=NOW)
    assert refused.value.description == "the registration access token is not valid, or the app is gone"


def test_a_change_replaces_all_that_it_can(world: World) -> None:
    app, document = registered(world, {**LEAST, "scope": "read", "software_id": "s", "application_type": "web"})
    sent = {"client_id": app.client_id, "redirect_uris": ["https://client.example.test/2"], "client_name": "Other"}

    changed = change_registration(world.store, world.settings, app, sent, source_ip="192.0.2.7", now=NOW + 9)

    assert stored(world, app) == changed
    assert changed == replace(
        app,
        name="Other",
        redirect_uris=("https://client.example.test/2",),
        default_scope=Scope(),
        registered='{"token_endpoint_auth_method":"client_secret_basic"}',
        version=2,
        looks=1,
        approvals_valid_from=NOW + 9,
    )
    assert "client_secret" not in registration(changed, world.settings, token="t")
    assert document["client_secret"]


def test_a_change_of_nothing_that_people_see_voids_no_approvals(world: World) -> None:
    app, document = registered(world)

    changed = change_registration(
        world.store, world.settings, app, {**document, "scope": "write"}, source_ip="192.0.2.7", now=NOW + 9
    )

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
        change_registration(world.store, world.settings, app, {**document, **sent}, source_ip="192.0.2.7", now=NOW)

    assert said in refused.value.description
    assert stored(world, app) == app


def test_its_own_secret_may_be_sent_with_a_change(world: World) -> None:
    app, document = registered(world, LEAST)

    changed = change_registration(world.store, world.settings, app, document, source_ip="192.0.2.7", now=NOW)

    assert changed.secrets == app.secrets


def test_of_two_changes_at_once_one_has_to_try_again(world: World) -> None:
    app, document = registered(world)
    change_registration(
        world.store, world.settings, app, {**document, "client_name": "One"}, source_ip="192.0.2.7", now=NOW
    )

    with pytest.raises(TemporarilyUnavailable):
        change_registration(
            world.store, world.settings, app, {**document, "client_name": "Two"}, source_ip="192.0.2.7", now=NOW
        )


@pytest.mark.parametrize("used", [True, False])
def test_its_deletion_is_published_if_it_has_tokens(world: World, used: bool) -> None:
    app, document = registered(world)
    if used:
        note_first_use(world.store, Requester(app), now=NOW)

    delete_registration(world.store, world.settings, app, source_ip="192.0.2.7", now=NOW)

    assert stored(world, app) is None
    assert [each.subject for each in world.store.feed(0)] == ([app.client_id] if used else [])
    with pytest.raises(InvalidToken):
        registered_app(world.store, app.client_id, document["registration_access_token"], now=NOW)
