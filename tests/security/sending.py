"""Requests of a user and their app, as values that processes of their own send."""

from __future__ import annotations

import base64
import contextlib
import http.client
import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlencode

from gatepost.authentication.sessions import SESSION_COOKIE, VISITOR_COOKIE, form_token
from gatepost.identifiers import new_secret
from gatepost.routes import TOKEN
from tests.people import CALLBACK, PASSWORD


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request that is ready to be sent."""

    method: str = "POST"
    path: str
    form: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The response. Status 0: the connection ended without a response."""

    status: int
    location: str = ""
    cookies: Sequence[str] = ()
    body: str = ""

    @property
    def session(self) -> str:
        """The session that it begins, "" if there is none."""
        for line in self.cookies:
            cookie = SimpleCookie(line)
            if SESSION_COOKIE in cookie and cookie[SESSION_COOKIE].value:
                return cookie[SESSION_COOKIE].value
        return ""


@dataclass(frozen=True, kw_only=True)
class Party:
    """A user and their app, and what they send."""

    base_url: str
    user_name: str
    client_id: str
    client_secret: str

    @property
    def auth(self) -> dict[str, str]:
        """The app proves itself."""
        basic = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        return {"Authorization": f"Basic {basic}"}

    def by_app(self, path: str, **fields: str) -> Call:
        return Call(path=path, form=fields, headers=self.auth)

    def token(self, **fields: str) -> Call:
        return self.by_app(TOKEN.path, **fields)

    def redeem(self, code: str, verifier: str = "") -> Call:
        sent = {"code_verifier": verifier} if verifier else {}
        return self.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **sent)

    def by_password(self) -> Call:
        return self.token(grant_type="password", username=self.user_name, password=PASSWORD)

    def posted(self, path: str, cookie: str, name: str = SESSION_COOKIE, **fields: Any) -> Call:
        """Post a form that the browser with this cookie was shown."""
        headers = {"Cookie": f"{name}={cookie}", "Origin": self.base_url}
        return Call(path=path, form={"form_token": form_token(cookie), **fields}, headers=headers)

    def visit(self, path: str, **fields: str) -> Call:
        """Post a form of a page for browsers without a session."""
        return self.posted(path, new_secret(), VISITOR_COOKIE, **fields)


def seen(path: str, cookie: str) -> Call:
    """A page, in a browser that is signed in."""
    return Call(method="GET", path=path, headers={"Cookie": f"{SESSION_COOKIE}={cookie}"})


def bearing(path: str, token: str) -> Call:
    return Call(method="GET", path=path, headers={"Authorization": f"Bearer {token}"})


def app_form(name: str, **changes: Any) -> dict[str, Any]:
    """A form with the details of an app."""
    known = {"name": name, "url": CALLBACK, "redirect_uris": CALLBACK, "kind": "confidential"}
    grant_types = ["authorization_code", "refresh_token", "password"]
    return {**known, "scope": ["read", "write"], "grant_types": grant_types, **changes}


def connected(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=60)


def send(connection: http.client.HTTPConnection, call: Call) -> Answer:
    """Send one request over a connection that is kept open."""
    body = urlencode(call.form, doseq=True) if call.method == "POST" else None
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
    try:
        connection.request(call.method, call.path, body, {**kind, **call.headers})
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
    except (http.client.HTTPException, OSError):
        connection.close()
        return Answer(status=0)
    cookies = response.headers.get_all("Set-Cookie") or ()
    return Answer(status=response.status, location=response.getheader("Location") or "", cookies=cookies, body=text)


@contextlib.contextmanager
def processes(target: Callable[..., None], arguments: Sequence[tuple[Any, ...]]) -> Iterator[list[Connection]]:
    """Start a process for each of `arguments`, which gets a pipe last; return our ends. A None tells it to end."""
    spawning = multiprocessing.get_context("spawn")
    pipes, running = [], []
    for each in arguments:
        ours, theirs = spawning.Pipe()
        process: Any = spawning.Process(target=target, args=(*each, theirs), daemon=True)
        process.start()
        theirs.close()
        pipes.append(ours)
        running.append(process)
    try:
        yield pipes
    finally:
        for pipe in pipes:
            with contextlib.suppress(OSError):
                pipe.send(None)
        for process in running:
            process.join(5)
            process.kill()
            process.join()
            process.close()
        for pipe in pipes:
            pipe.close()
