"""Management of registrations (RFC 7592): their tokens, changes and deletion, and the limits of changes (S358)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.clients.admin_decisions import grant_scopes
from gatepost.clients.client_metadata import InvalidClientMetadata
from gatepost.clients.dynamic_registration import delete_registration, registered_app, registration
from gatepost.clients.registration_limits import TooManyRegistrations, is_first_in_hour
from gatepost.clients.scopes import asks_for_more, granted_for_users
from gatepost.clients.use import note_first_use
from gatepost.errors import InvalidToken, ServerError, TemporarilyUnavailable
from gatepost.identifiers import digest
from gatepost.model.records import App
from gatepost.oauth.client_authentication import Requester
from gatepost.scope import Scope
from tests.raising import raised
from tests.unit.clients.registering import HERE, HOUR, LEAST, PUBLIC, changed, registered, stored
from tests.unit.clients.shop import ADMIN
from tests.unit.world import CALLBACK, NOW, World


def delete(world: World, app: App) -> None:
    delete_registration(world.store, world.settings, app, **{**HERE, "now": HOUR + 600})


def unmanaged(world: World, client_id: str, token: str) -> str:
    """The reason for which a token does not manage an app."""
    refused = raised(InvalidToken, registered_app, world.store, client_id, token, now=NOW)
    assert refused.description == "the registration access token is not valid, or the app is gone"
    return refused.reason


@pytest.mark.parametrize("token", ["", "x", "the hash", "of another"])
def test_s226_another_token_does_not_manage_it(world: World, token: str) -> None:
    app, _ = registered(world)
    _, other = registered(world)
    sent = {"the hash": app.registration_token_hash, "of another": other["registration_access_token"]}.get(token, token)

    assert unmanaged(world, app.client_id, sent) == "wrong registration access token"


@pytest.mark.parametrize("token", ["", "x", digest(""), "t"])
def test_s226_an_app_of_a_person_has_no_such_token_even_if_its_record_says_so(world: World, token: str) -> None:
    web = world.add_app(world.web._replace(registration_token_hash=digest("t")))

    assert unmanaged(world, web.client_id, token) == "no such app"


UNKNOWN = ["90000000-0000-4000-8000-000000000000", "", "registered", "x" * 3000, "https://client.example.test/"]


@pytest.mark.parametrize("client_id", UNKNOWN, ids=range(5))
def test_s226_nor_has_one_that_is_not_there(world: World, client_id: str) -> None:
    unmanaged(world, client_id, "x")


def test_a_change_replaces_all_that_it_can(world: World) -> None:
    app, _ = registered(world, {**LEAST, "scope": "read", "software_id": "s", "application_type": "web"})
    sent = {"client_id": app.client_id, "redirect_uris": ["https://client.example.test/2"], "client_name": "Other"}

    found = changed(world, app, sent, now=NOW + 9)

    assert stored(world, app) == found
    assert found == app._replace(
        name="Other",
        redirect_uris=("https://client.example.test/2",),
        default_scope=Scope(),
        registered='{"token_endpoint_auth_method":"client_secret_basic"}',
        version=2,
        looks=1,
        approvals_valid_from=NOW + 9,
    )
    assert "client_secret" not in registration(found, world.settings, token="t")


def test_a_change_of_nothing_is_not_written_and_one_that_nobody_sees_voids_no_approvals(world: World) -> None:
    app, document = registered(world, LEAST)

    assert changed(world, app, document) is app  # its own secret may be sent
    assert stored(world, app) == app
    scoped = changed(world, app, {**document, "scope": "write"})
    assert (scoped.approvals_valid_from, scoped.default_scope) == (0, Scope.of("write"))


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

    refused = raised(InvalidClientMetadata, changed, world, app, {**document, **sent})
    assert said in refused.description
    assert stored(world, app) == app


def test_of_two_changes_at_once_one_has_to_try_again(world: World) -> None:
    app, document = registered(world)
    changed(world, app, {**document, "client_name": "One"})

    with pytest.raises(TemporarilyUnavailable):
        changed(world, app, {**document, "client_name": "Two"})


def test_s351_an_app_that_registered_itself_loses_its_marks_by_its_own_change(world: World) -> None:
    world.set(restricted_scopes=ADMIN, dynamic_registration="open", app_approval=True)
    app, _ = registered(world, {"redirect_uris": [CALLBACK], "client_name": "Good"})
    marked = grant_scopes(world.store, world.settings, app, own=Scope(), marked=ADMIN, owner=None, now=NOW)
    assert not asks_for_more(marked, world.settings)
    same = {"redirect_uris": [CALLBACK], "client_name": "Good", "client_id": app.client_id}
    kept = changed(world, marked, {**same, "scope": "read"})
    assert granted_for_users(kept) == ADMIN

    bank = changed(world, kept, {**same, "client_name": "Bank"})

    assert (granted_for_users(bank), bank.status) == (Scope(), "active")
    assert (bank.marked_scope, bank.granted_look) == (ADMIN, marked.granted_look)  # its role writes neither
    assert asks_for_more(bank, world.settings)


@pytest.mark.parametrize("used", [True, False])
def test_its_deletion_is_published_if_it_has_tokens(world: World, used: bool) -> None:
    app, document = registered(world)
    if used:
        note_first_use(world.store, Requester(app), now=NOW)

    delete(world, app)

    assert stored(world, app) is None
    assert world.published == [("client", app.client_id)] * used
    unmanaged(world, app.client_id, document["registration_access_token"])


# Limits


def rename(world: World, app: App, name: str, **where: Any) -> App:
    document = {**PUBLIC, "client_id": app.client_id, "client_name": name}
    return changed(world, app, document, **{"now": HOUR + 600, **where})


def test_s358_an_app_changes_its_registration_twenty_times_in_an_hour(world: World) -> None:
    app, other = registered(world)[0], registered(world)[0]
    for number in range(20):
        app = rename(world, app, f"Name {number}", source_ip=f"192.0.2.{number}")

    caught = raised(TooManyRegistrations, rename, world, app, "Another", source_ip="198.51.100.7")
    assert (caught.status, caught.retry_after) == (429, 3000)
    assert caught.description == "too many registrations were changed, try again later"
    assert caught.reason == "changes of registrations of one app"
    assert rename(world, other, "Another").name == "Another"
    assert rename(world, app, "Another", now=HOUR + 3600).name == "Another"
    delete(world, app)  # it can still go
    assert stored(world, app) is None


def test_s358_a_network_changes_and_deletes_as_many_as_it_may_register(world: World) -> None:
    world.set(registrations_per_network=2)
    apps = [registered(world, source_ip=f"198.51.100.{number}")[0] for number in range(4)]
    rename(world, apps[0], "Another")
    delete(world, apps[1])

    caught = raised(TooManyRegistrations, rename, world, apps[2], "Another")
    with pytest.raises(TooManyRegistrations):
        delete(world, apps[2])

    assert caught.reason == "changes of registrations of one network"
    assert stored(world, apps[2]) == apps[2]
    assert rename(world, apps[3], "Another", source_ip="192.0.2.8").name == "Another"


def test_s358_what_is_done_again_and_again_is_told_once_an_hour(world: World) -> None:
    app, other = registered(world)[0], registered(world)[0]

    told = [is_first_in_hour(world.store, app, each, now=HOUR) for each in ("name A B", "name B A", "name A B")]

    assert told == [True, True, False]
    assert is_first_in_hour(world.store, other, "name A B", now=HOUR)
    assert is_first_in_hour(world.store, app, "name A B", now=HOUR + 3600)


def test_what_can_not_be_counted_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> bool:
        raise ServerError("the server could not answer", reason="no database")

    app, _ = registered(world)
    monkeypatch.setattr(world.store, "count_failure", fail)

    assert [is_first_in_hour(world.store, app, "name A B", now=HOUR) for _ in range(2)] == [True, True]
