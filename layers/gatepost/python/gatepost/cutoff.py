"""Dates that void what was made until then, so that nothing escapes that is being made at the same moment.

Dates are whole seconds, and a request that has just read a record may still issue something while the record changes;
what it issues bears a date of at most the moment of the change. So the date that voids must not lie before that moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable


def clock_from(now: float) -> Callable[[], float]:
    """What time it is, for work that begins at `now` and takes a while."""
    began = time.monotonic()
    return lambda: now + time.monotonic() - began


def write_dated(write: Callable[[float], None], now: float) -> None:
    """Call `write` with `now`, and once more with a later time if another second had begun before it took effect.

    `now` must be the time of this call, not of a request that took a while to come here.
    """
    clock = clock_from(now)
    write(now)
    done = clock()
    if int(done) > int(now):
        write(done)
