"""`make audit`: its report on a deployment, and its exit code."""

from __future__ import annotations

import re
import time

from infra.local.deployment import Deployment
from infra.tools.operator.command import audited as by_operator
from infra.tools.operator.target import local_target
from tests.operating import run_command
from tests.people import entered, new_person


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
