"""What API Gateway does around a function, on the local front, with functions made for it."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import sys
import textwrap
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.local.deployed_api import ApiRoute, Authorizer, DeployedApi
from infra.local.front import Front, PortBusy
from infra.local.gateway import Gateway
from infra.local.runtime import Function, FunctionConfig

ECHO = """
    import json, os, sys, time

    CALLS = 0

    def handler(event, context):
        global CALLS
        CALLS += 1
        path = event["rawPath"]
        if path == "/raise":
            raise RuntimeError("broken on purpose")
        if path == "/slow":
            time.sleep(30)
        if path == "/exit":
            os._exit(3)
        if path == "/returns":
            return json.loads(event["body"])
        if path == "/noisy":
            print("plain text")
            print(json.dumps({"message": "first"}))
            sys.stderr.write("to stderr\\n")
        body = {"event": event, "calls": CALLS, "pid": os.getpid(), "environment": dict(os.environ), "path": sys.path}
        return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
"""
AUTHORIZER = """
    CALLS = 0

    def handler(event, context):
        global CALLS
        CALLS += 1
        token = event["headers"]["authorization"]
        if token == "Bearer broken":
            raise RuntimeError("no decision")
        if token == "Bearer odd":
            return {"isAuthorized": "yes"}
        seen = {"calls": CALLS, "identity": event["identitySource"], "type": event["type"], "body": "body" in event}
        return {"isAuthorized": token == "Bearer good", "context": seen}
"""
OPEN = ("GET /echo", "POST /echo", "GET /items/{item}", "GET /files/{path+}", "GET /raise", "GET /slow", "GET /exit",
        "POST /returns", "GET /noisy", "GET /items/fixed", "GET /limited")  # fmt: skip
PROTECTED = ("GET /protected", "GET /protected2", "POST /protected")


class Served:
    """A front with its functions."""

    def __init__(self, folder: Path, cors: dict[str, Any] | None = None) -> None:
        self.lines: list[tuple[str, str]] = []
        self.now = 1000.0
        functions = {
            name: self._function(folder, name, source) for name, source in (("echo", ECHO), ("guard", AUTHORIZER))
        }
        self.functions = functions
        guard = Authorizer(
            function_arn="guard",
            identity_sources=("$request.header.Authorization", "$context.routeKey"),
            cache_seconds=5,
        )
        routes = {key: ApiRoute(key=key, function_arn="echo", authorizer=None) for key in OPEN}
        routes |= {key: ApiRoute(key=key, function_arn="echo", authorizer=guard) for key in PROTECTED}
        routes["GET /limited"] = ApiRoute(key="GET /limited", function_arn="echo", authorizer=None, rate=1, burst=2)
        api = DeployedApi(api_id="abc123", routes=routes, cors=cors)
        self.front = Front(0, Gateway(api, functions, clock=lambda: self.now).handle)
        self.url = self.front.base_url

    def _function(self, folder: Path, name: str, source: str) -> Function:
        code = folder / name
        code.mkdir(parents=True)
        (code / "handler.py").write_text(textwrap.dedent(source))
        config = FunctionConfig(
            name=name, physical_name=f"Fn-{name}", arn=name, role_arn="role", handler="handler.handler", memory=128,
            timeout=1.0, environment={"FROM_TEMPLATE": "yes"}, code=code, layers=(),
        )  # fmt: skip
        return Function(
            config, width=2, credentials=lambda _: {"AWS_REGION": "x"}, log=lambda *line: self.lines.append(line)
        )

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=30, **options)

    def event(self, path: str, **options: Any) -> dict[str, Any]:
        event: dict[str, Any] = self.get(path, **options).json()["event"]
        return event

    def close(self) -> None:
        self.front.close()
        for function in self.functions.values():
            function.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    running = Served(tmp_path_factory.mktemp("functions"))
    yield running
    running.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    running: list[Served] = []

    def start(**options: Any) -> Served:
        running.append(Served(tmp_path / str(len(running)), **options))
        return running[-1]

    yield start
    for each in running:
        each.close()


def test_the_event_is_of_payload_2(served: Served) -> None:
    event = served.event("/echo", headers={"User-Agent": "tests", "X-Mixed": "1"})
    assert event["version"] == "2.0"
    assert event["routeKey"] == "GET /echo"
    assert event["rawPath"] == "/echo"
    assert event["rawQueryString"] == ""
    assert event["isBase64Encoded"] is False
    assert not {"body", "cookies", "queryStringParameters", "pathParameters"} & set(event)
    assert event["headers"]["x-mixed"] == "1"
    assert event["headers"]["x-forwarded-for"] == event["requestContext"]["http"]["sourceIp"]
    context = event["requestContext"]
    assert context["http"] | {"sourceIp": ""} == {
        "method": "GET", "path": "/echo", "protocol": "HTTP/1.1", "sourceIp": "", "userAgent": "tests",
    }  # fmt: skip
    assert context["http"]["sourceIp"] in {"127.0.0.1", "::1"}
    assert (context["apiId"], context["stage"], context["routeKey"]) == ("abc123", "$default", "GET /echo")
    assert "authorizer" not in context
    assert isinstance(context["timeEpoch"], int)


def test_the_query_string_arrives_undecoded_and_duplicates_are_joined(served: Served) -> None:
    event = served.event("/echo?a=1%2B1&a=2&b=&c=%C3%A4+x")
    assert event["rawQueryString"] == "a=1%2B1&a=2&b=&c=%C3%A4+x"
    assert event["queryStringParameters"] == {"a": "1+1,2", "b": "", "c": "ä x"}


def test_cookies_have_a_place_of_their_own(served: Served) -> None:
    event = served.event("/echo", headers={"Cookie": "a=1; b=2"})
    assert event["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in event["headers"]


def test_repeated_headers_are_joined_by_commas(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.front.port, timeout=30)
    connection.putrequest("GET", "/echo")
    connection.putheader("X-Twice", "1")
    connection.putheader("x-twice", "2")
    connection.endheaders()
    answer = json.loads(connection.getresponse().read())
    connection.close()
    assert answer["event"]["headers"]["x-twice"] == "1,2"


@pytest.mark.parametrize(
    ("kind", "encoded"),
    [
        ("application/x-www-form-urlencoded", True),
        ("application/octet-stream", True),
        ("application/json", False),
        ("text/plain; charset=utf-8", False),
    ],
)
def test_a_body_is_base64_unless_it_is_text(served: Served, kind: str, encoded: bool) -> None:
    answer = requests.post(served.url + "/echo", data=b"a=1&b=%20", headers={"Content-Type": kind}, timeout=30)
    event = answer.json()["event"]
    assert event["isBase64Encoded"] is encoded
    assert (base64.b64decode(event["body"]) if encoded else event["body"].encode()) == b"a=1&b=%20"


def test_a_chunked_body_arrives_whole(served: Served) -> None:
    answer = requests.post(
        served.url + "/echo", data=iter([b"one,", b"two"]), headers={"Content-Type": "text/plain"}, timeout=30
    )
    assert answer.json()["event"]["body"] == "one,two"


def test_path_parameters_are_decoded_and_fixed_paths_come_first(served: Served) -> None:
    event = served.event("/items/a%20b")
    assert (event["routeKey"], event["pathParameters"]) == ("GET /items/{item}", {"item": "a b"})
    assert served.event("/items/fixed")["routeKey"] == "GET /items/fixed"
    assert served.event("/files/a/b")["pathParameters"] == {"path": "a/b"}


@pytest.mark.parametrize("path", ["/nothing", "/echo/", "/items/", "/items/a/b", "/ECHO"])
def test_an_unknown_path_is_404(served: Served, path: str) -> None:
    answer = served.get(path)
    assert (answer.status_code, answer.text) == (404, '{"message":"Not Found"}')
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("method", ["HEAD", "DELETE", "OPTIONS", "BREW"])
def test_a_method_without_a_route_is_404(served: Served, method: str) -> None:
    assert requests.request(method, served.url + "/echo", timeout=30).status_code == 404


def returned(served: Served, value: Any) -> requests.Response:
    return requests.post(served.url + "/returns", json=value, timeout=30)


def test_a_response_keeps_status_headers_cookies_and_bytes(served: Served) -> None:
    answer = requests.post(
        served.url + "/returns",
        json={
            "statusCode": 302,
            "headers": {"Location": "https://example.com/?a=b", "X-Number": 1},
            "cookies": ["a=1; Path=/", "b=2"],
            "body": base64.b64encode(b"\x00\xff").decode(),
            "isBase64Encoded": True,
        },
        allow_redirects=False,
        timeout=30,
    )
    assert answer.status_code == 302
    assert answer.headers["location"] == "https://example.com/?a=b"
    assert answer.headers["x-number"] == "1"
    assert answer.raw.headers.getlist("set-cookie") == ["a=1; Path=/", "b=2"]
    assert answer.content == b"\x00\xff"
    assert answer.headers["apigw-requestid"]


def test_a_result_without_a_status_is_a_body_of_json(served: Served) -> None:
    answer = returned(served, {"hello": "there"})
    assert (answer.status_code, answer.json()) == (200, {"hello": "there"})
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "many"},
        {"statusCode": 99},
        {"statusCode": 200, "body": {"an": "object"}},
        {"statusCode": 200, "headers": {"x": "a\r\nset-cookie: b=1"}},
        {"statusCode": 200, "body": "not base64!", "isBase64Encoded": True},
    ],
)
def test_a_result_that_is_no_response_is_500(served: Served, result: Any) -> None:
    answer = returned(served, result)
    assert (answer.status_code, answer.text) == (500, '{"message":"Internal Server Error"}')


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
