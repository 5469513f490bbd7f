"""API Gateway and Lambda when a function fails, dies or times out, on the local front."""

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


def test_an_exception_is_500_and_its_trace_goes_to_the_log_as_one_line(served: Served) -> None:
    answer = served.get("/raise")
    assert (answer.status_code, answer.text) == (500, '{"message":"Internal Server Error"}')
    name, line = served.lines[-1]
    assert name == "echo"
    assert json.loads(line)["errorType"] == "RuntimeError"


def test_a_process_that_dies_is_500_and_the_next_request_gets_another(served: Served) -> None:
    assert served.get("/exit").status_code == 500
    assert served.get("/echo").status_code == 200


def test_a_timeout_is_503_and_ends_the_process(served: Served) -> None:
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


def test_a_warm_process_serves_again(served: Served) -> None:
    first, second = (served.get("/echo").json() for _ in range(2))
    assert first["pid"] == second["pid"]
    assert second["calls"] == first["calls"] + 1


def test_many_requests_at_once_share_a_few_processes(served: Served) -> None:
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
