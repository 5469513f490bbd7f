"""The HTTP server in front of the gateway: one port of the loopback interface, on IPv4 and IPv6."""

from __future__ import annotations

import contextlib
import socket
import threading
import uuid
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from infra.local.apigateway.events import Request, Response
from infra.local.apigateway.gateway import LARGEST_BODY
from infra.local.names import is_own, is_page_elsewhere

_IDLE_SECONDS = 75.0
ID_HEADER = "apigw-requestid"
_TLS_HANDSHAKE = b"\x16"


class PortBusy(Exception):
    """Another program listens on the port; the text is one sentence."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    answer: Callable[[Request], Response]
    port: int
    host: str
    id_header: str
    on_https: Callable[[], None] | None
    pages_at_localhost: bool

    def __init__(self, address: tuple[str, int]) -> None:
        self.open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection: clients keep theirs open."""
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection."""
        self.open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Close every connection, which ends its thread."""
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore disconnected clients."""


class _Server6(_Server):
    address_family = socket.AF_INET6


class Front:
    """A server that runs until `close`."""

    def __init__(
        self,
        port: int,
        answer: Callable[[Request], Response] | None = None,
        *,
        id_header: str = ID_HEADER,
        on_https: Callable[[], None] | None = None,
    ) -> None:
        """Bind the port (0: any free one); requests wait until `serve`. Raises PortBusy.

        `id_header` is the name of the response header for the request's id; `on_https` is called when a client speaks
        TLS.
        """
        self._servers = _listen(port)
        self._on_https = on_https
        self._id_header = id_header
        self.port: int = self._servers[0].server_address[1]
        self.base_url = f"http://localhost:{self.port}"
        if answer:
            self.serve(answer)

    def serve(self, answer: Callable[[Request], Response], *, pages_at_localhost: bool = False) -> None:
        """Respond to requests with `answer`; if `pages_at_localhost`, send browsers there from other names."""
        for server in self._servers:
            server.answer = answer
            server.port = self.port
            server.id_header = self._id_header
            server.on_https = self._on_https
            server.pages_at_localhost = pages_at_localhost
            server.host = f"localhost:{self.port}"
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self._serving = True

    _serving = False

    def close(self) -> None:
        """Stop listening."""
        for server in self._servers:
            if self._serving:
                server.shutdown()
            server.server_close()
            server.hang_up()


def _listen(port: int) -> list[_Server]:
    for _ in range(20):
        try:
            first = _Server(("127.0.0.1", port))
        except OSError as error:
            raise PortBusy(f"Port {port} is in use by another program: choose one with PORT=8081.") from error
        try:
            return [first, _Server6(("::1", first.server_address[1]))]
        except OSError as error:
            if not _has_ipv6():
                return [first]
            first.server_close()
            if port:
                raise PortBusy(f"Port {port} is in use by another program: choose one with PORT=8081.") from error
    raise PortBusy("No port is free on both 127.0.0.1 and ::1.")


def _has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


class _BodyTooLarge(Exception):
    pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet for head and body
    server: _Server

    def handle_one_request(self) -> None:
        """Hang up on TLS, whose first byte no request has: its handshake would wait for an answer."""
        if self.rfile.peek(1)[:1] != _TLS_HANDSHAKE:  # type: ignore[attr-defined]
            super().handle_one_request()
            return
        self.close_connection = True
        if self.server.on_https:
            self.server.on_https()

    def finish(self) -> None:
        """Close both files, also when a client that has gone keeps the first from being flushed."""
        try:
            super().finish()
        except OSError:
            self.rfile.close()

    def parse_request(self) -> bool:
        """Route every method to `_respond`, known or not."""
        if not super().parse_request():
            return False
        setattr(self, f"do_{self.command}", self._respond)
        return True

    def _respond(self) -> None:
        if not is_own(self.headers.get_all("Host", []), self.server.port):
            self.close_connection = True
            self._send(Response.message(421, f"This server answers as {self.server.host} only."), "")
            return
        accept, host = (str(self.headers.get(name, "")) for name in ("Accept", "Host"))
        if self.server.pages_at_localhost and is_page_elsewhere(self.command, accept=accept, host=host):
            self.close_connection = True
            self._send(
                Response(status=307, headers=(("location", f"http://{self.server.host}{self._origin_form()}"),)), ""
            )
            return
        try:
            body = self._body()
        except _BodyTooLarge:
            self.close_connection = True
            self._send(Response.message(413, "Request Entity Too Large"), "")
            return
        except ValueError:
            self.close_connection = True
            self._send(Response.message(400, "Bad Request"), "")
            return
        path, _, query = self.path.partition("?")
        request = Request(
            method=self.command,
            path=path,
            query=query,
            headers=tuple(self.headers.items()),
            body=body,
            source_ip=self.client_address[0],
            protocol=self.request_version,
            request_id=uuid.uuid4().hex[:15] + "=",
            host=self.server.host,
        )
        self._send(self.server.answer(request), request.request_id)

    def _origin_form(self) -> str:
        return self.path if self.path.startswith("/") else "/"

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = int(self.headers.get("Content-Length") or 0)
        if length < 0:
            raise ValueError("negative length")
        if length > LARGEST_BODY:
            raise _BodyTooLarge
        return self.rfile.read(length)

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(1024).split(b";")[0], 16):
            if size < 0 or len(body) + size > LARGEST_BODY:
                raise _BodyTooLarge
            body += self.rfile.read(size)
            self.rfile.readline(1024)
        while self.rfile.readline(1024).strip():
            pass
        return body

    def _send(self, response: Response, request_id: str) -> None:
        self.send_response_only(response.status)
        self.send_header("date", self.date_time_string())
        for name, value in response.headers:
            if name.lower() not in {"content-length", "connection", "transfer-encoding", "date"}:
                self.send_header(name, value)
        self.send_header(self.server.id_header, request_id)
        if response.status != 204:
            self.send_header("content-length", str(len(response.body)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Respond to malformed requests as API Gateway does."""
        self.close_connection = True
        self.command = getattr(self, "command", None) or "GET"
        self.request_version = self.protocol_version
        self._send(Response.message(code, HTTPStatus(code).phrase), "")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Log nothing: the terminal is for the logs of the functions."""
