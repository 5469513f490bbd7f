"""Requests that several processes send at the same moment."""

from __future__ import annotations

import base64
import contextlib
import http.client
import multiprocessing
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlencode

LEAD = 0.05  # seconds to hand the requests to the processes


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


def basic(client_id: str, secret: str) -> dict[str, str]:
    """The header of an app that proves itself."""
    return {"Authorization": f"Basic {base64.b64encode(f'{client_id}:{secret}'.encode()).decode()}"}


def send(connection: http.client.HTTPConnection, call: Call) -> Answer:
    """Send one request over a connection that is kept open."""
    body = urlencode(call.form, doseq=True) if call.method == "POST" else None
    headers = (
        {"Content-Type": "application/x-www-form-urlencoded", **call.headers} if body is not None else call.headers
    )
    try:
        connection.request(call.method, call.path, body, dict(headers))
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
    except (http.client.HTTPException, OSError):
        connection.close()
        return Answer(status=0)
    cookies = response.headers.get_all("Set-Cookie") or ()
    return Answer(status=response.status, location=response.getheader("Location") or "", cookies=cookies, body=text)


def _process(port: int, pipe: Connection) -> None:
    """One client: a request a message, each sent at its time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while (message := pipe.recv()) is not None:
        call, start = message
        connection.connect() if connection.sock is None else None
        time.sleep(max(0.0, start - time.time() - 0.002))
        while time.time() < start:
            pass
        pipe.send(send(connection, call))


class Racers:
    """Client processes that start together."""

    def __init__(self, port: int, count: int) -> None:
        self._port = port
        spawning = multiprocessing.get_context("spawn")
        self._pipes, self._processes = [], []
        for _ in range(count):
            ours, theirs = spawning.Pipe()
            process: Any = spawning.Process(target=_process, args=(port, theirs), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)

    def race(self, calls: Sequence[tuple[Call, float]], *, at: float | None = None) -> list[Answer]:
        """Return the responses to requests that are sent at `at` (epoch seconds) plus the delay of each."""
        start = max(at or 0.0, time.time() + LEAD)
        chosen = list(zip(self._pipes, calls, strict=False))
        assert len(chosen) == len(calls)
        for pipe, (call, delay) in chosen:
            pipe.send((call, start + delay))
        return [pipe.recv() for pipe, _ in chosen]

    def close(self) -> None:
        for pipe in self._pipes:
            with contextlib.suppress(OSError):
                pipe.send(None)
        for process in self._processes:
            process.join(5)
            process.kill()
            process.join()
            process.close()
        for pipe in self._pipes:
            pipe.close()


@contextlib.contextmanager
def racers(port: int, count: int) -> Iterator[Racers]:
    """Client processes until the block ends."""
    running = Racers(port, count)
    try:
        yield running
    finally:
        running.close()
