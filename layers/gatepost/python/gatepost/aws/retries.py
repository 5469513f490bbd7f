"""The retry policy: which errors are retried, how often and after which pause; as botocore's mode `standard`."""

from __future__ import annotations

import os
import threading

TRIES = 3
_FIRST_PAUSE = 0.05  # seconds, doubled each time, with full jitter: as botocore for DynamoDB
_STATUSES = frozenset({500, 502, 503, 504})
_TRANSIENT = frozenset({"RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete", "InternalServerError"})
_THROTTLING = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "RequestLimitExceeded",
        "LimitExceededException",
        "RequestThrottled",
        "SlowDown",
    }
)
# One side's clock is wrong, or was when the request was signed.
SKEWED = frozenset(
    {
        "RequestTimeTooSkewed",
        "RequestExpired",
        "RequestInTheFuture",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "AuthFailure",
    }
)
_FULL, _COST = 500, 5


def is_passing(status: int, code: str) -> bool:
    """Whether a retry may succeed."""
    return status in _STATUSES or code in _TRANSIENT or code in _THROTTLING


def pause(failures: int) -> float:
    """Return the seconds to wait after that many failures."""
    return jittered(_FIRST_PAUSE * 2 ** (failures - 1))


def jittered(longest: float) -> float:
    """Return a random duration from 0 to `longest`, from the kernel: copies of a snapshot must not wait alike."""
    return longest * int.from_bytes(os.urandom(4), "big") / 2**32


class Quota:
    """A budget that keeps retries from multiplying the load of a failing service: retries cost, successes refund."""

    def __init__(self) -> None:
        """Start with the full quota."""
        self._left = _FULL
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Take the cost of a retry; return whether there was enough."""
        with self._lock:
            if self._left < _COST:
                return False
            self._left -= _COST
            return True

    def give_back(self, retried: int) -> None:
        """Refund a response that took `retried` retries."""
        with self._lock:
            self._left = min(_FULL, self._left + max(1, retried * _COST))
