"""Policies and limits for apps of metadata documents (S232, S223)."""

from __future__ import annotations

from dataclasses import replace

from gatepost.clients.lifecycle import activate_app, deactivate_app, delete_app
from gatepost.errors import InvalidRequest, OAuthError, TooManyAttempts
from gatepost.model.fetching import FetchFailed
from gatepost.model.records import ACTIVE, PENDING
from tests.unit.clients.documents import HOUR, OPEN, URL, Scene, refusal
from tests.unit.world import ALICE, NOW, SETTINGS


def test_s232_a_server_that_is_closed_fetches_nothing(scene: Scene) -> None:
    scene.settings = SETTINGS

    assert refusal(scene).description == "this server takes no URL as client_id"
    assert scene.web.asked == []


def test_s232_a_url_that_is_none_is_not_fetched(scene: Scene) -> None:
    refused = refusal(scene, url=f"{URL}?a=b")

    assert refused.description == "client_id can't be used: the URL has a query"
    assert scene.web.asked == []


def test_an_app_waits_for_an_administrator_where_that_is_the_policy(scene: Scene) -> None:
    scene.settings = replace(OPEN, client_id_documents="approval")
    store = scene.world.store

    app = scene.app()
    assert app.status == PENDING
    assert store.goes_at == {app.client_id: NOW + 30 * 86400}

    activate_app(store, app, now=NOW)
    assert store.goes_at == {}  # the decision stays
    assert scene.app(now=NOW + HOUR).status == ACTIVE
    assert store.goes_at[app.client_id] > NOW + 30 * 86400


def test_a_deactivated_app_is_not_fetched_and_stays_deactivated(scene: Scene) -> None:
    app = scene.app()
    deactivate_app(scene.world.store, app, reason="It is not what it says.", now=NOW)

    assert scene.app(now=NOW + 40 * 86400).status == "deactivated"
    assert len(scene.web.asked) == 1
    assert scene.world.store.goes_at == {}


def test_what_was_granted_before_a_deletion_stays_void_when_the_app_comes_again(scene: Scene) -> None:
    delete_app(scene.world.store, scene.app(), now=NOW + 10)
    assert scene.known() is None

    assert scene.app(now=NOW + 20).grants_valid_from == NOW + 19


def test_s223_an_account_fetches_thirty_documents_in_an_hour(scene: Scene) -> None:
    scene.web.error = FetchFailed("no connection")
    start = NOW // HOUR * HOUR
    for number in range(30):
        refusal(scene, url=f"{URL}{number}", now=start)

    refused = refusal(scene, TooManyAttempts, now=start + 600)
    assert refused.retry_after == 3000
    assert len(scene.web.asked) == 30
    refusal(scene, now=start, user=replace(ALICE, user_id="other"))
    refusal(scene, now=start + HOUR)
    assert len(scene.web.asked) == 32


def test_s223_a_network_fetches_a_hundred_unknown_documents_in_an_hour_with_all_its_accounts(scene: Scene) -> None:
    scene.web.error = FetchFailed("no connection")
    for number in range(100):
        refusal(scene, user=replace(ALICE, user_id=f"{number // 25}"), source_ip="192.0.2.7")

    refusal(scene, TooManyAttempts, user=replace(ALICE, user_id="new"), source_ip="192.0.2.7")
    refusal(scene, user=replace(ALICE, user_id="new"), source_ip="192.0.2.8")
    assert len(scene.web.asked) == 101


def test_s223_s359_a_thousand_unknown_documents_are_fetched_in_an_hour_and_known_ones_go_on(scene: Scene) -> None:
    start = NOW // HOUR * HOUR
    scene.app(now=start - HOUR)
    scene.web.error = FetchFailed("no connection")

    def asks(error: type[OAuthError], user: str, source_ip: str) -> None:
        refusal(scene, error, url=f"{URL}a", user=replace(ALICE, user_id=user), source_ip=source_ip, now=start)

    for number in range(750):
        asks(InvalidRequest, f"{number}", f"192.0.{number % 10}.{number}" if number < 250 else f"10.{number % 9}.0.1")
    asks(TooManyAttempts, "new", "192.0.2.1")
    for number in range(250):  # a network that was not seen in this hour
        asks(InvalidRequest, f"new{number}", f"172.16.{number}.1")

    asks(TooManyAttempts, "newest", "203.0.113.1")
    assert len(scene.web.asked) == 1001
    scene.web.error = None
    assert scene.app(now=start, user=replace(ALICE, user_id="new"), source_ip="203.0.113.1").fresh_until == start + HOUR
