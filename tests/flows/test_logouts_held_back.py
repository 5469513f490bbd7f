"""Apps that hang hold back nobody else's logouts (S363); Lambda has room for as many batches as the queues allow."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gatepost.model.records import REGISTERED
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.conftest import TEST_SETTINGS
from tests.http.told_apps import OK, App, belongs_to, listening, signs_out, tell_at
from tests.people import Person, entered, new_person, reached
from tests.unit.http.other_side import OtherSide, answering


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with Deployment(overrides=TEST_SETTINGS, width=24) as running:
        yield running


def hanging(deployment: Deployment, person: Person, side: OtherSide, owner: str, *, host: str) -> App:
    """An app at a name of this machine: what is known of another name is not known of this one."""
    app = listening(deployment, person, side)
    belongs_to(deployment, app.client, owner)
    tell_at(deployment, app.client, f"http://{host}:{side.port}/logout")
    return app


def in_16_apps(deployment: Deployment, person: Person, side: OtherSide, owner: str) -> list[Browser]:
    browser = entered(deployment, person)
    for _ in range(16):
        hanging(deployment, person, side, owner, host="127.0.0.1").sign_in(browser)
    return [browser]


def in_16_browsers(deployment: Deployment, person: Person, side: OtherSide, owner: str) -> list[Browser]:
    app = hanging(deployment, person, side, owner, host="localhost")
    browsers = [entered(deployment, person) for _ in range(16)]
    for browser in browsers:
        app.sign_in(browser)
    return browsers


@pytest.mark.parametrize(("whose", "signed_into"), [("an owner's", in_16_apps), ("strangers'", in_16_browsers)])
def test_s363_apps_that_hang_hold_back_no_other_apps_first_notice(
    deployment: Deployment, whose: str, signed_into: Callable[[Deployment, Person, OtherSide, str], list[Browser]]
) -> None:
    attacker, person = new_person(deployment), new_person(deployment)
    browser = entered(deployment, person)
    with answering(OK) as side, answering(OK) as silent:
        silent.answer = silent.stay_silent
        owner = attacker.user.user_id if whose == "an owner's" else REGISTERED
        theirs = signed_into(deployment, attacker, silent, owner)
        app = listening(deployment, person, side)
        app.sign_in(browser)

        for each in theirs:
            signs_out(each)
        assert reached(lambda: bool(silent.requests))  # two batches of strangers before may hang
        signs_out(browser)

        app.logout()  # waits 30 seconds at most; one by one, what hangs for two or five of them would take 80
