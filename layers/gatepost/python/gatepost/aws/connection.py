"""HTTP/1.1 over a kept-alive connection: the subset that AWS's JSON services and JWK Sets need (RFC 9112).

`http.client` parses every response's headers with the parser for mails: that costs three times as much, and 7 ms of a
cold start.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
from collections.abc import Mapping
from typing import NamedTuple

from gatepost.aws.errors import NoAnswer

_LONGEST_HEAD = 65_536
_LENGTH, _CHUNK_SIZE = re.compile(r"[0-9]+"), re.compile(rb"([0-9A-Fa-f]+)(?:[ \t]*;.*)?", re.DOTALL)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token (RFC 9110 §5.6.2); neither folded nor padded


class Reply(NamedTuple):
    """A response. Header names are lower case; the values of a repeated header are joined by commas."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Place(NamedTuple):
    """The server to connect to."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    read_seconds: float
    connect_seconds: float = 1.0
    longest_body: int = 32 * 1024 * 1024  # bytes; responses of DynamoDB and Secrets Manager have 16 MB at most


class Connection:
    """A connection, for one request at a time."""

    def __init__(self, place: Place) -> None:
        """Connect. Raises NoAnswer."""
        self._buffer, self._longest_body = b"", place.longest_body
        self.usable = True
        try:
            plain = socket.create_connection((place.host, place.port), timeout=place.connect_seconds)
        except OSError as error:
            raise NoAnswer(f"Connect{type(error).__name__}") from None
        self._socket = plain
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if place.tls is not None:
                self._socket = place.tls.wrap_socket(plain, server_hostname=place.host)
            self._socket.settimeout(place.read_seconds)
        except OSError as error:  # ssl.SSLError is one
            plain.close()
            raise NoAnswer(f"Connect{type(error).__name__}") from None

    def is_idle(self) -> bool:
        """Whether it can take a request: the server neither closed it nor sent anything unexpectedly."""
        if not self.usable:
            return False
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not poll.poll(0)

    def exchange(self, request: bytes) -> Reply:
        """Send a request and read its response. After NoAnswer the connection is unusable."""
        try:
            self._socket.sendall(request)
            reply = self._reply()
        except (OSError, ValueError) as error:
            self.close()
            raise NoAnswer(type(error).__name__) from None
        except NoAnswer:
            self.close()
            raise
        options = reply.headers.get("connection", "").lower()
        if self._buffer or "close" in (option.strip(" \t") for option in options.split(",")):
            self.close()  # extra bytes would be taken for the next response
        return reply

    def close(self) -> None:
        """Close the connection."""
        self.usable = False
        self._socket.close()

    def _reply(self) -> Reply:
        status, headers = self._head()
        while 100 <= status < 200 and status != 101:  # interim: the final response follows (RFC 9110 §15.2)
            status, headers = self._head()
        return Reply(status, headers, self._body(headers))

    def _head(self) -> tuple[int, Mapping[str, str]]:
        first, *lines = self._until(b"\r\n\r\n", _LONGEST_HEAD).decode("latin-1").split("\r\n")
        version, status = first.split(" ", 2)[:2]
        if not version.startswith("HTTP/1."):
            raise ValueError("not HTTP/1")
        headers: dict[str, str] = {}
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon or not _NAME.fullmatch(name):
                raise ValueError("no header")
            name, value = name.lower(), value.strip(" \t")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return int(status), headers

    def _body(self, headers: Mapping[str, str]) -> bytes:
        """Return the body that the headers announce (RFC 9112 §6.3). Raises ValueError if its length is ambiguous."""
        coding, length = headers.get("transfer-encoding"), headers.get("content-length")
        if coding is not None:
            if coding.lower() != "chunked" or length is not None:
                raise ValueError("an unknown coding")
            return self._chunks()
        if length is None:
            return self._rest()
        if not _LENGTH.fullmatch(length):
            raise ValueError("no length")
        return self._exactly(int(length))

    def _chunks(self) -> bytes:
        parts: list[bytes] = []
        have = 0
        while size := self._chunk_size():
            have += size
            if have > self._longest_body:
                raise ValueError("too long")
            parts.append(self._exactly(size))
            self._until(b"\r\n", 2)
        while self._until(b"\r\n", 1024):
            pass
        return b"".join(parts)

    def _chunk_size(self) -> int:
        size = _CHUNK_SIZE.fullmatch(self._until(b"\r\n", 1024))
        if size is None:
            raise ValueError("no size")
        return int(size[1], 16)

    def _rest(self) -> bytes:
        """Return everything until the server closes the connection."""
        parts, have = [self._buffer], len(self._buffer)
        while data := self._socket.recv(65_536):
            parts.append(data)
            have += len(data)
            if have > self._longest_body:
                raise ValueError("too long")
        self._buffer = b""
        self.close()
        return b"".join(parts)

    def _until(self, mark: bytes, longest: int) -> bytes:
        while mark not in self._buffer:
            if len(self._buffer) > longest:
                raise ValueError("too long")
            self._receive()
        found, _, self._buffer = self._buffer.partition(mark)
        return found

    def _exactly(self, count: int) -> bytes:
        if not 0 <= count <= self._longest_body:
            raise ValueError("too long")
        if len(self._buffer) < count:
            parts, have = [self._buffer], len(self._buffer)
            while have < count:
                parts.append(self._more())
                have += len(parts[-1])
            self._buffer = b"".join(parts)
        found, self._buffer = self._buffer[:count], self._buffer[count:]
        return found

    def _receive(self) -> None:
        self._buffer += self._more()

    def _more(self) -> bytes:
        data = self._socket.recv(65_536)
        if not data:
            raise NoAnswer("ConnectionClosed")
        return data
