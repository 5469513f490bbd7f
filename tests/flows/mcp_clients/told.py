"""The protocol of the client programs: a line of JSON in for each step, and one out that says how it went.

A program prints `OPEN url` where its person would see a browser. Only the standard library is imported here: the
programs run in an environment of their own.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

AHEAD = [0.0]  # seconds that this program's clock is ahead
_now = time.time
Act = Callable[[dict[str, Any]], Awaitable[object]]


def opened(url: str) -> None:
    print(f"OPEN {url}", flush=True)


def move_the_clock() -> None:
    """Let later steps happen at another time of this program, so that it takes its token for expired."""
    time.time = lambda: _now() + AHEAD[0]


async def obey(act: Act) -> None:
    """Do each step that is read, until standard input ends."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        step = json.loads(line)
        try:
            said: dict[str, object] = {"result": await act(step)}
        except Exception as error:  # noqa: BLE001 - whatever the library raises is told
            said = {"error": "; ".join(_texts(error))}
        print(json.dumps(said), flush=True)


def _texts(error: BaseException) -> list[str]:
    if isinstance(error, BaseExceptionGroup):
        return [text for each in error.exceptions for text in _texts(each)]
    return [f"{type(error).__name__}: {error}"]
