"""Revocation while eight clients use a route: the first rejection, and the last acceptance.

`python -m pytest -s` prints the times.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from infra.local.deployment import Deployment
from tests.flows.traffic import Watched
from tests.people import Client, Person

CLIENTS = 4  # of each of two tokens
PAUSE = 0.02  # seconds of a client between two requests
OTHERS = 10  # tokens that are revoked each second meanwhile
BEFORE, AFTER = 2.0, 1.5  # seconds that they go on before the revocation, and beyond the bound
SLACK = 1.0  # for what a request takes on a machine that does other things as well


def test_s87_a_revoked_token_is_refused_within_the_bound_though_eight_clients_hammer(
    deployment: Deployment, person: Person, client: Client
) -> None:
    """One is revoked itself, the other one goes with its grant."""
    alone, granted = client.tokens(person), client.tokens(person)
    bound = deployment.settings.revocation_bound
    with (
        Watched(deployment, alone["access_token"], clients=CLIENTS, pause=PAUSE) as of_token,
        Watched(deployment, granted["access_token"], clients=CLIENTS, pause=PAUSE) as of_grant,
        revoking(client, BEFORE + bound + AFTER),
    ):
        time.sleep(BEFORE)
        revoked_at = []
        for token in (alone["access_token"], granted["refresh_token"]):
            assert client.revoke(token).status_code == 200
            revoked_at.append(time.monotonic())
        time.sleep(bound + AFTER)

    _assert_refused_in_time("a token", of_token, revoked_at[0], bound)
    _assert_refused_in_time("a grant", of_grant, revoked_at[1], bound)


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


def _assert_refused_in_time(name: str, watched: Watched, revoked_at: float, bound: float) -> None:
    calls = watched.calls
    first_refusal = next(call.sent_at for call in calls if not call.accepted) - revoked_at
    last_acceptance = max(call.sent_at for call in calls if call.accepted) - revoked_at
    print(
        f"\n{name}: {CLIENTS} clients, {len(calls)} requests; first refusal after {first_refusal:.1f} s, "
        f"last acceptance after {last_acceptance:.1f} s; the bound is {bound} s"
    )
    assert watched.statuses == {200, 403}
    before = [call.accepted for call in calls if call.sent_at < revoked_at - SLACK]
    assert len(before) > CLIENTS
    assert all(before)
    assert last_acceptance < bound + SLACK
    assert calls[-1].sent_at > revoked_at + bound + SLACK
