"""An AWS service on the loopback interface with scripted responses, connection by connection."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import zlib
from collections.abc import Sequence
from typing import Any

SILENCE = b""


class Service:
    """Accepts requests and sends `answers` in order; an empty one closes the connection."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.connections = 0
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listening = threading.Thread(target=self._accept, daemon=True)
        self._listening.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # wakes who waits for a connection
        self._listening.join()
        self._socket.close()
        self.hang_up()

    def hang_up(self) -> None:
        """End every connection, as a service does with those that were idle for long."""
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._open.clear()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while request := self._request(connection):
                with self._lock:
                    self.requests.append(request)
                    answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
                connection.sendall(answer)
                if not answer or b"connection: close" in answer:
                    connection.close()
                    return

    def _request(self, connection: socket.socket) -> tuple[str, dict[str, str], bytes] | None:
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return None
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        while len(body) < int(headers["content-length"]):
            body += connection.recv(65536)
        return first, headers, body


def reply(
    document: Any, status: int = 200, headers: Sequence[str] = (), *, checksum: bool = True, length: bool = True
) -> bytes:
    """Return a response in JSON."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    lines = [f"HTTP/1.1 {status} Whatever", "Content-Type: application/x-amz-json-1.0", *headers]
    if checksum:
        lines.append(f"x-amz-crc32: {zlib.crc32(body)}")
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def refusal(code: str, status: int = 400, **more: Any) -> bytes:
    """An error as DynamoDB tells it."""
    return reply(
        {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "a-very-private-value", **more}, status
    )
