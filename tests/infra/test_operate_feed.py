"""`make feed`: the size of the revocation feed, and the cost of reading it."""

from __future__ import annotations

import time

from infra.local.deployment import Deployment
from infra.tools.operator.feed import Entry, described
from tests.operating import operate, reachable
from tests.people import Client

NOW = 1_800_000_000


def entry(kind: str, subject: str, *, age: int, left: int = 9, size: int = 2048) -> Entry:
    return Entry(kind=kind, subject=subject, revoked_at=NOW - age, expires_at=NOW + left, size=size)


def test_the_feed_is_described_by_kinds_age_size_and_users() -> None:
    found = [
        entry("grant", "alice-id.g1", age=10),
        entry("grant", "alice-id.g2", age=4000, left=0),
        entry("user", "bob-id", age=90_000),
        entry("jti", "a-token", age=1, size=5000),
    ]

    assert described(found, NOW) == [
        "4 revocations: 2 grants, 1 users, 1 single tokens.",
        "1 of them end nothing any more and wait for DynamoDB to remove them.",
        "Written in the last hour: 2; in the last day: 3.",
        "11,144 bytes: a container that starts reads 3 read units; 1,000 of them cost 0.0004 USD.",
        "Most entries of one user:",
        "  2  alice-id",
        "  1  bob-id",
    ]


def test_a_feed_without_users_or_without_anything_is_described_too() -> None:
    assert described([], NOW) == ["The feed is empty: nothing was revoked, or all of it has been removed."]
    assert "Most entries of one user:" not in described([entry("client", "app", age=1)], NOW)


def test_the_command_reads_the_feed_of_a_deployment(deployment: Deployment, client: Client) -> None:
    token = client.token(grant_type="client_credentials").json()["access_token"]
    assert client.revoke(token).status_code == 200
    entries = [each for each in deployment.store.feed(0) if each.revoked_at > time.time() - 86400]

    with reachable(deployment) as port:
        code, said = operate("feed", "--port", port)

    assert code == 0
    assert said.startswith(f"{len(entries):,} revocations: ")
    assert " single tokens" in said
