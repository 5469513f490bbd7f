"""Requests that no route takes, and those by HEAD."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatepost.http.entry_point import endpoint
from gatepost.http.no_route import meant_path, methods_at, no_route
from gatepost.http.request import Request, parse_event
from gatepost.http.response import Response, json_response


def request(method: str, path: str) -> Request:
    return parse_event({"rawPath": path, "requestContext": {"stage": "$default", "http": {"method": method}}})


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/authorization/token", ("POST",)),
        ("/developer/auth", ("GET", "POST")),  # a GET may bring a code, so no HEAD stands for it
        ("/authorization/register/x", ("DELETE", "GET", "HEAD", "PUT")),
        *(("/developer/apps/new", ("GET", "HEAD")), ("/", ("GET", "HEAD"))),
        *((path, ()) for path in ("/authorization/token/", "/authorization/register/", "/authorization", "", "/x/y")),
        ("/demo/read", ()),  # which may not be deployed
    ],
)
def test_s374_the_methods_of_a_path_are_those_of_its_routes(path: str, methods: tuple[str, ...]) -> None:
    assert methods_at(path) == methods


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/authorization/token/", "/authorization/token"),
        ("//authorization//token", "/authorization/token"),
        ("/Authorization/Token", "/authorization/token"),
        ("/developer/", "/developer"),
        ("/consumer/app/<script>/", "/consumer/app/{client_id}"),
        *((path, "") for path in ("/authorization/token", "/elsewhere/", "//evil.example/", "/", "//")),
    ],
)
def test_s374_a_path_is_meant_if_slashes_or_letter_case_alone_differ(path: str, meant: str) -> None:
    assert meant_path(path) == meant


@pytest.mark.parametrize(
    ("method", "path", "status", "allow", "body"),
    [
        ("GET", "/authorization/token", 405, "OPTIONS, POST",
         {"error": "method_not_allowed", "error_description": "this address takes POST"}),
        ("OPTIONS", "/authorization/token", 204, "OPTIONS, POST", None),
        ("OPTIONS", "/nowhere", 404, None, {"error": "not_found", "error_description": "nothing is at this address"}),
        ("POST", "/consumers", 404, None, {"error": "not_found", "error_description": "nothing is at this address"}),
        ("POST", "/consumer", 405, "GET, HEAD, OPTIONS",
         {"type": "about:blank", "title": "Method Not Allowed", "status": 405,
          "detail": "This address takes GET and HEAD."}),
        ("GET", "/consumer/app/", 404, None,
         {"type": "about:blank", "title": "Not Found", "status": 404,
          "detail": "Nothing is at this address; perhaps you meant /consumer/app."}),
    ],
)  # fmt: skip
def test_s374_a_program_is_told_what_an_address_takes(
    method: str, path: str, status: int, allow: str | None, body: dict[str, Any] | None
) -> None:
    answer = no_route(request(method, path))

    assert (answer.status, answer.headers.get("Allow")) == (status, allow)
    assert (json.loads(answer.body) if answer.body else None) == body
    assert ("problem" in answer.headers.get("Content-Type", "")) is (body is not None and "type" in body)


def test_s374_a_function_answers_head_as_get_and_logs_what_was_sent(capsys: pytest.CaptureFixture[str]) -> None:
    @endpoint("read")
    def handler(request: Request) -> Response:
        return json_response(200, {"method": request.method, "route": request.route_key})

    found = {}
    for key, method in (("HEAD /demo/read", "HEAD"), ("GET /demo/read", "GET"), ("ANY /{page+}", "HEAD")):
        answer = handler({"routeKey": key, "requestContext": {"http": {"method": method}}}, None)
        found[key] = tuple(json.loads(answer["body"]).values())
        assert ("Access-Control-Allow-Origin" in answer["headers"]) is ("demo" in key)

    read = ("GET", "GET /demo/read")
    assert found == {"HEAD /demo/read": read, "GET /demo/read": read, "ANY /{page+}": ("HEAD", "ANY /{page+}")}
    assert [json.loads(line)["method"] for line in capsys.readouterr().out.splitlines()] == ["HEAD", "GET", "HEAD"]
