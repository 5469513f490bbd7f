"""The commands that only look: `make feed`, and `make audit` with its exit code."""

from __future__ import annotations

import re
import time

from gatepost.model.feed import Compaction, Parts, Revocation, Segment
from infra.local.deployment import Deployment
from infra.tools.operator.command import audited as by_operator
from infra.tools.operator.feed import Entry, described
from infra.tools.operator.target import local_target
from tests.operating import operate, reachable, run_command
from tests.people import Client, entered, new_person

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
    announce, announced = deployment.store.compactor().announce, Parts(1, 1.0)

    announce(Parts(), announced)
    with reachable(deployment) as port:
        code, said = operate("feed", "--port", port)
    announce(announced, announced._replace(until=2.0))  # as it was for all other tests of this deployment

    assert code == 0
    assert said.startswith(f"{len(entries) + 1:,} revocations: ")
    assert " single tokens" in said
    assert "1 tokens and grants by their marks" in said
    assert "Readers also read 1 more partition." in said


def make_audit(*options: str) -> tuple[int, str]:
    """Return the exit code and all output."""
    return run_command("infra.tools.integrity.__main__", *options)


def test_a_broken_promise_is_named_with_its_key_and_ends_with_1(whole: Deployment) -> None:
    database = whole.client("dynamodb")
    key = {"pk": {"S": "name#nobody"}, "sk": {"S": "login"}}
    item = {**key, "user_id": {"S": "00000000-0000-4000-8000-000000000000"}, "password_hash": {"S": "in clear"}}
    before = make_audit("--port", str(whole.running.port))
    database.put_item(TableName=whole.tables["accounts"], Item=item)
    try:
        code, said = make_audit("--port", str(whole.running.port))
    finally:
        database.delete_item(TableName=whole.tables["accounts"], Key=key)

    first, *_, last = before[1].splitlines()
    assert (before[0], last) == (0, "clean")
    assert first.startswith(f"{whole.base_url}: ")
    assert code == 1
    assert said.splitlines()[2:] == [
        "not a hash: accounts: name#nobody login: the attribute password_hash is no bcrypt hash",
        "name without its account: accounts: name#nobody login: no account has this name, and nobody can take it",
        "2 findings",
    ]


def test_s371_what_an_operators_command_wrote_is_listed_for_the_operator_to_know_again(whole: Deployment) -> None:
    entered(whole, new_person(whole))
    by_operator(local_target(whole.running.port), "keys_ended", now=time.time(), subject="signing")

    code, said = make_audit("--port", str(whole.running.port), "--days", "1")

    _, compared, *by_others, by_hand, last = said.splitlines()
    assert all(each.startswith("written by an operator's command") for each in by_others)
    assert (code, last) == (0, "clean")
    begin = r"audit list: \d+ entries since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC compared with the functions' logs"
    assert re.match(begin, compared)
    place = r"audit: \d{4}-\d\d-\d\d \d{15}#\S+"
    written = f"written by an operator's command, as it says \\(keys_ended\\); no log has it: {place}"
    assert re.fullmatch(written, by_hand)


def test_days_are_a_number_of_them() -> None:
    code, said = make_audit("--days", "0")

    assert (code, said.splitlines()[-1]) == (2, "DAYS is a number of days, 1 or more.")


def test_where_nothing_runs_it_says_how_to_start() -> None:
    assert make_audit("--port", "9") == (
        2,
        "Nothing runs on port 9: start it with `make run`, or name its port with PORT=...\n",
    )
