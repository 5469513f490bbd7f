"""`make audit`: its report on a deployment, and its exit code."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from infra.configuration.context import ROOT
from infra.local import running
from infra.local.deployment import Deployment
from infra.tools.operator.command import audited as by_operator
from infra.tools.operator.target import local_target
from tests.people import entered, new_person

NOTHING_YET = "audit list: nothing yet to compare with the functions' logs"


def make_audit(*options: str) -> tuple[int, str]:
    """Return the exit code and all output."""
    done = subprocess.run(
        [sys.executable, "-m", "infra.tools.integrity", *options],
        check=False, capture_output=True, text=True, cwd=ROOT, env={"PYTHONPATH": f"{ROOT}/layers/gatepost/python"},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def audited() -> Iterator[Deployment]:
    """A deployment of its own: others plant what no audit would pass."""
    with Deployment() as deployed, running.announced(deployed.running):
        yield deployed


def test_a_fresh_deployment_is_clean(audited: Deployment) -> None:
    code, said = make_audit("--port", str(audited.running.port))

    first, *rest = said.splitlines()
    assert (code, rest) == (0, [NOTHING_YET, "clean"])
    assert first.startswith(f"{audited.base_url}: ")
    assert first.endswith("0 of sessions, 0 of audit, 0 of counts)")


def test_a_broken_promise_is_named_with_its_key_and_ends_with_1(audited: Deployment) -> None:
    database = audited.client("dynamodb")
    key = {"pk": {"S": "name#nobody"}, "sk": {"S": "login"}}
    item = {**key, "user_id": {"S": "00000000-0000-4000-8000-000000000000"}, "password_hash": {"S": "in clear"}}
    database.put_item(TableName=audited.tables["accounts"], Item=item)
    try:
        code, said = make_audit("--port", str(audited.running.port))
    finally:
        database.delete_item(TableName=audited.tables["accounts"], Key=key)

    assert code == 1
    assert said.splitlines()[1:] == [
        NOTHING_YET,
        "not a hash: accounts: name#nobody login: the attribute password_hash is no bcrypt hash",
        "name without its account: accounts: name#nobody login: no account has this name, and nobody can take it",
        "2 findings",
    ]


def test_s371_what_an_operators_command_wrote_is_listed_for_the_operator_to_know_again(audited: Deployment) -> None:
    entered(audited, new_person(audited))
    by_operator(local_target(audited.running.port), "keys_ended", now=time.time(), subject="signing")

    code, said = make_audit("--port", str(audited.running.port), "--days", "1")

    _, compared, by_hand, last = said.splitlines()
    assert (code, last) == (0, "clean")
    assert re.fullmatch(
        r"audit list: 2 entries since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC compared with the functions' logs", compared
    )
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
