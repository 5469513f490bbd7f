"""Addresses of the public internet, and all others (S221)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.http.special_addresses import is_loopback, is_public, parsed

# IANA's registries of special-purpose addresses (RFC 6890), with multicast and what was special once.
SPECIAL = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32",
    "::/128", "::1/128", "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64",
    "100:0:0:1::/64", "2001::/32", "2001:1::1/128", "2001:2::/48", "2001:3::/32", "2001:4:112::/48", "2001:10::/28",
    "2001:20::/28", "2001:30::/28", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16",
    "fc00::/7", "fd00:ec2::254/128", "fe80::/10", "fec0::/10", "ff00::/8",
)  # fmt: skip
PUBLIC = (
    "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0",
    "192.31.195.255", "192.31.197.0", "192.52.192.255", "192.52.194.0", "192.88.98.255", "192.88.100.0",
    "192.167.255.255", "192.169.0.0", "192.175.47.255", "192.175.49.0", "198.17.255.255", "198.20.0.0",
    "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
    "2000::", "2001:200::", "2001:db7:ffff::", "2001:db9::", "2003::", "2600:1f00::1", "2606:4700::1111",
    "2620:4f:7fff::", "2620:4f:8001::", "3ffe:ffff::", "3fff:1000::",
)  # fmt: skip


@pytest.mark.parametrize("network", SPECIAL)
def test_s221_no_address_of_a_special_network_is_public(network: str) -> None:
    found = ip_network(network)

    assert not is_public(found[0])
    assert not is_public(found[-1])
    assert not is_public(found[found.num_addresses // 2])


@pytest.mark.parametrize("address", PUBLIC)
def test_every_other_address_is_public_up_to_the_borders_of_the_special_ones(address: str) -> None:
    found = parsed(address)

    assert found is not None
    assert is_public(found)
    assert not is_loopback(found)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_s221_whatever_python_knows_as_special_is_not_public(address: IPv4Address | IPv6Address) -> None:
    special = address.is_private or address.is_multicast or address.is_reserved or address.is_link_local

    assert not (special and is_public(address))


@given(st.ip_addresses(v=4))
def test_s221_no_ipv4_address_inside_an_ipv6_one_is_public(address: IPv4Address) -> None:
    number = int(address)
    for network in ("::/96", "::ffff:0:0/96", "64:ff9b::/96"):
        assert not is_public(IPv6Network(network)[number])
    assert not is_public(IPv6Address((0x2002 << 112) | (number << 80)))  # 6to4
    assert not is_public(IPv6Address((0x2001 << 112) | (number ^ 0xFFFFFFFF)))  # Teredo


def test_loopback_is_this_machine_in_its_own_spelling() -> None:
    assert all(is_loopback(address) for address in (IPv4Network("127.0.0.0/8")[0], IPv4Network("127.0.0.0/8")[-1]))
    assert is_loopback(IPv6Address("::1"))
    assert not is_loopback(IPv6Address("::ffff:127.0.0.1"))
    assert not is_loopback(IPv6Address("::2"))
    assert not is_loopback(IPv4Address("128.0.0.1"))


@pytest.mark.parametrize(
    "spelling", ["127.1", "0177.0.0.1", "0x7f.0.0.1", "2130706433", "127.0.0.01", "127.0.0.1.", "::1%lo", "fe80::1%1",
                 "::ffff:127.1", "[::1]", "", "localhost", "1.1.1.1/32", "\uff11.1.1.1"]
)  # fmt: skip
def test_s221_other_spellings_of_an_address_are_none(spelling: str) -> None:
    assert parsed(spelling) is None
