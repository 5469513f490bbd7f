"""Apps by the URL of a metadata document: fetches, records, changes, policies and limits (S232, S222, S223)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.clients.documents import needs_fetch
from gatepost.clients.lifecycle import activate_app, deactivate_app, delete_app
from gatepost.errors import InvalidRequest, OAuthError, TemporarilyUnavailable, TooManyAttempts
from gatepost.identifiers import app_id
from gatepost.model.fetching import FetchFailed, FetchRefused, Outbound
from gatepost.model.records import ACTIVE, DOCUMENTS, PENDING
from gatepost.oauth.client_authentication import Credentials, authenticated
from tests.raising import raised
from tests.unit.clients.documents import GOOD, HOUR, OPEN, URL, Scene, refusal
from tests.unit.world import ALICE, NOW, SETTINGS


def test_a_document_becomes_a_public_app_without_an_owner(scene: Scene) -> None:
    scene.web.document |= {"jwks_uri": "https://evil.example.test/"}

    app = scene.app()

    assert app == scene.known()
    assert (app.client_id, app.identifier, app.document_url) == (app_id(URL), URL, URL)
    assert (app.owner, app.is_stranger, app.status, app.confidential) == (DOCUMENTS, True, ACTIVE, False)
    assert (app.name, app.url, list(app.redirect_uris)) == ("Good client", "", GOOD["redirect_uris"])
    assert app.grant_types == ("authorization_code", "refresh_token")
    assert (app.fresh_until, app.version, app.created_at) == (NOW + HOUR, 1, NOW)
    assert scene.web.asked == [Outbound(method="GET", url=URL, accept=("application/json",), most_bytes=5120)]


def test_an_app_is_known_at_the_token_endpoint_by_its_url_alone(scene: Scene) -> None:
    app = scene.app()

    assert authenticated(app, Credentials(URL, None, basic=False), NOW).app == app
    with pytest.raises(OAuthError):
        authenticated(app, Credentials(app.client_id, None, basic=False), NOW)
    caught = raised(OAuthError, authenticated, None, Credentials(f"{URL}x", None, basic=False), NOW)
    assert caught.facts["client_id"] == app_id(f"{URL}x")


# Caching


def test_a_document_is_fetched_again_when_it_is_no_longer_fresh(scene: Scene) -> None:
    first = scene.app()
    ended = NOW + HOUR + 600 + 60 + 30 * 86400 + 86700  # of all that was granted while it was fresh
    assert scene.world.store.goes_at == {first.client_id: ended}

    assert scene.app(now=NOW + HOUR - 1) == first
    assert len(scene.web.asked) == 1
    assert scene.app(now=NOW + HOUR) == first._replace(fresh_until=NOW + 2 * HOUR)
    assert len(scene.web.asked) == 2
    assert scene.world.store.goes_at == {first.client_id: ended + HOUR}


def test_a_date_of_a_clock_that_was_set_back_is_not_trusted(scene: Scene) -> None:
    scene.app()

    assert needs_fetch(scene.known(), NOW + HOUR - 86400 - 1)
    assert not needs_fetch(scene.known(), NOW + HOUR - 86400)


@pytest.mark.parametrize("error", [FetchFailed("no response in time"), FetchRefused("the URL is not https")])
def test_s232_a_failed_fetch_leaves_nothing_and_an_old_record_ends(scene: Scene, error: Exception) -> None:
    scene.web.error = error
    refused = refusal(scene)
    assert "metadata document of the app" in refused.description
    assert (refused.reason, refused.detail) == (str(error), URL)
    assert scene.known() is None

    scene.web.error = None
    first = scene.app()
    scene.web.error = error
    refusal(scene, now=NOW + HOUR)
    assert scene.known() == first
    scene.web.error = None
    assert scene.app(now=NOW + HOUR).fresh_until == NOW + 2 * HOUR


def test_s232_a_document_that_can_not_be_used_is_not_kept(scene: Scene) -> None:
    scene.web.document["redirect_uris"] = ["cursor://callback", "http://app.example.test/cb"]
    assert "redirect URI 1 must use https" in str(refusal(scene).description)
    scene.web.status = 404
    assert refusal(scene).description.endswith("can't be used: the response is not one of status 200")

    assert scene.known() is None
    assert scene.world.store.goes_at == {}


def test_two_requests_that_fetch_at_once_agree(scene: Scene) -> None:
    first = scene.app()
    assert scene.fetched(None) == first

    with pytest.raises(TemporarilyUnavailable):
        scene.fetched(None, now=NOW + HOUR)


# Changes


@pytest.mark.parametrize(
    ("change", "voided"),
    [
        ({"redirect_uris": ["https://app.example.test/new"]}, True),
        ({"client_name": "New"}, True),
        ({"grant_types": ["authorization_code"]}, False),
    ],
)
def test_s222_a_document_of_another_look_voids_approvals(scene: Scene, change: dict[str, Any], voided: bool) -> None:
    first = scene.app()
    scene.web.document |= change

    changed = scene.app(now=NOW + HOUR)

    assert (changed.approvals_valid_from, changed.version) == (NOW + HOUR if voided else 0, 2)
    assert changed._replace(fresh_until=first.fresh_until) != first
    assert changed == scene.known()


def test_a_redirect_uri_that_is_left_out_voids_nothing(scene: Scene) -> None:
    first = scene.app()
    scene.web.document["redirect_uris"] = ["cursor://callback", *GOOD["redirect_uris"]]

    assert scene.app(now=NOW + HOUR) == first._replace(fresh_until=NOW + 2 * HOUR)


# Policies


def test_s232_a_server_that_is_closed_fetches_nothing_nor_does_any_from_a_url_that_is_none(scene: Scene) -> None:
    scene.settings = OPEN._replace(client_id_document_domains=("other.example.test",))
    fault = refusal(scene, url=f"{URL}?a=b").description
    assert fault == "client_id can't be used: the URL has a query"  # which is said before that of the host

    scene.settings = SETTINGS
    assert refusal(scene).description == "this server does not accept a URL as client_id"
    assert scene.web.asked == []


def test_an_app_waits_for_an_administrator_where_that_is_the_policy(scene: Scene) -> None:
    scene.settings = OPEN._replace(client_id_documents="approval")
    store = scene.world.store

    app = scene.app()
    assert app.status == PENDING
    assert store.goes_at == {app.client_id: NOW + 30 * 86400}

    activate_app(store, app, now=NOW)
    assert store.goes_at == {}  # the decision stays
    assert scene.app(now=NOW + HOUR).status == ACTIVE
    assert store.goes_at[app.client_id] > NOW + 30 * 86400


def test_a_deactivated_app_is_not_fetched_and_stays_deactivated(scene: Scene) -> None:
    deactivate_app(scene.world.store, scene.app(), reason="It is not what it says.", now=NOW)

    assert scene.app(now=NOW + 40 * 86400).status == "deactivated"
    assert len(scene.web.asked) == 1
    assert scene.world.store.goes_at == {}


def test_what_was_granted_before_a_deletion_stays_void_when_the_app_comes_again(scene: Scene) -> None:
    delete_app(scene.world.store, scene.app(), now=NOW + 10)
    assert scene.known() is None

    assert scene.app(now=NOW + 20).grants_valid_from == NOW + 19


# Limits


def test_s223_an_account_fetches_thirty_documents_in_an_hour(scene: Scene) -> None:
    scene.web.error = FetchFailed("no connection")
    start = NOW // HOUR * HOUR
    for number in range(30):
        refusal(scene, url=f"{URL}{number}", now=start)

    assert refusal(scene, TooManyAttempts, now=start + 600).retry_after == 3000
    assert len(scene.web.asked) == 30
    refusal(scene, now=start, user=ALICE._replace(user_id="other"))
    refusal(scene, now=start + HOUR)
    assert len(scene.web.asked) == 32


def test_s223_a_network_fetches_a_hundred_unknown_documents_in_an_hour_with_all_its_accounts(scene: Scene) -> None:
    scene.web.error = FetchFailed("no connection")
    for number in range(100):
        refusal(scene, user=ALICE._replace(user_id=f"{number // 25}"))

    newcomer = ALICE._replace(user_id="new")
    assert refusal(scene, TooManyAttempts, user=newcomer).facts == {"fetches": "network"}
    refusal(scene, user=newcomer, source_ip="192.0.2.8")
    assert len(scene.web.asked) == 101


def test_s223_s359_a_thousand_unknown_documents_are_fetched_in_an_hour_and_known_ones_go_on(scene: Scene) -> None:
    start = NOW // HOUR * HOUR
    scene.app(now=start - HOUR)
    scene.web.error = FetchFailed("no connection")

    def asks(error: type[OAuthError], user: str, source_ip: str) -> None:
        refusal(scene, error, url=f"{URL}a", user=ALICE._replace(user_id=user), source_ip=source_ip, now=start)

    for number in range(750):
        asks(InvalidRequest, f"{number}", f"192.0.{number % 10}.{number}" if number < 250 else f"10.{number % 9}.0.1")
    asks(TooManyAttempts, "new", "192.0.2.1")
    for number in range(250):  # a network that was not seen in this hour
        asks(InvalidRequest, f"new{number}", f"172.16.{number}.1")

    asks(TooManyAttempts, "newest", "203.0.113.1")
    assert len(scene.web.asked) == 1001
    scene.web.error = None
    assert scene.app(now=start, user=ALICE._replace(user_id="new"), source_ip="203.0.113.1").fresh_until == start + HOUR
