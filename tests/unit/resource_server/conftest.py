"""An issuer on loopback, and the environment of a function that trusts it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatepost.resource_server.protection import Protection
from gatepost.settings import Settings
from tests.unit.loopback import AUDIENCE, LocalIssuer, told
from tests.unit.resource_server.protected_function import WHERE


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalIssuer]:
    with LocalIssuer().running() as running:
        settings = Settings(issuer=running.url, audience=AUDIENCE, scope_implies={"reports": ["reports.read"]})
        environ = settings.to_env("issuer", "audience", "scope_implies")
        environ |= Protection(realm="reports", resource_metadata=WHERE).to_env()
        with told(environ, monkeypatch):
            yield running
