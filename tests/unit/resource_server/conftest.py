"""An issuer on loopback with the environment of a function that trusts it, and an issuer with a list."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatepost.resource_server.issuer_keys import IssuerWatch
from gatepost.resource_server.protection import Protection
from tests.unit.loopback import LocalIssuer, trusted
from tests.unit.resource_server.issuing_web import Web, new_watch
from tests.unit.resource_server.protected_function import WHERE


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalIssuer]:
    with trusted(Protection(realm="reports", resource_metadata=WHERE), monkeypatch) as running:
        yield running


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def watch(web: Web) -> IssuerWatch:
    return new_watch(web)
