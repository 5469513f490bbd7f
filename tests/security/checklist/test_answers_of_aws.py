"""Responses of AWS with surplus bytes: nobody sees another user's response. S134."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from infra.local.deployment import Deployment
from tests.people import Client, get, new_person

OF_THE_DATABASE = "AWS_ENDPOINT_URL_DYNAMODB"


class Repeating:
    """A proxy in front of an AWS that repeats the previous response of a connection after each response."""

    def __init__(self, endpoint: str) -> None:
        url = urlsplit(endpoint)
        self._there = str(url.hostname), int(url.port or 80)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._listening = threading.Thread(target=self._accept, daemon=True)
        self._listening.start()
        self._before = b""

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._listening.join()
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, socket.create_connection(self._there) as service:
            while request := _message(connection):
                service.sendall(request)
                answer = _message(service)
                connection.sendall(answer + self._before)
                self._before = answer


def _message(connection: socket.socket) -> bytes:
    """Return a request or a response with its body, b"" at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    while len(body) < int(lines[b"content-length"]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@pytest.fixture
def repeating(deployment: Deployment) -> Iterator[None]:
    function = deployment.functions["whoami"]
    known = function.config.environment
    wire = Repeating(deployment.cloud.endpoint)
    function.reconfigure({**known, OF_THE_DATABASE: wire.url})
    yield
    function.reconfigure(known)
    wire.close()


@pytest.mark.usefixtures("repeating")
def test_s134_a_surplus_answer_of_the_database_shows_nobody_another_account(
    deployment: Deployment, client: Client
) -> None:
    people = [new_person(deployment) for _ in range(3)]
    tokens = [client.tokens(person)["access_token"] for person in people]

    named = [get(deployment, "/authorization/whoami", token).json()["sub"] for token in tokens * 2]
    assert named == [person.user.user_id for person in people] * 2
