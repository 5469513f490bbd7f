"""The authentication of apps: by one of their secrets, or by none (S52, S56, S57, S58)."""

from __future__ import annotations

import pytest

from gatepost.errors import InvalidClient, UnauthorizedClient
from gatepost.identifiers import digest
from gatepost.model.records import App
from gatepost.oauth.client_authentication import Credentials, authenticated, check_grant_type
from tests.unit.clients.shop import TWO_SECRETS
from tests.unit.world import NATIVE, NOW, SECRET, WEB, native_app, web_app


@pytest.mark.parametrize("basic", [True, False])
@pytest.mark.parametrize("secret", ["old", "new"])
def test_s58_each_living_secret_proves_the_app(secret: str, basic: bool) -> None:
    credentials = Credentials(client_id=WEB, client_secret=secret, basic=basic)

    assert authenticated(TWO_SECRETS, credentials, NOW).app is TWO_SECRETS


@pytest.mark.parametrize("basic", [True, False])
@pytest.mark.parametrize(
    ("app", "secret"),
    [
        (None, SECRET),
        (web_app(), None),
        (web_app(), ""),
        (web_app(), "null"),
        (web_app(), "None"),
        (web_app(), SECRET[:-1]),
        (web_app(), SECRET + "x"),
        (web_app(), SECRET.upper()),
        (web_app(), SECRET + "\x00"),
        (web_app(), digest(SECRET)),
        (web_app(), "x" * 6000),
        (web_app(secrets=()), ""),
        (web_app(status="pending"), SECRET),
        (web_app(status="deactivated"), SECRET),
        (native_app(status="deactivated"), None),
        (native_app(), "invented"),
        (native_app(), ""),
    ],
)
def test_s52_s56_s57_everybody_else_is_refused_in_one_way(app: App | None, secret: str | None, basic: bool) -> None:
    with pytest.raises(InvalidClient) as caught:
        authenticated(app, Credentials(client_id=WEB, client_secret=secret, basic=basic), NOW)
    assert caught.value.description == "client_id is unknown, or the credentials of the app are wrong"
    assert (caught.value.status, caught.value.challenge) == (401, basic)


def test_s57_a_public_app_has_nothing_to_say_in_the_header() -> None:
    with pytest.raises(InvalidClient):
        authenticated(native_app(), Credentials(client_id=NATIVE, client_secret=None, basic=True), NOW)


@pytest.mark.parametrize(("secret", "reason"), [(None, "no secret"), ("", "no secret"), ("other", "wrong secret")])
def test_a_request_without_a_secret_is_no_guess(secret: str | None, reason: str) -> None:
    with pytest.raises(InvalidClient) as caught:
        authenticated(web_app(), Credentials(client_id=WEB, client_secret=secret, basic=False), NOW)
    assert caught.value.reason == reason


@pytest.mark.parametrize(("client_id", "logged"), [(WEB, WEB), (SECRET, "malformed"), ("", "malformed")])
def test_what_stands_where_the_key_should_is_logged_only_if_it_can_be_one(client_id: str, logged: str) -> None:
    with pytest.raises(InvalidClient) as caught:
        authenticated(None, Credentials(client_id=client_id, client_secret=SECRET, basic=False), NOW)
    assert caught.value.facts == {"client_id": logged}


def test_s57_a_public_app_proves_nothing() -> None:
    app = native_app()

    assert authenticated(app, Credentials(client_id=NATIVE, client_secret=None, basic=False), NOW).app is app


def test_s60_a_grant_that_the_owner_did_not_tick_is_refused() -> None:
    app = web_app(grant_types=("authorization_code",))

    check_grant_type(app, "authorization_code")
    with pytest.raises(UnauthorizedClient):
        check_grant_type(app, "password")
