"""The Host headers that a local server accepts."""

from __future__ import annotations

import pytest

from infra.local.names import is_own


@pytest.mark.parametrize(
    ("hosts", "own"),
    [
        (["localhost:8080"], True),
        (["127.0.0.1:8080"], True),
        (["[::1]:8080"], True),
        (["LocalHost:8080"], True),
        ([" localhost:8080\t"], True),
        (["localhost:8081"], False),
        (["localhost"], False),
        (["localhost:"], False),
        (["localhost:８０８０"], False),
        (["localhost:+8080"], False),
        (["localhost.:8080"], False),
        (["localhost.rebound.example:8080"], False),
        (["rebound.example:8080"], False),
        (["rebound.example@localhost:8080"], False),
        (["127.0.0.1.rebound.example:8080"], False),
        (["0.0.0.0:8080"], False),
        (["\u00a0localhost:8080"], False),
        (["[::1]"], False),
        (["::1:8080"], False),
        ([""], False),
        ([], False),
        (["localhost:8080", "localhost:8080"], False),
    ],
)
def test_a_server_is_called_by_the_names_of_loopback_and_its_port(hosts: list[str], own: bool) -> None:
    assert is_own(hosts, 8080) is own


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_without_a_port_it_is_80(host: str) -> None:
    assert is_own([host], 80)
    assert is_own([host])


def test_where_the_port_is_left_open_any_is_right() -> None:
    assert is_own(["127.0.0.1:1"])
    assert not is_own(["rebound.example:1"])
    assert not is_own(["localhost:x"])
