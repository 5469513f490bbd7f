"""API Gateway's conversion of requests and results, on the local front."""

from __future__ import annotations

import base64
import gc
import http.client
import json
import socket
import struct
import threading
from typing import Any

import requests

from infra.local.apigateway.events import Response
from infra.local.apigateway.front import Front
from tests.http.served import Served
from tests.people import reached

NOT_FOUND, FAILED = '{"message":"Not Found"}', '{"message":"Internal Server Error"}'


def test_the_event_is_of_payload_2(served: Served) -> None:
    event = served.event("/echo", headers={"User-Agent": "tests", "X-Mixed": "1", "Cookie": "a=1; b=2"})
    assert event["version"] == "2.0"
    assert event["routeKey"] == "GET /echo"
    assert event["rawPath"] == "/echo"
    assert event["rawQueryString"] == ""
    assert event["isBase64Encoded"] is False
    assert not {"body", "queryStringParameters", "pathParameters"} & set(event)
    assert event["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in event["headers"]
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


def test_repeated_headers_are_joined_by_commas(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.front.port, timeout=30)
    connection.putrequest("GET", "/echo")
    connection.putheader("X-Twice", "1")
    connection.putheader("x-twice", "2")
    connection.endheaders()
    answer = json.loads(connection.getresponse().read())
    connection.close()
    assert answer["event"]["headers"]["x-twice"] == "1,2"


def test_a_body_is_base64_unless_it_is_text_and_arrives_whole(served: Served) -> None:
    kinds = {"application/x-www-form-urlencoded": True, "application/json": False, "text/plain; charset=utf-8": False}
    for kind, encoded in kinds.items():
        for data in (b"a=1&b=%20", iter([b"a=1&", b"b=%20"])):  # at once and in chunks
            answer = requests.post(served.url + "/echo", data=data, headers={"Content-Type": kind}, timeout=30)
            event = answer.json()["event"]
            assert event["isBase64Encoded"] is encoded
            assert (base64.b64decode(event["body"]) if encoded else event["body"].encode()) == b"a=1&b=%20"


def test_the_route_of_the_very_method_and_of_the_longest_fixed_path_comes_first(served: Served) -> None:
    event = served.event("/items/a%20b")
    assert (event["routeKey"], event["pathParameters"]) == ("GET /items/{item}", {"item": "a b"})
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == "/items/a b"
    assert served.event("/items/fixed")["routeKey"] == "GET /items/fixed"
    assert served.event("/files/a/b")["pathParameters"] == {"path": "a/b"}

    asked = (("GET", "/known"), ("POST", "/known"), ("GET", "/known/"), ("PUT", "/a/b"))
    found = [requests.request(method, f"{served.url}/any{path}", timeout=30).json() for method, path in asked]
    keys = [each["event"]["routeKey"] for each in found]
    assert keys == ["GET /any/known", "ANY /any/{one}", "ANY /any/{rest+}", "ANY /any/{rest+}"]


def test_an_unknown_path_and_a_method_without_a_route_are_404(served: Served) -> None:
    for path in ("/nothing", "/echo/", "/items/", "/items/a/b", "/ECHO"):
        answer = served.get(path)
        assert (answer.status_code, answer.text) == (404, NOT_FOUND)
        assert answer.headers["content-type"] == "application/json"
    for method in ("HEAD", "DELETE", "OPTIONS", "BREW"):
        assert requests.request(method, served.url + "/echo", timeout=30).status_code == 404


def returned(served: Served, value: Any) -> requests.Response:
    return requests.post(served.url + "/returns", json=value, allow_redirects=False, timeout=30)


def test_a_response_keeps_status_headers_cookies_and_bytes(served: Served) -> None:
    answer = returned(
        served,
        {
            "statusCode": 302,
            "headers": {"Location": "https://example.com/?a=b", "X-Number": 1},
            "cookies": ["a=1; Path=/", "b=2"],
            "body": base64.b64encode(b"\x00\xff").decode(),
            "isBase64Encoded": True,
        },
    )
    assert answer.status_code == 302
    assert answer.headers["location"] == "https://example.com/?a=b"
    assert answer.headers["x-number"] == "1"
    assert answer.raw.headers.getlist("set-cookie") == ["a=1; Path=/", "b=2"]
    assert answer.content == b"\x00\xff"
    assert answer.headers["apigw-requestid"]


def test_a_result_without_a_status_is_a_body_of_json_and_one_that_is_no_response_is_500(served: Served) -> None:
    answer = returned(served, {"hello": "there"})
    assert (answer.status_code, answer.json()) == (200, {"hello": "there"})
    assert answer.headers["content-type"] == "application/json"
    for result in (
        {"statusCode": "many"},
        {"statusCode": 99},
        {"statusCode": 200, "body": {"an": "object"}},
        {"statusCode": 200, "headers": {"x": "a\r\nset-cookie: b=1"}},
        {"statusCode": 200, "body": "not base64!", "isBase64Encoded": True},
    ):
        answer = returned(served, result)
        assert (answer.status_code, answer.text) == (500, FAILED)


def test_a_request_beyond_the_limits_or_that_is_no_http_is_refused(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.front.port, timeout=30)
    connection.putrequest("POST", "/echo")
    connection.putheader("Content-Length", str(10 * 1024 * 1024 + 1))
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (413, b'{"message":"Request Entity Too Large"}')
    connection.close()
    assert served.get("/echo", headers={"X-Long": "x" * 10_240}).status_code == 431
    with socket.create_connection(("127.0.0.1", served.front.port), timeout=30) as raw:
        raw.sendall(b"GET /echo HTTP/9.9 and more\r\n\r\n")
        assert raw.makefile("rb").read().startswith(b"HTTP/1.1 400 ")


def test_the_connection_of_a_client_that_does_not_wait_for_its_response_is_closed() -> None:
    gone, handled = threading.Event(), threading.Event()

    def answer(_request: object) -> Response:
        assert gone.wait(30)
        handled.set()
        return Response(status=200, headers=(), body=b"x" * 5_000_000)

    front = Front(0, answer)
    raw = socket.create_connection(("127.0.0.1", front.port), timeout=30)
    raw.sendall(b"GET / HTTP/1.1\r\nHost: localhost:%d\r\n\r\n" % front.port)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not an orderly end
    raw.close()
    gone.set()
    assert handled.wait(30)
    assert reached(lambda: not any(server.open for server in front._servers))
    front.close()
    gc.collect()  # a socket that is still open is an error of this test
