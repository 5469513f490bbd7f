"""Throttling of guesses: one counter per name or address as typed, per known browser, per network, and per account.

The counter of what was typed, or of the browser if it signed in before, is checked before the password: an attempt is
counted first and uncounted if it succeeds, so that concurrent attempts share the free ones. No account is locked: after
the free attempts the wait doubles each time up to a limit, and guesses from elsewhere never throttle a known browser
(OWASP, device cookies). A name and the address of its account wait apart, so that no wait tells that they belong
together. Neither does the account's own counter of a day: beyond what one name allows in a day, a right password is
answered as a wrong one. The counter of a network never blocks a right password, because many people may share an
address; it throttles wrong ones and feeds the alarm.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gatepost.errors import OAuthError, TooManyAttempts
from gatepost.identifiers import digest
from gatepost.model.records import Attempts
from gatepost.settings import Settings
from gatepost.stores.record_keys import AttemptsKey

if TYPE_CHECKING:
    from gatepost.stores.ports.accounts import AccountStore
    from gatepost.stores.ports.store import Store

DAY, _HOUR = 86400, 3600
DEVICE_LIFETIME = 365 * DAY
PASSWORDS, SECRETS = "network", "secrets"  # each kind of guess from a network has its own counter
E = TypeVar("E", bound=OAuthError)


class Gate(NamedTuple):
    """A counter as it was read, and its rule: after `free` failures a wait that doubles up to `longest` seconds."""

    counter: str  # the hash in the key of its record
    attempts: Attempts | None
    free: int
    longest: int
    kept: int  # seconds without a failure after which it restarts

    def wait(self, now: float) -> int:
        """Return the seconds to wait before the next attempt."""
        attempts = self.attempts
        if attempts is None or attempts.expires_at <= now or attempts.failures < self.free:
            return 0
        pause = min(1 << min(attempts.failures - self.free, 30), self.longest)
        return max(0, attempts.last_failure_at + pause - int(now))

    def reserve(self, store: AccountStore, now: float) -> None:
        """Count an attempt before the password is checked: one conditional write.

        Raises TooManyAttempts during a wait, or if concurrent attempts used up the free ones.
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
    """Return the gate of a user name, existing or not."""
    return Gate(
        counter=name_hash,
        attempts=attempts,
        free=settings.attempts_free,
        longest=settings.attempts_max_wait,
        kept=DAY,
    )


def account_gate(name: str, attempts: Attempts | None, settings: Settings, now: float) -> Gate:
    """Return the gate of all wrong passwords for an account in a day, by whatever name; `name` is its user name."""
    return Gate(
        counter=account_key(name, now).name_hash,
        attempts=attempts,
        free=guesses_a_day(settings),
        longest=settings.attempts_max_wait,
        kept=DAY,
    )


def account_key(name: str, now: float) -> AttemptsKey:
    """Return the key of an account's wrong passwords of the day; `name` is its user name, normalized."""
    return AttemptsKey(digest(f"account#{int(now) // DAY}#{name}"))


def guesses_a_day(settings: Settings) -> int:
    """Return how many wrong passwords one name allows in a day, if nobody waits longer than needed."""
    guesses, clock, pause = settings.attempts_free, 0, 1
    while pause < settings.attempts_max_wait:
        guesses, clock, pause = guesses + 1, clock + pause, 2 * pause
    return guesses + (DAY - clock) // settings.attempts_max_wait


def network_gate(source_ip: str, attempts: Attempts | None, settings: Settings, *, guessed: str = PASSWORDS) -> Gate:
    """Return the gate of a request's network. Many people may share it, so its waits are short."""
    return Gate(
        counter=network_key(source_ip, guessed).name_hash,
        attempts=attempts,
        free=settings.network_attempts_free,
        longest=settings.network_attempts_max_wait,
        kept=_HOUR,
    )


def device_gate(device: str, attempts: Attempts | None, settings: Settings) -> Gate:
    """Return the gate of a browser that has signed in before."""
    return Gate(
        counter=device_key(device).name_hash,
        attempts=attempts,
        free=settings.attempts_free,
        longest=settings.attempts_max_wait,
        kept=DEVICE_LIFETIME,
    )


def network_key(source_ip: str, guessed: str = PASSWORDS) -> AttemptsKey:
    """Return the key of a network's counter: of an IPv4 address, or of an IPv6 /64, the network of one customer."""
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
    """Return the key of a known browser's counter, by its cookie."""
    return AttemptsKey(digest(f"device#{device}"))


def note_wrong_password(store: AccountStore, gate: Gate, now: float) -> None:
    """Count a wrong password for its network, or raise TooManyAttempts without counting during a wait."""
    wait = gate.wait(now)
    if wait > 0:
        raise TooManyAttempts(wait, sign_in="failed")
    store.count_failure(gate.counter, now=int(now), forget_at=int(now) + gate.kept)


def slowed(store: Store, settings: Settings, source_ip: str, guess: E, *, now: float) -> E:
    """Return `guess`, a wrong secret or unknown code, with `retry_after` set if its network guessed too often.

    Guesses are counted only after they failed: a right secret never waits, and 256 random bits can't be guessed.
    """
    (attempts,) = store.read(network_key(source_ip, SECRETS))
    gate = network_gate(source_ip, attempts, settings, guessed=SECRETS)
    guess.retry_after = gate.wait(now)
    if not guess.retry_after:
        store.count_failure(gate.counter, now=int(now), forget_at=int(now) + gate.kept)
    return guess
