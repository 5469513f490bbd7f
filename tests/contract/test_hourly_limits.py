"""Hourly limits on each store: an abuser of a few networks leaves a share for everybody else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gatepost.clients.registration_limits import TooManyRegistrations, count_registration
from gatepost.settings import Settings
from gatepost.stores.ports.store import Store
from tests.unit.world import NOW, SETTINGS


def counted(store: Store, settings: Settings, addresses: Iterable[str]) -> int:
    """Return how many registrations are counted and not refused."""
    number = 0
    for address in addresses:
        try:
            count_registration(store, settings, source_ip=address, now=NOW)
        except TooManyRegistrations:
            continue
        number += 1
    return number


def test_s359_neither_ten_networks_nor_a_large_one_use_up_the_hour(store: Store) -> None:
    settings = replace(SETTINGS, registrations_per_network=2, registrations_per_hour=16)
    ten = [f"2001:db8:{n}::1" for n in range(10)]

    assert counted(store, settings, [f"2001:db8:f:{n:x}::1" for n in range(64)]) == 2 * 2  # of one /56
    assert counted(store, settings, [f"2001:db8:f:{n:x}00::1" for n in range(1, 33)]) == 4 * 2 - 2 * 2  # of its /48
    assert counted(store, settings, [each for each in ten[:2] for _ in range(2)]) == 4
    assert counted(store, settings, [each for each in ten[:2] for _ in range(2)]) == 0
    assert counted(store, settings, ["192.0.2.7", "198.51.100.1", "203.0.113.9", "2001:db8:ffff::1"]) == 4
    assert counted(store, settings, [*ten, "10.0.0.1"]) == 0
