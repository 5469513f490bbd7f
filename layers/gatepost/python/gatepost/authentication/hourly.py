"""Limits of what strangers can cause, counted in windows of an hour.

Each hour has counters of its own, so that steady traffic never waits longer than the hour.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from gatepost.authentication.throttling import network_of
from gatepost.identifiers import digest
from gatepost.model.records import Attempts
from gatepost.observability.log import note

if TYPE_CHECKING:
    from gatepost.stores.ports.accounts import AccountStore

_HOUR = 3600
NETWORK, ALL = "network", "all"
# How often the limit of the narrowest network the wider ones have, by the bits of their prefix. A customer may hold
# all of a /48, or of an IPv4 /24, and so many narrow ones.
_WIDER = {4: ((24, 4),), 6: ((56, 2), (48, 4))}
_KEPT = 4  # a fourth of the total is kept for the first one of each of the widest networks


class HourIsFull(Exception):
    """A limit of this hour is reached: `counter` names it, and the next hour begins in `retry_after` seconds."""

    def __init__(self, counter: str, retry_after: int) -> None:
        """Take both."""
        super().__init__(counter)
        self.counter = counter
        self.retry_after = retry_after


def count_in_hour(store: AccountStore, kind: str, counter: str, most: int, *, named: str, now: float) -> int:
    """Count one of its kind; return how many there are now. Raises HourIsFull, with `named`, beyond `most`."""
    number = store.count_failure(_name_hash(kind, counter, now), now=int(now), forget_at=_ends(now))
    if number > most:
        raise HourIsFull(named, _ends(now) - int(now))
    return number


def count_for_networks(store: AccountStore, kind: str, source_ip: str, *, most: int, total: int, now: float) -> None:
    """Count one of its kind for the networks of an address, from the narrowest, and then altogether.

    A network that is full uses up nothing of those behind it. The last fourth of the total is for networks that had
    none in this hour, so that nobody uses it up from a few. Raises HourIsFull.
    """
    numbers = count_in_networks(store, kind, source_ip, most=most, now=now)
    shared = total - -(-total // _KEPT)
    if _count_altogether(store, kind, shared, now):
        return
    note("hour.nearly_used_up", {"kind": kind}, failed=True)
    if numbers[-1] > 1 or not _count_altogether(store, kind, total, now):
        raise HourIsFull(ALL, _ends(now) - int(now))


def count_in_networks(store: AccountStore, kind: str, source_ip: str, *, most: int, now: float) -> list[int]:
    """Count one of its kind for each network of an address; return how many each has. Raises HourIsFull."""
    return [
        count_in_hour(store, kind, f"{NETWORK}#{network}", factor * most, named=NETWORK, now=now)
        for network, factor in networks_of(source_ip)
    ]


def networks_of(source_ip: str) -> tuple[tuple[str, int], ...]:
    """Return the networks of an address, from the narrowest, each with the factor of its limit."""
    narrowest = network_of(source_ip)
    if not narrowest:
        return (("", 1),)
    address = ipaddress.ip_network(narrowest).network_address
    wider = [(ipaddress.ip_network((address, bits), strict=False), factor) for bits, factor in _WIDER[address.version]]
    return ((narrowest, 1), *((str(network), factor) for network, factor in wider))


def _count_altogether(store: AccountStore, kind: str, most: int, now: float) -> bool:
    """Count one if there are fewer than `most`; one write if it is not the first of the hour."""
    begun = Attempts(failures=0, last_failure_at=0, expires_at=_ends(now))
    return store.reserve_attempt(
        _name_hash(kind, ALL, now), before=begun, free=most, now=int(now), forget_at=_ends(now)
    )


def _name_hash(kind: str, counter: str, now: float) -> str:
    return digest(f"{kind}#{int(now) // _HOUR}#{counter}")


def _ends(now: float) -> int:
    return (int(now) // _HOUR + 1) * _HOUR
