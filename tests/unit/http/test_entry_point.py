"""Refused requests: told once the response is made, which nothing changes then, and when they may come again."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from gatepost.errors import (
    AnswerError,
    InvalidGrant,
    OAuthError,
    ServerError,
    TemporarilyUnavailable,
    TooManyAttempts,
    about,
)
from gatepost.http.entry_point import Refused, Renderer, endpoint, render_json
from gatepost.http.request import Event, Request
from gatepost.http.response import Response, html_response, json_response

EVENT = {"rawPath": "/x", "requestContext": {"requestId": "r1"}}


def refusal() -> OAuthError:
    return about(InvalidGrant("not valid", reason="expired", detail="sent a"), "the app", proven=True)


def answered(raised: Exception | None, refused: Refused, *, seconds: float = 0) -> dict[str, object]:
    @endpoint("token", refused=refused)
    def handler(request: Request) -> Response:
        time.sleep(seconds)
        if raised is not None:
            raise raised
        return json_response(200, {})

    return dict(handler(dict(EVENT), None))


def unable(endpoint: str, error: OAuthError, now: float) -> None:
    raise TemporarilyUnavailable("try again", reason="DynamoDB: down")


def broken(endpoint: str, error: OAuthError, now: float) -> None:
    raise KeyError("a secret")


def test_an_error_is_told_with_its_endpoint_also_one_that_is_sent_to_the_app() -> None:
    told: list[tuple[str, OAuthError]] = []

    def keep(endpoint: str, error: OAuthError, now: float) -> None:
        told.append((endpoint, error))

    first, second = refusal(), refusal()
    answered(first, keep)
    answered(AnswerError("https://client.example.test/cb?error=x", second), keep)

    assert answered(None, keep)["statusCode"] == 200
    assert answered(RuntimeError("x"), keep)["statusCode"] == 500
    assert told == [("token", first), ("token", second)]  # nothing of a success or a failure of ours


@pytest.mark.parametrize("refused", [unable, broken])
def test_s154_an_unwritten_problem_changes_no_response(refused: Refused, capsys: pytest.CaptureFixture[str]) -> None:
    def silent(endpoint: str, error: OAuthError, now: float) -> None:
        pass

    assert answered(refusal(), refused) == answered(refusal(), silent)
    first, line, _ = (json.loads(each) for each in capsys.readouterr().out.splitlines())
    assert first["message"] == "problem.not_noted"
    assert first["reason"] in ("DynamoDB: down", "KeyError")
    assert (line["client_id"], line["reason"], line["detail"]) == ("the app", "expired", "sent a")


def test_s154_a_request_that_took_a_second_gets_its_response_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now, told = [0.0], list[str]()
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def takes(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(time, "sleep", takes)
    for seconds in (0.99, 1.0):
        assert answered(refusal(), lambda endpoint, *_: told.append(endpoint), seconds=seconds)["statusCode"] == 400
    assert told == ["token"]


def as_page(error: OAuthError, request: Request) -> Response:
    return html_response(error.status, "", "")


def headers(error: Exception, render: Renderer) -> dict[str, Any]:
    @endpoint("test", render)
    def handler(request: Request) -> Response:
        raise error

    event: Event = {}
    found: dict[str, Any] = handler(event, None)["headers"]
    return found


@pytest.mark.parametrize("render", [render_json, as_page])
def test_s106_an_error_that_passes_says_when_to_come_back_and_one_that_stays_does_not(render: Renderer) -> None:
    assert headers(TemporarilyUnavailable("try again"), render)["Retry-After"] == "2"
    assert headers(TooManyAttempts(17), render)["Retry-After"] == "17"
    for error in (InvalidGrant("no"), ServerError("no"), ValueError("no")):
        assert "Retry-After" not in headers(error, render)
