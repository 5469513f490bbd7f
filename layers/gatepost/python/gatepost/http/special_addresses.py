"""The addresses of the public internet, apart from every other one."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

# IANA's registry of special-purpose IPv4 addresses (RFC 6890), and multicast (RFC 5771). Explicit, because `is_global`
# differs between versions of Python, and takes multicast and the anycast of relays for public.
_SPECIAL_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers, and by AWS
        "127.0.0.0/8",  # loopback: Lambda's runtime API among others
        "169.254.0.0/16",  # link-local: metadata and credentials
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# Public are unicast addresses (RFC 4291 §2.4) without IANA's special ones. Outside lie, among others, loopback, unique
# local with AWS's fd00:ec2::254, link-local, multicast, and the ones that hold an IPv4 address: mapped, compatible and
# NAT64, which would lead to any of them.
_UNICAST = IPv6Network("2000::/3")
_SPECIAL_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: holds an IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_LOOPBACK_V4, _LOOPBACK_V6 = IPv4Network("127.0.0.0/8"), IPv6Address("::1")


def parsed(text: str) -> Address | None:
    """Return the address in its usual spelling, else None: other spellings and zones are none (RFC 6874)."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return None if "%" in text else found


def is_public(address: Address) -> bool:
    """Whether an address is of the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    return address in _UNICAST and not any(address in network for network in _SPECIAL_V6)


def is_loopback(address: Address) -> bool:
    """Whether an address is of this machine; one that is mapped into IPv6 is not."""
    return address in _LOOPBACK_V4 if isinstance(address, IPv4Address) else address == _LOOPBACK_V6
