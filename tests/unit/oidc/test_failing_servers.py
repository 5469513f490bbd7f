"""An app is told of a logout by one request, a failure is tried again or not, and a failing server is left alone."""

from __future__ import annotations

import contextlib
import json
from urllib.parse import parse_qs

import pytest

from gatepost.clients.refused_requests import problem_of
from gatepost.errors import OAuthError, TemporarilyUnavailable
from gatepost.identifiers import from_base64url
from gatepost.model.fetching import FetchFailed, FetchRefused, Outbound, Outcome
from gatepost.model.logout import LogoutNotice
from gatepost.model.records import DOCUMENTS, REGISTERED, App
from gatepost.oidc.failing_servers import failures_of
from gatepost.oidc.telling_apps import LogoutRefused, Receipt
from tests.raising import raised
from tests.unit.oidc.logouts import FIRST, NOTICE, SLOW, URI, Queue, prepared, told
from tests.unit.world import ALICE, NOW, OTHER, WEB, World

HANGS = FetchFailed("no answer in time")
OF_OTHER = NOTICE._replace(client_id=OTHER)
SECOND = SLOW._replace(attempt=2)


@pytest.fixture(autouse=True)
def app(world: World) -> App:
    return world.add_app(world.web._replace(owner="somebody", backchannel_logout_uri=URI))


@pytest.fixture
def other(world: World, app: App) -> App:
    return world.add_app(world.other._replace(owner=app.owner, backchannel_logout_uri="https://other.example.test/"))


def fails(
    world: World, now: float, notice: LogoutNotice = NOTICE, receipt: Receipt = FIRST, outcome: Outcome | int = HANGS
) -> None:
    with pytest.raises(TemporarilyUnavailable):
        told(world, outcome, now, notice, receipt)


def waits(world: World, now: float, notice: LogoutNotice = NOTICE) -> bool:
    """Whether a notice is not sent, because its server failed before; if it is, no response has come yet."""
    try:
        prepared(world, now, notice, SLOW)
    except TemporarilyUnavailable as error:
        return error.reason == "the app's server failed before"
    return False


@pytest.mark.parametrize("outcome", [HANGS, 429, 500, 503])
def test_s375_a_server_that_failed_is_left_alone_and_then_asked_once(world: World, outcome: Outcome | int) -> None:
    fails(world, NOW, outcome=outcome)

    assert waits(world, NOW)
    assert waits(world, NOW + 14)
    assert not waits(world, NOW + 15)
    assert waits(world, NOW + 15)


def test_s375_of_two_that_find_a_server_ready_to_be_asked_one_asks(world: World, app: App) -> None:
    fails(world, NOW)
    one, another = (failures_of(world.store, app, NOW + 15) for _ in range(2))

    one.admit(world.store, NOW + 15)
    with pytest.raises(TemporarilyUnavailable):
        another.admit(world.store, NOW + 15)


def test_the_pause_doubles_up_to_two_minutes(world: World) -> None:
    now, pauses = NOW, []
    fails(world, now)
    for _ in range(5):
        pauses.append(next(seconds for seconds in range(1, 999) if not waits(world, now + seconds)))
        now += pauses[-1]

    assert pauses == [15, 30, 60, 120, 120]


@pytest.mark.parametrize("status", [200, 204, 400])
def test_a_server_that_responds_again_is_asked_as_any_other(world: World, app: App, status: int) -> None:
    fails(world, NOW)
    with pytest.raises(LogoutRefused) if status == 400 else contextlib.nullcontext():
        told(world, status, NOW + 15, receipt=SLOW)

    assert failures_of(world.store, app, NOW + 15).of_server is None
    assert not waits(world, NOW + 15)
    assert not waits(world, NOW + 15)


@pytest.mark.parametrize("outcome", [200, 400, FetchRefused("not public"), FetchFailed("function fetch", here=True)])
def test_an_app_whose_server_did_not_fail_costs_no_write(world: World, app: App, outcome: Outcome | int) -> None:
    with contextlib.nullcontext() if outcome == 200 else pytest.raises(OAuthError, match="not told"):
        told(world, outcome, NOW)

    assert failures_of(world.store, app, NOW)[2:] == (None, None)


def test_failures_are_forgotten_after_an_hour(world: World, app: App) -> None:
    fails(world, NOW)

    assert failures_of(world.store, app, NOW + 3599).of_server is not None
    assert failures_of(world.store, app, NOW + 3600)[2:] == (None, None)


def test_s375_nobody_closes_a_host_to_the_apps_of_others(world: World) -> None:
    world.add_app(world.other._replace(owner="an attacker", backchannel_logout_uri=f"{URI}/fails"))
    fails(world, NOW, OF_OTHER)

    assert waits(world, NOW + 1, OF_OTHER)
    assert not waits(world, NOW + 1)


def test_s375_strangers_share_what_is_known_of_a_host(world: World, app: App) -> None:
    world.add_app(app._replace(owner=REGISTERED))
    world.add_app(world.other._replace(owner=DOCUMENTS, backchannel_logout_uri=f"{URI}/fails"))
    fails(world, NOW, OF_OTHER, SLOW)

    assert waits(world, NOW + 1)


def test_another_host_of_the_same_owner_is_asked(world: World, other: App) -> None:
    fails(world, NOW, OF_OTHER)

    assert not waits(world, NOW + 1)


def test_s363_an_owner_whose_apps_failed_three_times_is_not_among_the_first(world: World, other: App) -> None:
    slow = Queue()
    for at in (0, 15, 45):
        assert prepared(world, NOW + at) is not None
        fails(world, NOW + at, OF_OTHER)

    assert prepared(world, NOW + 46, slow=slow) is None
    assert slow.sent == [(NOTICE, 0)]
    assert prepared(world, NOW + 46, receipt=SLOW) is not None
    assert prepared(world, NOW + 45 + 3600) is not None


@pytest.mark.parametrize("owner", [DOCUMENTS, REGISTERED])
def test_s363_a_stranger_is_not_among_the_first_and_has_two_tries(world: World, app: App, owner: str) -> None:
    world.add_app(app._replace(owner=owner))
    slow = Queue()

    assert prepared(world, NOW, slow=slow) is None
    assert slow.sent == [(NOTICE, 0)]
    fails(world, NOW, receipt=SLOW)
    caught = raised(LogoutRefused, told, world, HANGS, NOW + 120, receipt=SECOND)
    assert (caught.reason, caught.detail) == ("no response of the app", "no answer in time")
    caught = raised(LogoutRefused, prepared, world, NOW + 121, receipt=SECOND)
    assert caught.reason == "the app's server failed before"


def test_an_app_that_somebody_vouches_for_is_tried_as_often_as_its_queue_says(world: World) -> None:
    fails(world, NOW, receipt=SLOW._replace(attempt=4))


# One request


@pytest.mark.parametrize(("receipt", "seconds"), [(FIRST, 2.0), (SLOW, 5.0)])
def test_the_app_is_sent_the_logout_token_in_a_form(world: World, receipt: Receipt, seconds: float) -> None:
    request = told(world, 204, NOW, receipt=receipt).request

    assert request._replace(body="") == Outbound(
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
    caught = raised(error, told, world, answer, NOW)
    assert (caught.reason, caught.detail, caught.client_id) == (reason, detail, WEB)
    assert caught.facts == {"user_id": ALICE.user_id}
    problem = problem_of(caught, "backchannel_logout", NOW)
    assert problem is not None
    assert problem.proven
    assert problem.reason.startswith("The app was not notified of a logout")


def test_a_server_without_keys_tells_nobody_and_tries_again(world: World) -> None:
    world.keys.missing = True

    with pytest.raises(TemporarilyUnavailable):
        prepared(world, NOW)
