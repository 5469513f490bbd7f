"""API Gateway's checks before a function is invoked: authorizers, limits, CORS; on the local front."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable

import pytest
import requests

from tests.http.served import Served


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_without_an_identity_the_authorizer_is_not_asked(fresh: Callable[..., Served]) -> None:
    served = fresh()
    for headers in ({}, {"Authorization": ""}):
        answer = served.get("/protected", headers=headers)
        assert (answer.status_code, answer.text) == (401, '{"message":"Unauthorized"}')
    allowed = served.event("/protected", headers=bearer("good"))
    assert allowed["requestContext"]["authorizer"]["lambda"]["calls"] == 1


def test_the_route_gets_what_the_authorizer_says(fresh: Callable[..., Served]) -> None:
    event = fresh().event("/protected", headers=bearer("good"))
    assert event["requestContext"]["authorizer"]["lambda"] == {
        "calls": 1, "identity": ["Bearer good", "GET /protected"], "type": "REQUEST", "body": False,
    }  # fmt: skip


def test_a_denied_token_is_403(fresh: Callable[..., Served]) -> None:
    answer = fresh().get("/protected", headers=bearer("bad"))
    assert (answer.status_code, answer.text) == (403, '{"message":"Forbidden"}')


@pytest.mark.parametrize("token", ["broken", "odd"])
def test_an_authorizer_that_decides_nothing_opens_nothing(fresh: Callable[..., Served], token: str) -> None:
    answer = fresh().get("/protected", headers=bearer(token))
    assert (answer.status_code, answer.text) == (500, '{"message":"Internal Server Error"}')


def test_a_decision_is_kept_for_its_time_and_for_its_route(fresh: Callable[..., Served]) -> None:
    served = fresh()

    def calls(path: str) -> int:
        context = served.event(path, headers=bearer("good"))["requestContext"]["authorizer"]["lambda"]
        number: int = context["calls"]
        return number

    assert [calls("/protected"), calls("/protected"), calls("/protected2")] == [1, 1, 2]
    served.now += 5.1
    assert calls("/protected") == 3


def test_requests_above_the_limit_of_a_route_are_429(fresh: Callable[..., Served]) -> None:
    served = fresh()
    assert [served.get("/limited").status_code for _ in range(3)] == [200, 200, 429]
    assert served.get("/limited").text == '{"message":"Too Many Requests"}'
    assert served.get("/echo").status_code == 200
    served.now += 1
    assert served.get("/limited").status_code == 200


def test_a_body_above_10_mb_is_413(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.front.port, timeout=30)
    connection.putrequest("POST", "/echo")
    connection.putheader("Content-Length", str(10 * 1024 * 1024 + 1))
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (413, b'{"message":"Request Entity Too Large"}')
    connection.close()


def test_headers_above_10_240_bytes_are_431(served: Served) -> None:
    assert served.get("/echo", headers={"X-Long": "x" * 10_240}).status_code == 431


def test_a_request_that_is_no_http_is_400(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.front.port), timeout=30) as raw:
        raw.sendall(b"GET /echo HTTP/9.9 and more\r\n\r\n")
        answer = raw.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 ")


CORS = {
    "AllowOrigins": ["https://app.example.com"],
    "AllowMethods": ["GET"],
    "AllowHeaders": ["authorization"],
    "ExposeHeaders": ["etag", "www-authenticate"],
    "MaxAge": 9,
}


def test_without_a_cors_configuration_no_header_is_added(served: Served) -> None:
    answer = served.get("/echo", headers={"Origin": "https://app.example.com"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_a_preflight_is_answered_for_a_configured_origin_without_asking_a_function(
    fresh: Callable[..., Served],
) -> None:
    served = fresh(cors=CORS)
    answer = requests.options(served.url + "/protected", headers={"Origin": "https://app.example.com"}, timeout=30)
    assert answer.status_code == 204
    assert {name.lower(): value for name, value in answer.headers.items() if "access" in name.lower()} == {
        "access-control-allow-origin": "https://app.example.com",
        "access-control-allow-methods": "GET",
        "access-control-allow-headers": "authorization",
        "access-control-expose-headers": "etag,www-authenticate",
        "access-control-max-age": "9",
    }


def test_a_foreign_origin_gets_no_permission(fresh: Callable[..., Served]) -> None:
    served = fresh(cors=CORS)
    for origin in ("https://evil.example.com", "null"):
        answer = served.get("/echo", headers={"Origin": origin})
        assert "access-control-allow-origin" not in answer.headers
    answer = served.get("/echo", headers={"Origin": "https://app.example.com"})
    assert answer.headers["access-control-allow-origin"] == "https://app.example.com"
    assert answer.headers["access-control-expose-headers"] == "etag,www-authenticate"


def test_what_a_function_says_of_cors_counts_only_without_a_configuration(fresh: Callable[..., Served]) -> None:
    said = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*", "X-Other": "kept"}}
    found = []
    for cors in (None, CORS):
        served = fresh(cors=cors)
        for origin in ("https://evil.example.com", "https://app.example.com"):
            answer = requests.post(served.url + "/returns", json=said, headers={"Origin": origin}, timeout=30)
            found.append(answer.headers.get("access-control-allow-origin"))
            assert answer.headers["x-other"] == "kept"

    assert found == ["*", "*", None, "https://app.example.com"]


def test_without_a_cors_configuration_a_preflight_goes_to_a_route_of_its_own(fresh: Callable[..., Served]) -> None:
    served = fresh()
    asked = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "GET"}
    answer = requests.options(served.url + "/asked", headers=asked, timeout=30)

    assert answer.json()["event"]["routeKey"] == "OPTIONS /asked"
    assert requests.options(served.url + "/echo", headers=asked, timeout=30).status_code == 404
