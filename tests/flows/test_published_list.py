"""The stack of docs/protect-your-api.md denies what was revoked though it knows the issuer's URL alone."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from gatepost.scope import Scope
from infra.local.deployment import Deployment
from infra.local.guest import Guest
from tests.conftest import TEST_SETTINGS
from tests.flows.test_protecting_an_api import (
    APP,
    AUDIENCE,
    KINDS,
    NOWHERE,
    REVOKED,
    SCOPES,
    addresses,
    call,
    token_of,
)
from tests.people import Client, new_client, new_person


@pytest.fixture(scope="module")
def gatepost() -> Iterator[Deployment]:
    settings = {**TEST_SETTINGS, "audience": AUDIENCE, "scopes": SCOPES, "published_revocations": True}
    with Deployment(overrides=settings) as deployed:
        yield deployed


@pytest.fixture(scope="module")
def client(gatepost: Deployment) -> Client:
    return new_client(gatepost, new_person(gatepost), scope=Scope.of("reports.read", "reports.write", "read"))


@pytest.fixture(scope="module")
def by_url(gatepost: Deployment) -> Iterator[Guest]:
    context = {"issuer": NOWHERE, "audience": AUDIENCE}
    with Guest(gatepost, app=APP, context=context, alter=addresses(gatepost)) as deployed:
        yield deployed


def test_by_the_url_alone_a_revoked_token_is_refused_within_the_bound(by_url: Guest, client: Client) -> None:
    token, kept = token_of(client, "reports.read"), token_of(client, "reports.read")
    for kind in KINDS:
        assert call(by_url, kind, "/reports", token).status_code == 200
    client.revoke(token)
    # cache_seconds and revocation_poll of the example, max-age of the list, a second in its container, and a little
    end = time.monotonic() + 5 + 5 + 1 + 1 + 1
    while time.monotonic() < end and any(call(by_url, kind, "/reports", token).ok for kind in REVOKED):
        time.sleep(0.25)

    assert {kind: call(by_url, kind, "/reports", token).status_code for kind in REVOKED} == REVOKED
    assert [call(by_url, kind, "/reports", kept).status_code for kind in REVOKED] == [200] * len(REVOKED)
    assert call(by_url, "NativeApiUrl", "/reports", token).status_code == 200  # until it expires
