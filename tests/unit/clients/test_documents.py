"""Apps by the URL of a metadata document: fetches, records, limits (S232, S222, S223)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from gatepost.clients.documents import check_accepted, fetched_app, needs_fetch
from gatepost.clients.lifecycle import activate_app, deactivate_app, delete_app
from gatepost.clients.scopes import asks_for_more, scope_for_user
from gatepost.errors import InvalidRequest, OAuthError, TemporarilyUnavailable, TooManyAttempts
from gatepost.identifiers import app_id
from gatepost.model.fetching import Fetched, FetchFailed, FetchRefused, Outbound
from gatepost.model.records import ACTIVE, DOCUMENTS, PENDING, App
from gatepost.oauth.client_authentication import Credentials, authenticated_app
from gatepost.oauth.server import Server
from gatepost.scope import Scope
from gatepost.settings import Settings
from gatepost.stores.record_keys import app_key
from tests.unit.clients.test_metadata_document import GOOD, URL
from tests.unit.world import ALICE, NOW, SETTINGS, World

HOUR = 3600
OPEN = replace(SETTINGS, client_id_documents="open")


@dataclass
class Web:
    """Implements fetching.Fetcher: what is published, and what was asked for."""

    document: dict[str, Any] = field(default_factory=lambda: dict(GOOD))
    cache_control: str = "max-age=3600"
    error: Exception | None = None
    status: int = 200
    asked: list[Outbound] = field(default_factory=list)

    def fetch(self, outbound: Outbound) -> Fetched:
        self.asked.append(outbound)
        if self.error:
            raise self.error
        return Fetched(
            status=self.status,
            content_type="application/json",
            cache_control=self.cache_control,
            body=json.dumps({**self.document, "client_id": outbound.url}),
        )


@dataclass
class Scene:
    """A server that takes documents, and the web."""

    world: World
    web: Web = field(default_factory=Web)
    settings: Settings = OPEN

    @property
    def server(self) -> Server:
        return self.world.server._replace(settings=self.settings)

    def known(self, url: str = URL) -> App | None:
        found: App | None = self.world.store.read(app_key(url))[0]
        return found

    def app(self, url: str = URL, *, now: float = NOW, **who: Any) -> App:
        """Return the app of a request, as the authorization endpoint finds it."""
        check_accepted(url, self.settings)
        known = self.known(url)
        if not needs_fetch(known, now):
            assert known is not None
            return known
        who = {"user": ALICE, "source_ip": "192.0.2.7", **who}
        return fetched_app(self.server, lambda: self.web, url, known, **who, now=now)


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def refusal(scene: Scene, error: type[OAuthError] = InvalidRequest, **asked: Any) -> OAuthError:
    with pytest.raises(error) as caught:
        scene.app(**asked)
    return caught.value


def test_a_document_becomes_a_public_app_without_an_owner(scene: Scene) -> None:
    app = scene.app()

    assert app == scene.known()
    assert (app.client_id, app.identifier, app.document_url) == (app_id(URL), URL, URL)
    assert (app.owner, app.is_stranger, app.status, app.confidential) == (DOCUMENTS, True, ACTIVE, False)
    assert (app.name, app.url, list(app.redirect_uris)) == ("Good client", "", GOOD["redirect_uris"])
    assert app.grant_types == ("authorization_code", "refresh_token")
    assert (app.fresh_until, app.version, app.created_at) == (NOW + HOUR, 1, NOW)


def test_what_is_fetched_is_the_document_and_nothing_else(scene: Scene) -> None:
    scene.web.document |= {"logo_uri": "https://evil.example.test/", "jwks_uri": "https://evil.example.test/"}

    scene.app()

    assert scene.web.asked == [Outbound(method="GET", url=URL, accept=("application/json",), most_bytes=5120)]


def test_strangers_get_no_restricted_scope_until_an_administrator_marks_it(scene: Scene) -> None:
    scene.settings = replace(OPEN, restricted_scopes=Scope.of("admin"))

    app = scene.app()

    assert not asks_for_more(app, scene.settings)
    assert scope_for_user(app, ALICE.user_id, None, scene.settings) == Scope.of("read", "write")
    marked = replace(app, marked_scope=Scope.of("admin"))
    assert scope_for_user(marked, ALICE.user_id, None, scene.settings) == Scope.of("read", "write", "admin")


# Caching


def test_a_document_is_fetched_again_when_it_is_no_longer_fresh(scene: Scene) -> None:
    first = scene.app()

    assert scene.app(now=NOW + HOUR - 1) == first
    assert len(scene.web.asked) == 1
    assert scene.app(now=NOW + HOUR) == replace(first, fresh_until=NOW + 2 * HOUR)
    assert len(scene.web.asked) == 2


def test_a_date_of_a_clock_that_was_set_back_is_not_trusted(scene: Scene) -> None:
    scene.app()

    assert needs_fetch(scene.known(), NOW + HOUR - 86400 - 1)
    assert not needs_fetch(scene.known(), NOW + HOUR - 86400)


def test_a_record_is_kept_until_all_that_was_granted_while_it_was_fresh_has_ended(scene: Scene) -> None:
    app = scene.app()

    ended = NOW + HOUR + 600 + 60 + 30 * 86400 + 86700
    assert scene.world.store.goes_at == {app.client_id: ended}
    scene.app(now=NOW + HOUR)
    assert scene.world.store.goes_at == {app.client_id: ended + HOUR}


@pytest.mark.parametrize("error", [FetchFailed("no response in time"), FetchRefused("the URL is not https")])
def test_s232_a_fetch_that_fails_leaves_nothing_and_an_old_record_counts_no_longer(
    scene: Scene, error: Exception
) -> None:
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
    scene.web.status = 404

    refused = refusal(scene)

    assert refused.description.endswith("can't be used: the response is not one of status 200")
    assert scene.known() is None
    assert scene.world.store.goes_at == {}


def test_two_requests_that_fetch_at_once_agree(scene: Scene) -> None:
    first = scene.app()
    kept = fetched_app(scene.server, lambda: scene.web, URL, None, user=ALICE, source_ip="", now=NOW)
    assert kept == first

    with pytest.raises(TemporarilyUnavailable):
        fetched_app(scene.server, lambda: scene.web, URL, None, user=ALICE, source_ip="", now=NOW + HOUR)


# Changes


@pytest.mark.parametrize("change", [{"redirect_uris": ["https://app.example.test/new"]}, {"client_name": "New"}])
def test_s222_a_changed_document_voids_what_was_approved(scene: Scene, change: dict[str, Any]) -> None:
    first = scene.app()
    scene.web.document |= change

    changed = scene.app(now=NOW + HOUR)

    assert first.approvals_valid_from == 0
    assert (changed.approvals_valid_from, changed.version) == (NOW + HOUR, 2)
    assert (changed.name, changed.redirect_uris) != (first.name, first.redirect_uris)
    assert changed == scene.known()


def test_s222_a_changed_document_keeps_what_administrators_decided(scene: Scene) -> None:
    app = scene.app()
    store = scene.world.store
    granted = replace(app, marked_scope=Scope.of("admin"), version=2)
    store.set_app_scopes(granted, before=app, revocation=None)
    scene.web.document["client_name"] = "New"

    changed = scene.app(now=NOW + HOUR)

    assert (changed.marked_scope, changed.version, changed.name) == (Scope.of("admin"), 3, "New")


def test_an_app_that_may_no_longer_refresh_keeps_its_approvals(scene: Scene) -> None:
    scene.app()
    scene.web.document["grant_types"] = ["authorization_code"]

    changed = scene.app(now=NOW + HOUR)

    assert (changed.grant_types, changed.version, changed.approvals_valid_from) == (("authorization_code",), 2, 0)


# Policy


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


# Limits


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


def test_s223_a_thousand_unknown_documents_are_fetched_in_an_hour_and_known_ones_go_on(scene: Scene) -> None:
    start = NOW // HOUR * HOUR
    scene.app(now=start - HOUR)
    scene.web.error = FetchFailed("no connection")
    for number in range(1000):
        refusal(
            scene,
            url=f"{URL}a",
            user=replace(ALICE, user_id=f"{number}"),
            source_ip=f"192.0.{number // 200}.1" if number % 200 < 100 else f"198.51.{number // 200}.1",
            now=start,
        )

    refusal(
        scene, TooManyAttempts, url=f"{URL}a", user=replace(ALICE, user_id="new"), source_ip="203.0.113.1", now=start
    )
    scene.web.error = None
    assert scene.app(now=start, user=replace(ALICE, user_id="new"), source_ip="203.0.113.1").fresh_until == start + HOUR


# Other endpoints


def test_an_app_is_known_at_the_token_endpoint_by_its_url_alone(scene: Scene) -> None:
    app = scene.app()

    assert authenticated_app(app, Credentials(URL, None, basic=False), NOW) == app
    with pytest.raises(OAuthError):
        authenticated_app(app, Credentials(app.client_id, None, basic=False), NOW)
    with pytest.raises(OAuthError) as caught:
        authenticated_app(None, Credentials(f"{URL}x", None, basic=False), NOW)
    assert caught.value.facts["client_id"] == app_id(f"{URL}x")
