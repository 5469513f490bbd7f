"""One HTTP/1.1 request and its response over a connection to somebody else: limited in time and size."""

from __future__ import annotations

import base64
import http.client
import io
import socket
import time
from contextlib import closing
from typing import TYPE_CHECKING, cast

from gatepost.http.outbound_url import Target
from gatepost.model.fetching import Fetched, FetchFailed, Outbound

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LATE, _LONG = "no response in time", "the response is too long"
_LONGEST_HEAD = 16_384
_FRAMING = 1_024  # bytes, and as many again as the body has: for chunks


class Deadline:
    """The time at which an exchange ends."""

    def __init__(self, seconds: float) -> None:
        """Begin now."""
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left. Raises FetchFailed if there are none."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise FetchFailed(LATE)
        return left


class _Received(io.RawIOBase):
    """The bytes that the other side sends: `allowed` ones, until the deadline, however slowly they come."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline
        self.allowed = _LONGEST_HEAD

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the file that http.client reads from."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        if not self.allowed:
            raise FetchFailed(_LONG)
        self._connection.settimeout(self._deadline.left())
        count = self._connection.recv_into(memoryview(buffer)[: self.allowed])
        self.allowed -= count
        return count


def exchanged(connection: socket.socket, outbound: Outbound, target: Target, deadline: Deadline) -> Fetched:
    """Send the request and return the response. Raises FetchFailed, OSError, HTTPException and ValueError."""
    rest = memoryview(_written(outbound, target))
    while rest:
        connection.settimeout(deadline.left())
        rest = rest[connection.send(rest) :]
    received = _Received(connection, deadline)
    with closing(http.client.HTTPResponse(cast("socket.socket", received), method=outbound.method)) as response:
        response.begin()
        if response.status < 200:  # an interim response: nothing else was announced
            raise FetchFailed("no final response")
        content_type = response.getheader("Content-Type", "")
        media_type = content_type.partition(";")[0].strip().lower()
        is_read = outbound.most_bytes > 0 and (not outbound.accept or _is_accepted(media_type, outbound.accept))
        return Fetched(
            status=response.status,
            content_type=content_type,
            cache_control=response.getheader("Cache-Control", ""),
            body=_text(_body(response, received, outbound.most_bytes), media_type) if is_read else "",
        )


def _is_accepted(media_type: str, accept: tuple[str, ...]) -> bool:
    """Whether a type was asked for; another one in JSON is one of JSON (RFC 6839 §3.1)."""
    return media_type in accept or ("application/json" in accept and media_type.endswith("+json"))


def _written(outbound: Outbound, target: Target) -> bytes:
    body = outbound.body.encode()
    fields = {
        "Host": target.authority,
        "User-Agent": "gatepost",
        "Accept": ", ".join(outbound.accept) or "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    if outbound.method == "POST":
        fields["Content-Length"] = str(len(body))
    if body:
        fields["Content-Type"] = outbound.content_type
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{outbound.method} {target.path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def _text(body: bytes, media_type: str) -> str:
    """Return a body as `Fetched` has it. Raises ValueError if it should be UTF-8 and is not."""
    return base64.b64encode(body).decode() if media_type.startswith("image/") else body.decode()


def _body(response: http.client.HTTPResponse, received: _Received, most: int) -> bytes:
    """Return the whole body. Raises FetchFailed if it is longer, cut off or encoded."""
    if response.getheader("Content-Encoding", "identity").lower() != "identity":
        raise FetchFailed("the response is encoded")
    if response.length is not None and response.length > most:
        raise FetchFailed(_LONG)
    received.allowed += 2 * most + _FRAMING
    body = response.read(most + 1)
    if len(body) > most:
        raise FetchFailed(_LONG)
    if response.length:
        raise FetchFailed("the response is cut off")
    return body
