"""The other side of a fetch: a certificate authority that is trusted, and no network at all."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.unit.http.other_side import Authority


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def authority(certificates: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority whose certificates a fetch of this test trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.file))
    return certificates


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The addresses that connections were opened to; none is."""
    tried: list[Any] = []

    def connect(_: socket.socket, address: Any) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return tried
