"""Requests that several processes send at the same moment."""

from __future__ import annotations

import time
from collections.abc import Sequence
from multiprocessing.connection import Connection

from tests.security.sending import Answer, Call, connected, send

LEAD = 0.05  # seconds to hand the requests to the processes


def racer(port: int, pipe: Connection) -> None:
    """One client: a request a message, each sent at its time."""
    connection = connected(port)
    while (message := pipe.recv()) is not None:
        call, start = message
        connection.connect() if connection.sock is None else None
        time.sleep(max(0.0, start - time.time() - 0.002))
        while time.time() < start:
            pass
        pipe.send(send(connection, call))


def raced(racers: Sequence[Connection], calls: Sequence[tuple[Call, float]], at: float | None = None) -> list[Answer]:
    """Return the responses to requests that are sent at `at` (epoch seconds) plus the delay of each."""
    start = max(at or 0.0, time.time() + LEAD)
    chosen = list(zip(racers, calls, strict=False))
    assert len(chosen) == len(calls)
    for pipe, (call, delay) in chosen:
        pipe.send((call, start + delay))
    return [pipe.recv() for pipe, _ in chosen]
