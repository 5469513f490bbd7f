"""Logout that apps request: who is asked, and where the browser may go (RP-Initiated Logout 1.0 §2, §3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.errors import InvalidRequest
from gatepost.model.feed import PublicKey
from gatepost.model.records import DOCUMENTS
from gatepost.oidc.id_token import Hint
from gatepost.oidc.logout_request import LogoutRequest, checked_logout, hint_in
from gatepost.tokens.access_token import Signer, signed
from tests.fakes import MemoryStore
from tests.unit.oidc.test_id_tokens import id_token
from tests.unit.world import ALICE, CALLBACK, NOW, OTHER, SETTINGS, WEB, web_app

BYE, LOCAL = "https://client.example.test/bye?from=gatepost", "http://127.0.0.1/bye"
APP = web_app(post_logout_redirect_uris=(BYE, LOCAL))
HINT = Hint(sub=ALICE.user_id, client_id=WEB)


def location(uri: str, **more: str) -> str:
    return checked_logout(HINT, APP, {"post_logout_redirect_uri": uri, **more}).location


def hinted(token: str | None, *keys: PublicKey, now: float = NOW) -> Hint | None:
    store = MemoryStore()
    for key in keys:
        store.publish_key(key)
    return hint_in({} if token is None else {"id_token_hint": token}, store, SETTINGS, now)


def test_s203_s204_an_id_token_is_a_hint_for_ever_and_nothing_else_is_one(
    signer: Signer, public_key: PublicKey
) -> None:
    token = id_token(signer)
    logout = signed(signer, "logout+jwt", {"iss": SETTINGS.issuer, "sub": ALICE.user_id, "aud": WEB, "iat": NOW})

    assert hinted(token, public_key) == hinted(token, public_key, now=NOW + 86400 * 365) == HINT
    assert [hinted(each, public_key) for each in (None, "nonsense", f"{token}x", logout)] == [None] * 4
    assert hinted(token) is None


def test_a_hint_speaks_for_its_user_alone() -> None:
    asked = checked_logout(HINT, APP, {"client_id": WEB})

    assert asked == LogoutRequest(app=APP, user_id=ALICE.user_id, location="")
    assert asked.means(ALICE)
    assert not asked.means(replace(ALICE, user_id="bob-id"))


def test_a_request_without_a_hint_or_a_living_app_is_nobodys_and_leads_nowhere() -> None:
    parameters = {"client_id": WEB, "post_logout_redirect_uri": BYE, "state": "s"}
    stopped = [replace(APP, status="deactivated"), replace(APP, owner_stopped=True), None]

    for asked in (checked_logout(None, APP, parameters), *(checked_logout(HINT, app, parameters) for app in stopped)):
        assert asked == LogoutRequest()
        assert not asked.means(ALICE)


def test_state_goes_back_as_it_came_and_only_the_port_of_a_loopback_address_may_differ() -> None:
    assert location(BYE, state="a b&c=\N{SNOWMAN}") == f"{BYE}&state=a%20b%26c%3D%E2%98%83"
    assert location(LOCAL, state="s") == f"{LOCAL}?state=s"
    assert location(BYE) == BYE
    assert location("http://127.0.0.1:4711/bye") == "http://127.0.0.1:4711/bye"


@pytest.mark.parametrize(
    "uri",
    [
        *(f"{BYE}&x=1", BYE.partition("?")[0], BYE.upper(), f"{BYE}#here", f" {BYE}", "//client.example.test/bye"),
        *("http://127.0.0.1:4711/other", "http://localhost/bye", "javascript:alert(1)", CALLBACK, APP.url),
    ],
)
def test_another_uri_is_refused(uri: str) -> None:
    with pytest.raises(InvalidRequest, match="not registered") as refused:
        location(uri)

    assert (refused.value.client_id, refused.value.proven) == (WEB, False)


def test_redirect_uris_of_sign_ins_are_none_of_logouts() -> None:
    """Without registered URIs, redirect URIs of sign-ins would follow the app's url."""
    app = web_app(redirect_uris=(), post_logout_redirect_uris=())

    with pytest.raises(InvalidRequest, match="not registered"):
        checked_logout(HINT, app, {"post_logout_redirect_uri": CALLBACK})


def test_a_client_id_has_to_be_that_of_the_hint_which_is_its_url_if_a_document_describes_the_app() -> None:
    url = "https://app.example.test/client.json"
    described = replace(APP, owner=DOCUMENTS, document_url=url)

    assert checked_logout(HINT, described, {"client_id": url}).app == described
    for app, client_id in ((APP, OTHER), (described, described.client_id)):
        with pytest.raises(InvalidRequest, match="client_id is not the app"):
            checked_logout(HINT, app, {"client_id": client_id})
