"""Cutoffs that also void what concurrent requests issue in the same second.

A cutoff is a date in whole seconds: what was issued up to it is void. A request that has just read a record may still
issue something while the record changes, dated no later than the moment of the change, so the cutoff must not lie
before that moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable


def clock_from(now: float) -> Callable[[], float]:
    """Return a clock that starts at `now`, for work that takes a while."""
    began = time.monotonic()
    return lambda: now + time.monotonic() - began


def write_dated(write: Callable[[float], None], now: float) -> None:
    """Call `write` with `now`, and again with a later time if the second changed before the write took effect.

    `now` must be the time of this call, not the time at which a long request arrived.
    """
    clock = clock_from(now)
    write(now)
    done = clock()
    if int(done) > int(now):
        write(done)
