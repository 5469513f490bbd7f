"""Races between processes on the local deployment; `make races` runs more of them, more often."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from gatepost.routes import METADATA
from infra.local.deployment import Deployment
from tests.security.races.__main__ import SETTINGS, Report, play
from tests.security.races.operations import GRANTS, NAMED, Operation
from tests.security.sending import Call

ISSUING = ("redeem", "refresh", "approve")
ENDING = (
    "revoke token", "disconnect", "disconnect all", "change password", "delete account", "deactivate user",
    "delete app", "deactivate app",
)  # fmt: skip
# where something was left behind, lived on or counted twice, and what owners and their apps could miss of each other
FOUND = (
    ("password grant", "change password"),
    ("password grant", "deactivate user"),
    ("sign in", "change password"),
    ("sign in", "delete account"),
    ("confirm address", "delete account"),
    ("create app", "delete account"),
    ("rename app", "delete app"),
    ("reactivate user", "delete account"),
    ("deactivate user", "disconnect all"),
    ("deactivate app", "activate app"),
    ("approve", "deny"),
    ("create app", "rename app"),
    ("create app", "deactivate user"),
    ("create app", "limit user"),
    ("hand over", "deactivate user"),
    ("hand over", "rename app"),
    ("deactivate user", "limit user"),
)
PAIRS = [*itertools.combinations_with_replacement(ISSUING, 2), *itertools.product(ISSUING, ENDING), *FOUND]


def _lie(ends: frozenset[str]) -> Operation:
    """An operation that says that it ended something, and did nothing."""
    call: Callable[..., Call] = lambda scene, director: Call(method="GET", path=METADATA.path)  # noqa: E731
    return Operation(name="a lie", call=call, ends=ends)


@pytest.fixture(scope="module")
def report() -> Report:
    pairs = [(NAMED[first], NAMED[second]) for first, second in PAIRS]
    with Deployment(overrides=SETTINGS, width=8) as racing:
        return play(racing, [*pairs, (NAMED["approve"], _lie(GRANTS))], rotating=True, seed=4)


def test_s40_s68_s73_whatever_races_nothing_lives_on_that_was_ended_and_nothing_is_left_behind(report: Report) -> None:
    assert [fault for fault in report.broken if "a lie" not in fault] == []
    assert report.rounds == len(PAIRS) + 1
    assert report.rotations > 2


def test_the_races_take_effect(report: Report) -> None:
    assert report.outcomes["create app × rename app"] == {"200 303": 1}


def test_the_judge_sees_what_lives_on(report: Report) -> None:
    assert "approve × a lie: the refreshed grant lives on: its access token is accepted" in report.broken
    assert "approve × a lie: the refreshed grant lives on: its refresh token is accepted" in report.broken
    assert "approve × a lie: a code from before is redeemed" in report.broken
