"""Apps by the URL of a metadata document: fetches, records, changes (S232, S222)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.clients.documents import fetched_app, needs_fetch
from gatepost.clients.scopes import asks_for_more, scope_for_user
from gatepost.errors import OAuthError, TemporarilyUnavailable
from gatepost.identifiers import app_id
from gatepost.model.fetching import FetchFailed, FetchRefused, Outbound
from gatepost.model.records import ACTIVE, DOCUMENTS
from gatepost.oauth.client_authentication import Credentials, authenticated
from gatepost.oauth.redirect_differences import UnprovenRedirectURI
from gatepost.oauth.redirect_uris import proven_redirect_uri
from gatepost.scope import Scope
from tests.unit.clients.documents import GOOD, HOUR, OPEN, URL, Scene, refusal
from tests.unit.world import ALICE, NOW


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
    asked: Any = {"user": ALICE, "source_ip": "", "changed": lambda *_: None}
    kept = fetched_app(scene.server, lambda: scene.web, URL, None, **asked, now=NOW)
    assert kept == first

    with pytest.raises(TemporarilyUnavailable):
        fetched_app(scene.server, lambda: scene.web, URL, None, **asked, now=NOW + HOUR)


# Redirect URIs of no use here


def test_s232_a_redirect_uri_that_was_left_out_opens_nothing(scene: Scene) -> None:
    scene.web.document["redirect_uris"] = ["cursor://callback", "https://app.example.test/cb", "http://evil.test/cb"]

    app = scene.app()

    assert app.redirect_uris == ("https://app.example.test/cb",)
    assert proven_redirect_uri(app, "https://app.example.test/cb") == "https://app.example.test/cb"
    for unusable in ("cursor://callback", "http://evil.test/cb", "https://evil.test/cb"):
        with pytest.raises(UnprovenRedirectURI):
            proven_redirect_uri(app, unusable)


def test_another_redirect_uri_that_is_left_out_voids_nothing(scene: Scene) -> None:
    first = scene.app()
    scene.web.document["redirect_uris"] = ["cursor://callback", *GOOD["redirect_uris"]]

    assert scene.app(now=NOW + HOUR) == replace(first, fresh_until=NOW + 2 * HOUR)


def test_s232_a_document_without_a_usable_redirect_uri_is_not_kept(scene: Scene) -> None:
    scene.web.document["redirect_uris"] = ["cursor://callback", "http://app.example.test/cb"]

    assert "redirect URI 1 must use https" in str(refusal(scene).description)
    assert scene.known() is None


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


def test_an_app_that_may_no_longer_refresh_keeps_its_approvals(scene: Scene) -> None:
    scene.app()
    scene.web.document["grant_types"] = ["authorization_code"]

    changed = scene.app(now=NOW + HOUR)

    assert (changed.grant_types, changed.version, changed.approvals_valid_from) == (("authorization_code",), 2, 0)


# Other endpoints


def test_an_app_is_known_at_the_token_endpoint_by_its_url_alone(scene: Scene) -> None:
    app = scene.app()

    assert authenticated(app, Credentials(URL, None, basic=False), NOW).app == app
    with pytest.raises(OAuthError):
        authenticated(app, Credentials(app.client_id, None, basic=False), NOW)
    with pytest.raises(OAuthError) as caught:
        authenticated(None, Credentials(f"{URL}x", None, basic=False), NOW)
    assert caught.value.facts["client_id"] == app_id(f"{URL}x")


def test_the_log_says_which_limit_of_fetches_was_reached(scene: Scene) -> None:
    scene.web.error = FetchFailed("no connection")
    for number in range(100):
        refusal(scene, user=replace(ALICE, user_id=f"{number // 25}"))

    assert refusal(scene, OAuthError, user=replace(ALICE, user_id="new")).facts == {"fetches": "network"}


def test_s232_a_fault_of_the_url_itself_is_said_before_that_of_its_host(scene: Scene) -> None:
    scene.settings = replace(OPEN, client_id_document_domains=("other.example.test",))

    assert refusal(scene, url=f"{URL}?a=b").description == "client_id can't be used: the URL has a query"
