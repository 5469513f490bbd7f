"""Throttling of guesses: one counter for a name, one for a known browser, one for a network.

The counter of the name, or of the browser if it signed in before, decides before the password is looked at: an attempt
is counted first and given back if it succeeds, so attempts at the same moment share the free ones. Nobody is locked out
for good: past the free attempts one waits, twice as long each time up to a limit, and guesses from elsewhere never stop
a known browser (OWASP, device cookies). The counter of a network never stops a right password: many people may share an
address. It tells who guesses wrong to wait, and feeds the alarm.
"""

from __future__ import annotations

import ipaddress
from typing import NamedTuple, TypeVar

from gatepost.stores.ports.accounts import AccountStore
from gatepost.stores.ports.store import Store

from gatepost.errors import OAuthError, TooManyAttempts
from gatepost.identifiers import digest
from gatepost.model.records import Attempts
from gatepost.settings import Settings
from gatepost.stores.record_keys import AttemptsKey

_DAY, _HOUR = 86400, 3600
DEVICE_LIFETIME = 365 * _DAY
PASSWORDS, SECRETS = "network", "secrets"  # what is guessed from a network: each kind has its own counter
E = TypeVar("E", bound=OAuthError)


class Gate(NamedTuple):
    """A counter as it was read, and its rule: after `free` failures a wait that doubles up to `longest` seconds."""

    counter: str  # the hash that its record lies under
    attempts: Attempts | None
    free: int
    longest: int
    kept: int  # seconds without a failure after which it starts anew

    def wait(self, now: float) -> int:
        """Return the seconds to wait before the next attempt."""
        attempts = self.attempts
        if attempts is None or attempts.expires_at <= now or attempts.failures < self.free:
            return 0
        pause = min(1 << min(attempts.failures - self.free, 30), self.longest)
        return max(0, attempts.last_failure_at + pause - int(now))

    def reserve(self, store: AccountStore, now: float) -> None:
        """Count an attempt before it is looked at: one conditional write.

        Raises TooManyAttempts while the counter has to wait, or if concurrent attempts used the free ones up.
        """
        wait = self.wait(now)
        if wait > 0:
            raise TooManyAttempts(wait, sign_in="failed")
        forget_at = int(now) + self.kept
        if not store.reserve_attempt(
            self.counter, before=self.attempts, free=self.free, now=int(now), forget_at=forget_at
        ):
            raise TooManyAttempts(1, sign_in="failed")


def name_gate(name_hash: str, attempts: Attempts | None, settings: Settings) -> Gate:
    """The gate of a user name, whether somebody has it or not."""
    return Gate(
        counter=name_hash,
        attempts=attempts,
        free=settings.attempts_free,
        longest=settings.attempts_max_wait,
        kept=_DAY,
    )


def network_gate(source_ip: str, attempts: Attempts | None, settings: Settings, *, guessed: str = PASSWORDS) -> Gate:
    """The gate of the network that a request comes from. Many people may share it, so its waits stay short."""
    return Gate(
        counter=network_key(source_ip, guessed).name_hash,
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


def network_key(source_ip: str, guessed: str = PASSWORDS) -> AttemptsKey:
    """The counter of a network: of an IPv4 address, or of an IPv6 /64, which one customer has."""
    return AttemptsKey(digest(f"{guessed}#{network_of(source_ip)}"))


def network_of(source_ip: str) -> str:
    """Return the IPv4 address, or the /64 of an IPv6 address; "" for anything else."""
    try:
        address = ipaddress.ip_address(source_ip)
    except ValueError:
        return ""
    if address.version == 6:
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def device_key(device: str) -> AttemptsKey:
    """The counter of a known browser, by its cookie."""
    return AttemptsKey(digest(f"device#{device}"))


def note_wrong_password(store: AccountStore, gate: Gate, now: float) -> None:
    """Count a wrong password for its network. Raises TooManyAttempts, and counts nothing, while the network waits."""
    wait = gate.wait(now)
    if wait > 0:
        raise TooManyAttempts(wait, sign_in="failed")
    store.count_failure(gate.counter, now=int(now), forget_at=int(now) + gate.kept)


def slowed(store: Store, settings: Settings, source_ip: str, guess: E, *, now: float) -> E:
    """Return `guess`, a wrong secret or an invented code, with `retry_after` once its network guessed too often.

    Guesses are counted only after they failed: a right secret never waits, and 256 random bits are not found by trying.
    """
    (attempts,) = store.read(network_key(source_ip, SECRETS))
    gate = network_gate(source_ip, attempts, settings, guessed=SECRETS)
    guess.retry_after = gate.wait(now)
    if not guess.retry_after:
        store.count_failure(gate.counter, now=int(now), forget_at=int(now) + gate.kept)
    return guess
