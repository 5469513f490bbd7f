"""Token buckets: how API Gateway limits the requests of a route."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Bucket:
    """Lets `burst` requests through at once and `rate` a second after."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        """A full bucket."""
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._left = float(burst)
        self._at = clock()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Whether the request may pass."""
        with self._lock:
            now = self._clock()
            self._left = min(self._burst, self._left + (now - self._at) * self._rate)
            self._at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True
