"""What an owner is told of requests that were not refused."""

from __future__ import annotations

from gatepost.clients.refused_requests import problem_of
from gatepost.clients.unheeded import unheeded
from gatepost.scope import Scope
from tests.unit.world import NOW, SETTINGS, web_app


def test_dropped_scopes_are_told_by_cause_and_parameters_by_name() -> None:
    app = web_app(scope=Scope.of("read"))
    dropped = Scope.of("read", "write", "writ")
    found = [
        problem_of(each, "token", NOW)
        for each in unheeded(app, dropped, {"audience", "promt", "x" * 41}, SETTINGS, proven=True)
    ]

    assert [(each.error, each.reason.partition(".")[0], each.detail, each.proven) for each in found if each] == [
        ("", "The server does not have this scope", "writ", True),
        ("", "The app does not have this scope", "write", True),
        ("", "An administrator or an account's limit does not allow this scope", "read", True),
        ("", "audience is ignored", "", True),
        ("", "The server does not have these parameters, and ignores them", "promt", True),
    ]


def test_a_request_of_which_all_is_heeded_tells_nothing() -> None:
    assert unheeded(web_app(), Scope(), (), SETTINGS, proven=True) == ()
