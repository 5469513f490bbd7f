"""The output of `make run` while it serves."""

from __future__ import annotations

import io
import json
import re
import socket
from collections.abc import Mapping
from contextlib import closing

import pytest

from infra.local.apigateway.events import Request, Response
from infra.local.apigateway.front import Front
from infra.local.terminal import Terminal, hint
from tests.contract.records import APP, register_app
from tests.fakes import MemoryStore


class Screen(io.StringIO):
    """A terminal that remembers what was written."""

    def isatty(self) -> bool:
        return True


def request(method: str, path: str, **headers: str) -> Request:
    return Request(
        method=method, path=path, query="code=secret", headers=tuple(headers.items()), body=b"",
        source_ip="127.0.0.1", protocol="HTTP/1.1", request_id="r1", host="localhost",
    )  # fmt: skip


def shown(
    *lines: Mapping[str, object], method: str = "POST", path: str = "/authorization/token", status: int = 400
) -> str:
    """Return the terminal's text for a request whose functions wrote `lines`, without the time of day."""
    screen = Screen()
    terminal = Terminal(screen, {"NO_COLOR": "1"})
    terminal.store = MemoryStore()
    register_app(terminal.store, APP, limit=1)
    for line in lines:
        terminal.log(json.dumps(line))
    terminal.request(request(method, path), Response(status=status), 4.4)
    return re.sub(r"^\d\d:\d\d:\d\d ", "", screen.getvalue(), flags=re.MULTILINE)


ANSWERED = {
    "message": "token.answered",
    "level": "INFO",
    "request_id": "r1",
    "client_id": APP.client_id,
    "error": "invalid_grant",
    "reason": "redirect_uri differs",
}


def test_a_request_is_one_line_with_the_reason_and_the_name_of_the_app_and_without_its_query() -> None:
    line = f"POST /authorization/token 400 invalid_grant: redirect_uri differs{{}} · {APP.name} · 4 ms\n"

    assert shown(ANSWERED) == line.format("")
    assert shown({**ANSWERED, "detail": "sent a, was b"}) == line.format(": sent a, was b")
    assert shown(method="GET", path="/developer", status=200) == "GET /developer 200 · 4 ms\n"


def test_control_characters_of_a_client_do_not_reach_the_terminal() -> None:
    said = shown({**ANSWERED, "reason": "a\x1b[2Jb"}, path="/x\x1b]0;title\x07")
    assert "\x1b" not in said
    assert "\x07" not in said


def test_the_rotation_of_keys_is_quiet_and_a_failure_is_not() -> None:
    assert shown({"message": "rotate_keys.createSecret", "level": "INFO"}, status=200).count("\n") == 1
    failed = {"message": "rotate_keys.failed", "level": "ERROR", "reason": "KeyError", "at": "keys:7"}
    assert shown(failed, status=200).startswith("rotate_keys.failed reason=KeyError at=keys:7\n")


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("POST", "/oauth/token", "the token endpoint is /authorization/token"),
        ("GET", "/oauth2/authorize", "the authorization endpoint is /developer/auth"),
        ("GET", "/tenant/.well-known/openid-configuration", "the metadata is /.well-known/oauth-authorization-server"),
        ("GET", "/authorization/token", "this takes POST"),
        ("DELETE", "/developer/auth", "this takes GET and POST"),
        ("POST", "/favicon.ico", "no route"),
        ("POST", "/developer/login/", "perhaps /developer/login"),
    ],
)
def test_a_request_that_no_route_takes_names_the_right_one(method: str, path: str, said: str) -> None:
    assert shown(method=method, path=path, status=404) == f"{method} {path} 404 – {said} · 4 ms\n"
    assert hint("GET", f"/developer/apps/{APP.client_id}") is None  # the 404 of a function


def test_programs_get_json_also_for_what_no_function_saw() -> None:
    out = io.StringIO()
    for terminal in (Terminal(out, {}), Terminal(Screen(), {"LOG": "json"})):
        terminal.log('{"message":"token.answered"}')
        terminal.request(request("POST", "/oauth/token"), Response(status=404), 1.0)
        terminal.request(request("POST", "/authorization/token"), Response(status=200), 1.0)
    line, missed = out.getvalue().splitlines()
    assert line == '{"message":"token.answered"}'
    assert json.loads(missed) == {
        "message": "gateway.no_route",
        "level": "INFO",
        "method": "POST",
        "path": "/oauth/token",
        "status": 404,
        "hint": "the token endpoint is /authorization/token",
    }


UNAUTHORIZED = Response.message(401, "Unauthorized")


def test_a_request_without_the_header_says_so_although_no_function_saw_it() -> None:
    screen, out = Screen(), io.StringIO()
    Terminal(screen, {"NO_COLOR": "1"}).request(request("GET", "/authorization/whoami"), UNAUTHORIZED, 0.4)
    assert screen.getvalue()[9:] == "GET /authorization/whoami 401 – no Authorization header · 0 ms\n"

    terminal = Terminal(out, {})
    terminal.request(request("GET", "/authorization/whoami", authorization="Bearer x"), UNAUTHORIZED, 0.4)
    terminal.request(request("GET", "/authorization/whoami"), Response(status=401, body=b"of a function"), 0.4)
    terminal.request(request("GET", "/authorization/whoami"), UNAUTHORIZED, 0.4)
    assert json.loads(out.getvalue()) == {
        "message": "gateway.unauthorized",
        "level": "INFO",
        "method": "GET",
        "path": "/authorization/whoami",
        "status": 401,
        "reason": "no Authorization header",
    }


def test_a_program_is_told_of_the_making_of_a_deployment_only_what_failed_or_all_of_it() -> None:
    lines = [json.dumps({"message": "rotate_keys.createSecret", "level": level}) for level in ("INFO", "ERROR")]
    for environ, heard in (({}, lines[1:]), ({"LOG": "json"}, lines)):
        out = io.StringIO()
        terminal = Terminal(out, environ)
        for line in lines:
            terminal.log(line)
        assert out.getvalue().splitlines() == heard
        terminal.store = MemoryStore()  # everything is ready
        terminal.log(lines[0])
        assert out.getvalue().splitlines() == [*heard, lines[0]]


def test_colours_are_for_terminals_that_have_them() -> None:
    screen = Screen()
    Terminal(screen, {"TERM": "xterm"}).request(request("GET", "/developer"), Response(status=200), 1.0)
    assert "\033[32m200\033[0m" in screen.getvalue()
    for environ in ({}, {"TERM": "dumb"}, {"TERM": "xterm", "NO_COLOR": ""}):
        screen = Screen()
        Terminal(screen, environ).request(request("GET", "/developer"), Response(status=200), 1.0)
        assert "\033" not in screen.getvalue()


def test_https_on_the_port_is_said_and_ended() -> None:
    heard: list[str] = []
    front = Front(0, lambda _: Response(status=200), on_https=lambda: heard.append("https"))
    with closing(front), socket.create_connection(("127.0.0.1", front.port), timeout=30) as client:
        client.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        assert client.recv(1) == b""
    assert heard == ["https"]
