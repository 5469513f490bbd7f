"""Requests that processes of their own send. It imports little, so that they start soon."""

from __future__ import annotations

import contextlib
import http.client
import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlencode


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
