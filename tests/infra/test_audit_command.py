"""`make audit`: its report on a deployment, and its exit code."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from infra.configuration.context import ROOT
from infra.local import running
from infra.local.deployment import Deployment


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
    assert (code, rest) == (0, ["clean"])
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
        "not a hash: accounts: name#nobody login: the attribute password_hash is no bcrypt hash",
        "name without its account: accounts: name#nobody login: no account has this name, and nobody can take it",
        "2 findings",
    ]


def test_where_nothing_runs_it_says_how_to_start() -> None:
    assert make_audit("--port", "9") == (
        2,
        "Nothing runs on port 9: start it with `make run`, or name its port with PORT=...\n",
    )
