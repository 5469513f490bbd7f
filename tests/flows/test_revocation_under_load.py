"""Revocation while eight clients use a route: the first rejection, and the last acceptance.

`python -m pytest -s` prints the times.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from gatepost.routes import DEMO_READ
from infra.local.deployment import Deployment
from tests.people import Client, Person

CLIENTS = 8
OTHERS = 10  # tokens that are revoked each second meanwhile
PAUSE = 0.02  # seconds of a client between two requests
BEFORE, AFTER = 2.0, 1.5  # seconds that they go on before the revocation, and beyond the bound
SLACK = 1.0  # for what a request takes on a machine that does other things as well


@dataclass(frozen=True)
class Call:
    """A request of a client: its time (seconds, monotonic), and whether it was accepted."""

    sent_at: float
    accepted: bool


class Hammered:
    """Clients that use each of some tokens in turn, until they are told to stop."""

    def __init__(self, deployment: Deployment, tokens: Sequence[str]) -> None:
        self.calls: dict[str, list[Call]] = {token: [] for token in tokens}
        self.odd: list[int] = []
        self._url = deployment.base_url + DEMO_READ.path
        self._end = threading.Event()

    @contextmanager
    def going_on(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._client) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._end.set()
            for thread in threads:
                thread.join()

    def _client(self) -> None:
        with requests.Session() as session:
            for token in itertools.cycle(self.calls):
                if self._end.wait(PAUSE):
                    return
                sent_at = time.monotonic()
                headers = {"Authorization": f"Bearer {token}"}
                status = session.get(self._url, headers=headers, timeout=30).status_code
                if status not in (200, 403):
                    self.odd.append(status)
                self.calls[token].append(Call(sent_at, accepted=status == 200))


def test_s87_a_revoked_token_is_refused_within_the_bound_though_eight_clients_hammer(
    deployment: Deployment, person: Person, client: Client
) -> None:
    """One is revoked itself, the other one goes with its grant."""
    alone, granted = client.tokens(person), client.tokens(person)
    revoked = {alone["access_token"]: alone["access_token"], granted["access_token"]: granted["refresh_token"]}
    revoked_at: dict[str, float] = {}
    clients, bound = Hammered(deployment, list(revoked)), deployment.settings.revocation_bound

    with clients.going_on(), revoking(client, BEFORE + bound + AFTER):
        time.sleep(BEFORE)
        for token, each in revoked.items():
            assert client.revoke(each).status_code == 200
            revoked_at[token] = time.monotonic()
        time.sleep(bound + AFTER)

    assert clients.odd == []
    for name, token in (("a token", alone["access_token"]), ("a grant", granted["access_token"])):
        _assert_refused_in_time(name, clients.calls[token], revoked_at[token], bound)


@contextmanager
def revoking(client: Client, seconds: float) -> Iterator[None]:
    """Revoke many other tokens meanwhile."""
    tokens = [
        client.token(grant_type="client_credentials").json()["access_token"] for _ in range(int(seconds * OTHERS))
    ]
    answers: list[int] = []

    def work() -> None:
        for token in tokens:
            answers.append(client.revoke(token).status_code)
            time.sleep(1 / OTHERS)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    assert answers == [200] * len(tokens)


def _assert_refused_in_time(name: str, calls: list[Call], revoked_at: float, bound: float) -> None:
    calls = sorted(calls, key=lambda call: call.sent_at)
    first_refusal = next(call.sent_at for call in calls if not call.accepted) - revoked_at
    last_acceptance = max(call.sent_at for call in calls if call.accepted) - revoked_at
    print(
        f"\n{name}: {CLIENTS} clients, {len(calls)} requests; first refusal after {first_refusal:.1f} s, "
        f"last acceptance after {last_acceptance:.1f} s; the bound is {bound} s"
    )
    before = [call.accepted for call in calls if call.sent_at < revoked_at - SLACK]
    assert len(before) > CLIENTS
    assert all(before)
    assert last_acceptance < bound + SLACK
    assert calls[-1].sent_at > revoked_at + bound + SLACK
