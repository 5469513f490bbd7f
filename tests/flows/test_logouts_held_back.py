"""Apps that hang hold back nobody else's logouts (S363); Lambda has room for as many batches as the queues allow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from gatepost.model.records import REGISTERED
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.conftest import TEST_SETTINGS
from tests.http.told_apps import OK, belongs_to, listening, reached, signs_out
from tests.people import Person, entered, new_person
from tests.unit.http.other_side import OtherSide, answering

WAITS = 20  # seconds; it is less than two, and sixteen requests that hang for five each, one after the other, are 80


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with Deployment(overrides=TEST_SETTINGS, width=16) as running:
        yield running


def in_16_apps(deployment: Deployment, person: Person, side: OtherSide, owner: str) -> list[Browser]:
    browser = entered(deployment, person)
    for _ in range(16):
        app = listening(deployment, person, side)
        belongs_to(deployment, app.client, owner)
        app.sign_in(browser)
    return [browser]


def in_16_browsers(deployment: Deployment, person: Person, side: OtherSide, owner: str) -> list[Browser]:
    app = listening(deployment, person, side)
    belongs_to(deployment, app.client, owner)
    browsers = [entered(deployment, person) for _ in range(16)]
    for browser in browsers:
        app.sign_in(browser)
    return browsers


@pytest.mark.parametrize(
    ("whose", "signed_into"),
    [("an owner's", in_16_apps), ("an owner's", in_16_browsers), ("strangers'", in_16_apps)],
)
def test_s363_apps_that_hang_hold_back_no_other_apps_first_notice(
    deployment: Deployment, whose: str, signed_into: Callable[[Deployment, Person, OtherSide, str], list[Browser]]
) -> None:
    attacker, person = new_person(deployment), new_person(deployment)
    browser = entered(deployment, person)
    with answering(OK) as side, answering(OK) as hanging:
        hanging.answer = hanging.stay_silent
        owner = attacker.user.user_id if whose == "an owner's" else REGISTERED
        theirs = signed_into(deployment, attacker, hanging, owner)
        app = listening(deployment, person, side)
        app.sign_in(browser)

        for each in theirs:
            signs_out(each)
        assert reached(lambda: bool(hanging.requests))
        began = time.monotonic()
        signs_out(browser)

        app.logout(seconds=60)
        assert time.monotonic() - began < WAITS
