"""Who has to wait before the next guess: one counter a name, one a network, one a known browser.

Nobody is locked out for good. What has failed too often waits, twice as long each time up to a limit, and a browser
that has signed in before has a counter of its own, so guesses from elsewhere never stop the owner (OWASP, device
cookies).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import NamedTuple

from gatepost.errors import OAuthError, TooManyAttempts
from gatepost.identifiers import digest
from gatepost.model import Attempts
from gatepost.settings import Settings
from gatepost.stores.keys import AttemptsKey
from gatepost.stores.ports import AccountStore, Store

_DAY, _HOUR = 86400, 3600
DEVICE_LIFETIME = 365 * _DAY


class Gate(NamedTuple):
    """A counter as it was read, and its rule: after `free` failures a wait that doubles up to `longest` seconds."""

    counter: str  # the hash that its record lies under
    attempts: Attempts | None
    free: int
    longest: int
    kept: int  # seconds without a failure after which it starts anew

    def wait(self, now: float) -> int:
        """Seconds to wait before the next attempt."""
        if not self._counts(now):
            return 0
        assert self.attempts is not None  # noqa: S101
        pause = min(1 << min(self.attempts.failures - self.free, 30), self.longest)
        return max(0, self.attempts.last_failure_at + pause - int(now))

    def reserve(self, store: AccountStore, now: float) -> bool:
        """Count a failure in advance where the free ones are used up, so that a burst of guesses gets one a wait.

        Returns whether it was counted. Raises TooManyAttempts if another attempt came first.
        """
        if not self._counts(now) or self.attempts is None:
            return False
        if not store.reserve_attempt(self.counter, self.attempts, now=int(now), forget_at=int(now) + self.kept):
            raise TooManyAttempts(1, sign_in="failed")
        return True

    def _counts(self, now: float) -> bool:
        return self.attempts is not None and self.attempts.expires_at > now and self.attempts.failures >= self.free


def name_gate(name_hash: str, attempts: Attempts | None, settings: Settings) -> Gate:
    """The gate of a user name, whether somebody has it or not."""
    return Gate(
        counter=name_hash,
        attempts=attempts,
        free=settings.attempts_free,
        longest=settings.attempts_max_wait,
        kept=_DAY,
    )


def network_gate(source_ip: str, attempts: Attempts | None, settings: Settings) -> Gate:
    """The gate of the network that a request comes from. Many people may share it, so its waits stay short."""
    return Gate(
        counter=network_key(source_ip).name_hash,
        attempts=attempts,
        free=settings.network_attempts_free,
        longest=settings.network_attempts_max_wait,
        kept=_HOUR,
    )


def device_gate(device: str, attempts: Attempts | None, settings: Settings) -> Gate:
    """The gate of a browser that has signed in before."""
    return Gate(
        counter=device_key(device).name_hash,
        attempts=attempts,
        free=settings.attempts_free,
        longest=settings.attempts_max_wait,
        kept=DEVICE_LIFETIME,
    )


def network_key(source_ip: str) -> AttemptsKey:
    """Where the counter of a network lies: of an IPv4 address, or of an IPv6 /64, which one customer has."""
    try:
        address = ipaddress.ip_address(source_ip)
    except ValueError:
        return AttemptsKey(digest("network#"))
    if address.version == 6:
        mapped = address.ipv4_mapped
        network = str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))
    else:
        network = str(address)
    return AttemptsKey(digest(f"network#{network}"))


def device_key(device: str) -> AttemptsKey:
    """Where the counter of a known browser lies, by its cookie."""
    return AttemptsKey(digest(f"device#{device}"))


def check_gates(gates: Sequence[Gate], now: float) -> None:
    """Raise TooManyAttempts while one of them has to wait."""
    wait = max(gate.wait(now) for gate in gates)
    if wait > 0:
        raise TooManyAttempts(wait, sign_in="failed")


def slowed(store: Store, settings: Settings, source_ip: str, guess: OAuthError, *, now: float) -> OAuthError:
    """What to answer to a wrong secret or an invented code: `guess`, or that the network has to wait.

    Guesses are counted only after they failed: a right secret never waits, and 256 random bits are not found by trying.
    """
    (attempts,) = store.read(network_key(source_ip))
    gate = network_gate(source_ip, attempts, settings)
    wait = gate.wait(now)
    if wait > 0:
        return TooManyAttempts(wait, **guess.facts)
    store.count_failure(gate.counter, now=int(now), forget_at=int(now) + gate.kept)
    return guess
