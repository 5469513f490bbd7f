"""`make feed`: the size of the revocation feed, and the cost of reading it."""

from __future__ import annotations

import time

from gatepost.model.feed import Compaction, Parts, Revocation, Segment
from infra.local.deployment import Deployment
from infra.tools.operator.feed import Entry, described
from tests.operating import operate, reachable
from tests.people import Client

NOW = 1_800_000_000


def entry(kind: str, subject: str, *, age: int, left: int = 9, size: int = 2048) -> Entry:
    return Entry(kind=kind, subject=subject, written_at=NOW - age, expires_at=NOW + left, size=size)


def test_the_feed_is_described_by_kinds_age_size_and_users() -> None:
    found = [
        entry("grant", "alice-id.g1", age=10),
        entry("grant", "alice-id.g2", age=4000, left=0),
        entry("user", "bob-id", age=90_000),
        entry("jti", "a-token", age=1, size=5000),
    ]

    assert described(found, Compaction(), NOW) == [
        "4 revocations: 2 grants, 1 users, 1 single tokens.",
        "1 of them end nothing any more and wait for DynamoDB to remove them.",
        "Written in the last hour: 2; in the last day: 3.",
        "The oldest was written 25.0 hours ago.",
        "In segments: 0 marks in 0; 3 entries are read one by one.",
        "A container that starts reads 4 read units; 1,000 of them cost 0.0005 USD.",
        "Most entries of one user:",
        "  2  alice-id",
        "  1  bob-id",
    ]


def test_a_feed_without_users_or_without_anything_is_described_too() -> None:
    assert described([], Compaction(), NOW) == [
        "The feed is empty: nothing was revoked, or all of it has been removed."
    ]
    assert "Most entries of one user:" not in described([entry("client", "app", age=1)], Compaction(), NOW)


def test_what_is_in_segments_is_not_read_one_by_one() -> None:
    segments = (
        Segment("a", False, 12, 4000, NOW + 9),
        Segment("b", True, 17, 20, NOW + 9),
        Segment("c", False, 12, 7, NOW),
    )
    found = [entry("grant", "alice-id.g1", age=age) for age in (10, 50, 70, 90)]

    said = described(found, Compaction(3, NOW - 60.0, segments), NOW)
    assert "In segments, last 60 s ago: 4,020 marks in 2; 2 entries are read one by one." in said
    assert "A container that starts reads 8 read units; 1,000 of them cost 0.0010 USD." in said
    assert described([], Compaction(3, NOW - 60.0, segments), NOW)[0] == "0 revocations: ."


def test_the_command_reads_the_feed_of_a_deployment(deployment: Deployment, client: Client) -> None:
    token = client.token(grant_type="client_credentials").json()["access_token"]
    assert client.revoke(token).status_code == 200
    entries = [each for each in deployment.store.feed(0) if each.revoked_at > time.time() - 86400]
    mark = Revocation(kind="jti", subject="j", revoked_at=time.time(), expires_at=int(time.time()) + 60)
    deployment.store.publish(mark, part=1)
    deployment.store.compactor().announce(Parts(), Parts(1, 1.0))

    with reachable(deployment) as port:
        code, said = operate("feed", "--port", port)

    assert code == 0
    assert said.startswith(f"{len(entries) + 1:,} revocations: ")
    assert " single tokens" in said
    assert "1 tokens and grants by their marks" in said
    assert "Readers look at 1 partitions beside the first one." in said
