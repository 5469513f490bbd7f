"""An app is told of a logout by one request, and a failure is final or tried again."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from gatepost.clients.refused_requests import problem_of
from gatepost.errors import OAuthError, TemporarilyUnavailable
from gatepost.identifiers import from_base64url
from gatepost.model.fetching import FetchFailed, FetchRefused, Outbound, Outcome
from gatepost.model.records import App
from gatepost.oidc.telling_apps import LogoutRefused, Receipt
from tests.unit.oidc.logouts import FIRST, SLOW, URI, prepared, told
from tests.unit.world import ALICE, NOW, WEB, World


@pytest.fixture(autouse=True)
def listening(world: World) -> App:
    return world.add_app(replace(world.web, backchannel_logout_uri=URI))


@pytest.mark.parametrize(("receipt", "seconds"), [(FIRST, 2.0), (SLOW, 5.0)])
def test_the_app_is_sent_the_logout_token_in_a_form(world: World, receipt: Receipt, seconds: float) -> None:
    request = told(world, 204, NOW, receipt=receipt).request

    assert replace(request, body="") == Outbound(
        method="POST", url=URI, content_type="application/x-www-form-urlencoded", seconds=seconds
    )
    (token,) = parse_qs(request.body, strict_parsing=True)["logout_token"]
    claims = json.loads(from_base64url(token.split(".")[1]))
    assert (claims["aud"], claims["sub"], claims["sid"]) == (WEB, ALICE.user_id, "sid-1")


def test_an_app_that_was_told_stands_in_the_log(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    told(world, 200, NOW)

    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (line["message"], line["level"], line["status"]) == ("logout.told", "INFO", 200)
    assert (line["client_id"], line["user_id"]) == (WEB, ALICE.user_id)


UNAVAILABLE, FAILED, REFUSED = "no response of the app", "the app's server failed", "the app refused the logout token"


@pytest.mark.parametrize(
    ("answer", "error", "reason", "detail"),
    [
        (FetchFailed("no answer in time"), TemporarilyUnavailable, UNAVAILABLE, "no answer in time"),
        (429, TemporarilyUnavailable, FAILED, "status 429"),
        (503, TemporarilyUnavailable, FAILED, "status 503"),
        (202, LogoutRefused, REFUSED, "status 202"),
        (499, LogoutRefused, REFUSED, "status 499"),
        (FetchRefused("not public"), LogoutRefused, "the app's URL may not be called", "not public"),
    ],
)
def test_an_app_that_was_not_told_is_asked_again_or_not_and_its_owner_learns_why(
    world: World, answer: int | Outcome, error: type[OAuthError], reason: str, detail: str
) -> None:
    with pytest.raises(error) as caught:
        told(world, answer, NOW)

    assert (caught.value.reason, caught.value.detail, caught.value.client_id) == (reason, detail, WEB)
    assert caught.value.facts == {"user_id": ALICE.user_id}
    problem = problem_of(caught.value, "backchannel_logout", NOW)
    assert problem is not None
    assert problem.proven
    assert problem.reason.startswith("The app was not notified of a logout")


def test_a_server_without_keys_tells_nobody_and_tries_again(world: World) -> None:
    world.keys.missing = True

    with pytest.raises(TemporarilyUnavailable):
        prepared(world, NOW)
