"""Rules of every operation of the consumer API: callers, bodies, headers, the log, failures."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from gatepost.errors import TemporarilyUnavailable
from gatepost.model.records import User
from gatepost.routes import ROUTES
from tests.unit.consumer.api import ALICE, CHANGE, PROBLEM, WEATHER, Api
from tests.unit.meanwhile import meanwhile, unavailable

PROTECTED = [route for route in ROUTES if route.function == "consumer" and route.protected]


READ_ONCE = [("GET", "/consumer/scope", None), ("GET", "/consumer/account", None)]
CALLS: list[tuple[str, str, Any]] = [
    *(("GET", "/consumer/app", None), ("POST", "/consumer/app", WEATHER), ("GET", "/consumer/app/x", None)),
    *(("PUT", "/consumer/app/x", CHANGE), ("DELETE", "/consumer/app/x", None)),
    *(("POST", "/consumer/app/x/secret", None), ("DELETE", "/consumer/app/x/secret/y", None)),
    *(("GET", "/consumer/grant", None), ("DELETE", "/consumer/grant/x", None)),
    *READ_ONCE,
]


def test_every_protected_route_is_called_here_and_needs_its_part_of_consumer() -> None:
    assert len(CALLS) == len(PROTECTED) == 11
    assert {str(route.scope) for route in PROTECTED} == {"consumer.account", "consumer.apps", "consumer.grants"}


@pytest.mark.parametrize(("method", "path", "document"), CALLS)
def test_s91_an_apps_own_token_is_403_whatever_cookie_is_sent(api: Api, method: str, path: str, document: Any) -> None:
    refused = api.call(method, path, document, user=None, if_match="*", cookie="__Host-session=x")

    assert (refused.status, refused.headers["content-type"]) == (403, PROBLEM)
    assert refused.json["detail"] == "This token is an app's own; a user must have granted it."
    assert not api.store._audit


@pytest.mark.parametrize("user", [ALICE._replace(user_id="gone-id"), ALICE._replace(status="deactivated")])
@pytest.mark.parametrize(("method", "path", "document"), CALLS)
def test_the_token_of_a_stopped_account_is_401(api: Api, method: str, path: str, document: Any, user: User) -> None:
    if user.status == "deactivated":
        api.change_user(ALICE, status="deactivated")
    refused = api.call(method, path, document, user=user, if_match="*")

    assert (refused.status, refused.headers["content-type"]) == (401, PROBLEM)
    assert refused.headers["www-authenticate"] == (
        'Bearer realm="gatepost", error="invalid_token", error_description="the token is not valid"'
    )
    assert not api.store._audit


@pytest.mark.parametrize(("method", "path", "document"), CALLS)
def test_s100_no_answer_may_be_kept_sniffed_or_read_elsewhere(api: Api, method: str, path: str, document: Any) -> None:
    answers = [
        api.call(method, path, document, user=user, if_match="*", origin="https://evil.test") for user in (ALICE, None)
    ]

    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not [name for name in answer.headers if name.startswith("access-control-") or name == "set-cookie"]


class _Failing:
    """A store whose calls fail, from the `skip`-th on."""

    def __init__(self, store: Any, error: Exception, skip: int) -> None:
        self._store, self._error, self._left = store, error, skip

    def __getattr__(self, name: str) -> Any:
        if self._left == 0:
            raise self._error
        self._left -= 1
        return getattr(self._store, name)


@pytest.mark.parametrize(
    ("method", "path", "document", "skip"),
    [(*call, 0) for call in CALLS] + [(*call, 1) for call in CALLS if call not in READ_ONCE],
)
def test_s106_a_store_that_fails_is_503(api: Api, method: str, path: str, document: Any, skip: int) -> None:
    api.store = _Failing(api.store, TemporarilyUnavailable("try again", reason="throttled"), skip)  # type: ignore
    refused = api.call(method, path, document, if_match="*")

    assert (refused.status, refused.headers["content-type"]) == (503, PROBLEM)
    assert refused.headers["retry-after"] == "2"
    assert refused.json["title"] == "Service Unavailable"


def test_an_audit_list_that_fails_does_not_undo_what_was_done(api: Api) -> None:
    api.store = meanwhile(api.store, unavailable, "record")
    assert api.call("POST", "/consumer/app", WEATHER).status == 201


Logged = Callable[[], tuple[list[Any], str]]


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Logged:
    """The lines that the function logged, and the text of these and of every other logger."""
    caplog.set_level(logging.DEBUG)

    def read() -> tuple[list[Any], str]:
        own = capsys.readouterr().out
        return [json.loads(line) for line in own.splitlines()], own + caplog.text

    return read


@pytest.mark.parametrize("skip", [0, 1])
def test_s104_an_unexpected_failure_is_500_without_what_was_sent(api: Api, logged: Logged, skip: int) -> None:
    api.store = _Failing(api.store, ValueError("s3cret-name was sent"), skip)  # type: ignore[assignment]
    refused = api.call("POST", "/consumer/app", {**WEATHER, "name": "s3cret-name"}, authorization="Bearer s3cret-name")
    (line,), text = logged()

    assert (refused.status, refused.headers["content-type"]) == (500, PROBLEM)
    assert refused.json["detail"] == "Something went wrong."
    assert line["message"] == "consumer.answered"
    assert (line["status"], line["reason"], line["error"]) == (500, "ValueError", "server_error")
    assert "s3cret-name" not in text + refused.text


def test_s104_one_line_a_request_with_ids_and_without_secrets(api: Api, logged: Logged) -> None:
    made = api.call("POST", "/consumer/app?cursor=s3cret", {**WEATHER, "name": "s3cret"}, authorization="Bearer s3cret")
    api.call("GET", "/consumer/app/s3cret", cookie="s3cret", if_none_match='"s3cret"')
    lines, text = logged()
    known = ("message", "endpoint", "method", "sub", "client_id", "status", "request_id")

    assert [tuple(line[name] for name in known) for line in lines if line["message"] != "audit.written"] == [
        ("consumer.answered", "consumer", "POST", "alice-id", "client-1", 201, "request-1"),
        ("consumer.answered", "consumer", "GET", "alice-id", "client-1", 404, "request-1"),
    ]
    assert "s3cret" not in text
    assert made.json["client_secret"] not in text
