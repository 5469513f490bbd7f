"""Concurrent events, and failures, between the steps of what is tried."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from gatepost.errors import TemporarilyUnavailable


def meanwhile(store: Any, happen: Callable[[], object], *names: str, times: int = 99) -> Any:
    """Return the store; `happen` comes before a call of one of `names`, so many times at most, and may raise."""
    left = [happen] * times

    class Between:
        def __getattr__(self, name: str) -> Any:
            method = getattr(store, name)

            def call(*positional: Any, **named: Any) -> Any:
                if left:
                    left.pop()()
                return method(*positional, **named)

            return call if name in names else method

    return Between()


def unavailable() -> None:
    raise TemporarilyUnavailable("try again")


def delay(store: Any, name: str) -> None:
    """Let a write of the store take longer than the second lasts that began 0.7 seconds ago."""
    write = getattr(store, name)

    def delayed(*positional: Any, **named: Any) -> None:
        write(*positional, **named)
        time.sleep(0.4)

    setattr(store, name, delayed)
