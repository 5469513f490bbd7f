"""API Gateway's checks before a function is invoked, and functions that fail, die or time out; on the local front."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from infra.local.apigateway.front import Front, PortBusy
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


# Functions


def test_an_exception_is_500_and_its_trace_goes_to_the_log_as_one_line(served: Served) -> None:
    answer = served.get("/raise")
    assert (answer.status_code, answer.text) == (500, '{"message":"Internal Server Error"}')
    name, line = served.lines[-1]
    assert name == "echo"
    assert json.loads(line)["errorType"] == "RuntimeError"


def test_a_process_that_dies_or_times_out_is_an_error_and_the_next_request_gets_another(served: Served) -> None:
    assert served.get("/exit").status_code == 500
    assert served.get("/echo").status_code == 200
    answer = served.get("/slow")
    assert (answer.status_code, answer.text) == (503, '{"message":"Service Unavailable"}')
    assert "timed out after 1.00 seconds" in served.lines[-1][1]
    assert served.get("/echo").status_code == 200


def test_what_a_function_writes_is_logged_before_it_answers(served: Served) -> None:
    served.lines.clear()
    assert served.get("/noisy").status_code == 200
    assert [line for _, line in served.lines] == ["plain text", '{"message": "first"}', "to stderr"]


def test_a_function_sees_its_environment_and_no_package_of_the_tools(served: Served) -> None:
    seen = served.get("/echo").json()
    assert seen["environment"]["FROM_TEMPLATE"] == "yes"
    assert seen["environment"]["AWS_LAMBDA_FUNCTION_NAME"] == "Fn-echo"
    assert not [name for name in seen["environment"] if name.startswith(("PYTHON", "VIRTUAL", "HOME", "PYTEST"))]
    assert not [each for each in seen["path"] if "site-packages" in each or "dist-packages" in each]


def test_a_warm_process_serves_again_and_many_requests_at_once_share_a_few(served: Served) -> None:
    first, second = (served.get("/echo").json() for _ in range(2))
    assert (second["pid"], second["calls"]) == (first["pid"], first["calls"] + 1)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: served.get("/echo"), range(64)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["pid"] for answer in answers}) <= 2


def test_the_front_listens_on_loopback_only_in_both_families(served: Served) -> None:
    assert requests.get(f"http://127.0.0.1:{served.front.port}/echo", timeout=30).status_code == 200
    assert requests.get(f"http://[::1]:{served.front.port}/echo", timeout=30).status_code == 200
    table = Path("/proc/net/tcp").read_text() if sys.platform == "linux" else ""
    assert f"00000000:{served.front.port:04X} 00000000:0000 0A" not in table


def test_a_busy_port_is_said_in_one_sentence(served: Served) -> None:
    with pytest.raises(PortBusy) as caught:
        Front(served.front.port)
    assert str(caught.value) == f"Port {served.front.port} is in use by another program: choose one with PORT=8081."


def test_closing_ends_every_process(fresh: Callable[..., Served]) -> None:
    served = fresh()
    pid = served.get("/echo").json()["pid"]
    served.close()
    assert not Path(f"/proc/{pid}").exists()
