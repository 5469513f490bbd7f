"""Revocation while eight clients use a route: the first rejection, and the last acceptance.

With the settings of `cdk.json`, not those of the other tests: the bound is the deployed one. `python -m pytest -s`
prints the times.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import requests

from gatepost.routes import DEMO_READ
from gatepost.settings import Settings
from infra.local.deployment import Deployment
from tests.conftest import TEST_SETTINGS
from tests.people import Client, new_client, new_person

CLIENTS = 8
AFTER = 3.0  # seconds that they go on beyond the bound
SLACK = 1.0  # for what a request takes on a machine that does other things as well
_DEPLOYED = Settings(issuer="https://id.example.test")


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployment]:
    kept = ("revocation_poll", "authorizer_cache_seconds")
    settings = {**TEST_SETTINGS, **{name: getattr(_DEPLOYED, name) for name in kept}}
    with Deployment(overrides=settings, width=8) as running:
        yield running


@dataclass(frozen=True)
class Call:
    """A request of a client: its time (seconds, monotonic), and whether it was accepted."""

    sent_at: float
    accepted: bool


def hammered(deployment: Deployment, token: str, revoke: Callable[[], requests.Response]) -> tuple[list[Call], float]:
    """Return the clients' calls, from before the revocation until after its bound, and the time of its response."""
    end, calls, odd = threading.Event(), [], []

    def client() -> None:
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {token}"
            while not end.is_set():
                sent_at = time.monotonic()
                status = session.get(deployment.base_url + DEMO_READ.path, timeout=30).status_code
                if status not in (200, 403):
                    odd.append(status)
                calls.append(Call(sent_at, accepted=status == 200))

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(2)
        answer = revoke()
        revoked_at = time.monotonic()
        time.sleep(deployment.settings.revocation_bound + AFTER)
    finally:
        end.set()
        for thread in threads:
            thread.join()
    assert answer.status_code == 200
    assert odd == []
    return sorted(calls, key=lambda call: call.sent_at), revoked_at


def revoke_the_token(client: Client, tokens: dict[str, str]) -> requests.Response:
    return client.revoke(tokens["access_token"])


def revoke_the_grant(client: Client, tokens: dict[str, str]) -> requests.Response:
    return client.revoke(tokens["refresh_token"])


@pytest.mark.parametrize("revoke", [revoke_the_token, revoke_the_grant])
def test_s87_a_revoked_token_is_refused_within_the_bound_though_eight_clients_hammer(
    deployed: Deployment, revoke: Callable[[Client, dict[str, str]], requests.Response]
) -> None:
    person = new_person(deployed)
    client = new_client(deployed, person)
    tokens = client.tokens(person)

    calls, revoked_at = hammered(deployed, tokens["access_token"], lambda: revoke(client, tokens))

    bound = deployed.settings.revocation_bound
    first_refusal = next(call.sent_at for call in calls if not call.accepted) - revoked_at
    last_acceptance = max(call.sent_at for call in calls if call.accepted) - revoked_at
    print(
        f"\n{revoke.__name__}: {CLIENTS} clients, {len(calls)} requests; first refusal after {first_refusal:.1f} s, "
        f"last acceptance after {last_acceptance:.1f} s; the bound is {bound} s"
    )
    before = [call.accepted for call in calls if call.sent_at < revoked_at - SLACK]
    assert bound == 10
    assert len(before) > CLIENTS
    assert all(before)
    assert last_acceptance < bound + SLACK
    assert calls[-1].sent_at > revoked_at + bound + SLACK
