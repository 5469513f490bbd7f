"""Requests to URLs that people gave, without a way into our own network (server-side request forgery).

The name is resolved once, every address that it has must be public, and the connection goes to one of these very
addresses. No redirect is followed and no proxy is used; the whole exchange is limited in time, and the response in
size.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import cached_property
from queue import Empty, SimpleQueue
from threading import Thread

from gatepost.http.outbound_exchange import LATE, Deadline, exchanged
from gatepost.http.outbound_url import Target, target_of
from gatepost.http.special_addresses import Address, is_loopback, is_public, parsed
from gatepost.model.fetching import Fetched, FetchFailed, FetchRefused, Outbound

LONGEST_BODY = 100_000  # bytes, of requests and of responses
MOST_SECONDS = 8.0
_MOST_TRIED = 4  # addresses of a name
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9.+-]{1,60}/[A-Za-z0-9.+-]{1,60}")

Resolve = Callable[[str], Sequence[str]]


def looked_up(host: str) -> Sequence[str]:
    """Return the addresses of a name, in the order of the system's preference. Raises OSError."""
    return [str(each[4][0]) for each in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


class GuardedFetch:
    """Implements fetching.Fetcher."""

    def __init__(self, *, local: bool, resolve: Resolve = looked_up) -> None:
        """Take `local` for a server on loopback: then URLs may be on loopback too, with http and any port."""
        self._local = local
        self._resolve = resolve

    def fetch(self, outbound: Outbound) -> Fetched:
        """See fetching.Fetcher."""
        _check(outbound)
        target = target_of(outbound.url, local=self._local)
        deadline = Deadline(outbound.seconds)
        with _failures(), ExitStack() as opened:
            addresses = self._addresses(target, deadline)
            connection = opened.enter_context(closing(_connected(addresses, target.port, deadline)))
            if target.secure:
                connection.settimeout(deadline.left())
                secured = self._tls.wrap_socket(connection, server_hostname=target.host)
                connection = opened.enter_context(closing(secured))
            return exchanged(connection, outbound, target, deadline)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def _addresses(self, target: Target, deadline: Deadline) -> Sequence[Address]:
        """Return addresses of the target, resolved once. Raises FetchRefused if any of them is not allowed."""
        found = [target.host] if parsed(target.host) else _resolved(self._resolve, target.host, deadline)
        addresses = [parsed(text) for text in dict.fromkeys(found)]
        allowed = [each for each in addresses if each and self._is_allowed(each, target)]
        if len(allowed) < len(addresses):
            raise FetchRefused("the host has an address that is not public")
        return allowed[:_MOST_TRIED]

    def _is_allowed(self, address: Address, target: Target) -> bool:
        return (target.secure and is_public(address)) or (self._local and is_loopback(address))


def _check(outbound: Outbound) -> None:
    """Raise FetchRefused for a request that can't be sent as it is."""
    types = (*outbound.accept, outbound.content_type) if outbound.body else outbound.accept
    if outbound.method not in ("GET", "POST") or (outbound.method == "GET" and outbound.body):
        raise FetchRefused("the method is neither GET nor POST, or has no body")
    if not all(map(_MEDIA_TYPE.fullmatch, types)):
        raise FetchRefused("a media type is malformed")
    if not 0 <= outbound.most_bytes <= LONGEST_BODY or len(outbound.body.encode()) > LONGEST_BODY:
        raise FetchRefused("a body may be too long")
    if not 0 < outbound.seconds <= MOST_SECONDS:
        raise FetchRefused("the time is out of range")


def _resolved(resolve: Resolve, host: str, deadline: Deadline) -> Sequence[str]:
    """Return the resolver's answer if it comes in time: the system's resolver knows no deadline."""
    answers: SimpleQueue[Sequence[str]] = SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(resolve(host))
        except OSError:
            answers.put(())

    Thread(target=look_up, daemon=True).start()
    try:
        found = answers.get(timeout=deadline.left())
    except Empty:
        raise FetchFailed(LATE) from None
    if not found:
        raise FetchFailed("the host has no address")
    return found


def _connected(addresses: Sequence[Address], port: int, deadline: Deadline) -> socket.socket:
    """Return a connection to the first address that accepts one; each gets a share of the time. Raises OSError."""
    *others, last = addresses
    for at, address in enumerate(others):
        with contextlib.suppress(OSError):
            return _connection(address, port, deadline.left() / (len(addresses) - at))
    return _connection(last, port, deadline.left())


def _connection(address: Address, port: int, seconds: float) -> socket.socket:
    made = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
    try:
        made.settimeout(seconds)
        made.connect((str(address), port))
    except OSError:
        made.close()
        raise
    return made


@contextlib.contextmanager
def _failures() -> Iterator[None]:
    """Turn errors of the network and of the other side into FetchFailed, without their texts."""
    try:
        yield
    except TimeoutError:
        raise FetchFailed(LATE) from None
    except ssl.SSLCertVerificationError:
        raise FetchFailed("the certificate is not valid for the host") from None
    except ssl.SSLError:
        raise FetchFailed("no TLS connection") from None
    except OSError:
        raise FetchFailed("no connection") from None
    except (http.client.HTTPException, ValueError):
        raise FetchFailed("no HTTP response") from None
