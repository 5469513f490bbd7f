"""API Gateway's checks before a function is invoked: authorizers, limits, CORS; on the local front."""

from __future__ import annotations

from collections.abc import Callable

import requests

from tests.http.served import Served

ORIGIN = {"Origin": "https://app.example.com"}
CORS = {
    "AllowOrigins": ["https://app.example.com"],
    "AllowMethods": ["GET"],
    "AllowHeaders": ["authorization"],
    "ExposeHeaders": ["etag", "www-authenticate"],
    "MaxAge": 9,
}
ALLOWED = "access-control-allow-origin"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_the_route_gets_what_the_authorizer_says_which_is_not_asked_without_an_identity(
    fresh: Callable[..., Served],
) -> None:
    served = fresh()
    for headers in ({}, {"Authorization": ""}):
        answer = served.get("/protected", headers=headers)
        assert (answer.status_code, answer.text) == (401, '{"message":"Unauthorized"}')
    event = served.event("/protected", headers=bearer("good"))
    assert event["requestContext"]["authorizer"]["lambda"] == {
        "calls": 1, "identity": ["Bearer good", "GET /protected"], "type": "REQUEST", "body": False,
    }  # fmt: skip


def test_an_authorizer_that_denies_or_decides_nothing_opens_nothing(served: Served) -> None:
    answers = [served.get("/protected", headers=bearer(token)) for token in ("bad", "broken", "odd")]

    failed = (500, '{"message":"Internal Server Error"}')
    assert [(each.status_code, each.text) for each in answers] == [(403, '{"message":"Forbidden"}'), failed, failed]


def test_a_decision_is_kept_for_its_time_and_for_its_route(fresh: Callable[..., Served]) -> None:
    served = fresh()

    def calls(path: str) -> int:
        context = served.event(path, headers=bearer("good"))["requestContext"]["authorizer"]["lambda"]
        number: int = context["calls"]
        return number

    assert [calls("/protected"), calls("/protected"), calls("/protected2")] == [1, 1, 2]
    served.now += 5.1
    assert calls("/protected") == 3


def test_requests_above_the_limit_of_a_route_are_429(served: Served) -> None:
    assert [served.get("/limited").status_code for _ in range(3)] == [200, 200, 429]
    assert served.get("/limited").text == '{"message":"Too Many Requests"}'
    assert served.get("/echo").status_code == 200
    served.now += 1
    assert served.get("/limited").status_code == 200


def said_by_the_function(served: Served, origin: str) -> str | None:
    said = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*", "X-Other": "kept"}}
    answer = requests.post(served.url + "/returns", json=said, headers={"Origin": origin}, timeout=30)
    assert answer.headers["x-other"] == "kept"
    return answer.headers.get(ALLOWED)


def test_without_a_cors_configuration_the_functions_decide(served: Served) -> None:
    answer = served.get("/echo", headers=ORIGIN)
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    assert said_by_the_function(served, "https://evil.example.com") == "*"

    asked = {**ORIGIN, "Access-Control-Request-Method": "GET"}  # a preflight goes to a route of its own
    answer = requests.options(served.url + "/asked", headers=asked, timeout=30)
    assert answer.json()["event"]["routeKey"] == "OPTIONS /asked"
    assert requests.options(served.url + "/echo", headers=asked, timeout=30).status_code == 404


def test_a_cors_configuration_answers_preflights_and_permits_its_origins_alone(fresh: Callable[..., Served]) -> None:
    served = fresh(cors=CORS)
    answer = requests.options(served.url + "/protected", headers=ORIGIN, timeout=30)
    assert answer.status_code == 204
    assert {name.lower(): value for name, value in answer.headers.items() if "access" in name.lower()} == {
        ALLOWED: "https://app.example.com",
        "access-control-allow-methods": "GET",
        "access-control-allow-headers": "authorization",
        "access-control-expose-headers": "etag,www-authenticate",
        "access-control-max-age": "9",
    }
    for origin in ("https://evil.example.com", "null"):
        assert ALLOWED not in served.get("/echo", headers={"Origin": origin}).headers
        assert said_by_the_function(served, origin) is None
    assert said_by_the_function(served, ORIGIN["Origin"]) == ORIGIN["Origin"]
    answer = served.get("/echo", headers=ORIGIN)
    assert answer.headers[ALLOWED] == ORIGIN["Origin"]
    assert answer.headers["access-control-expose-headers"] == "etag,www-authenticate"
