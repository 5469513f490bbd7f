"""State that `make run` keeps between its runs."""

from __future__ import annotations

import json
import random
import signal
import socket
import stat
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.configuration.context import ROOT
from infra.local.apigateway.front import PortBusy
from infra.local.aws.made_stack import DeploymentFailed
from infra.local.state import State, StateRefused, forget
from tests.infra.make_run import Run

TABLE = {"Type": "AWS::DynamoDB::Table", "Properties": {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}}
SECRET = {"Type": "AWS::SecretsManager::Secret", "Properties": {"Description": "keys"}}
TEMPLATE = {"Resources": {"Tokens": TABLE, "Keys": SECRET, "Other": {"Type": "AWS::IAM::Role"}}}


def committed(folder: Path, template: Mapping[str, Any] = TEMPLATE) -> None:
    """Leave a state as a run does."""
    with State.opened(folder, 8080) as state:
        state.saved.mkdir()
        (state.saved / "dynamodb.json").write_text("{}")
        state.commit(template, {"users": []})


def test_a_run_that_ends_before_anything_is_committed_leaves_no_folder(tmp_path: Path) -> None:
    for new in (tmp_path / "8080", tmp_path / "8081"):
        with State.opened(new, 8080) as state:
            state.saved.mkdir()
        assert not new.exists()

    committed(tmp_path / "8080")
    with State.opened(tmp_path / "8080", 8080):
        pass
    assert (tmp_path / "8080" / "state.json").exists()


def free_port() -> int:
    """A port with free ones beside it, below those that a machine gives to connections: it stays free meanwhile."""
    for port in random.sample(range(20_000, 32_000), 100):
        with suppress(OSError), ExitStack() as probes:
            for each in range(port, port + 8):
                probes.enter_context(socket.create_server(("127.0.0.1", each)))
            return port
    raise AssertionError("no port is free")


def tokens_of(base_url: str, app: Mapping[str, str], **fields: str) -> dict[str, Any]:
    answer = requests.post(
        f"{base_url}/authorization/token", data=fields, auth=(app["client_id"], app["client_secret"]), timeout=30
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def read(base_url: str, token: str) -> int:
    return requests.get(f"{base_url}/demo/read", headers={"Authorization": f"Bearer {token}"}, timeout=30).status_code


def test_tokens_accounts_and_ports_outlive_a_kill_other_settings_and_a_quiet_stop(tmp_path: Path) -> None:
    facts, settings, state = tmp_path / "facts.json", tmp_path / "settings.json", tmp_path / "state"
    guest = ROOT / "tests" / "infra" / "guests" / "rest" / "app.py"
    known = ("--port", str(free_port()), "--state", str(state), "--demo", str(facts), "--guest", str(guest))

    first = Run(tmp_path, *known)
    base_url = first.wait_ready()
    try:
        demo = json.loads(facts.read_text())
        places = [
            line for line in first.output.read_text().splitlines() if "http://localhost" in line or "Demo" in line
        ]
        user = demo["users"][0]
        ask = {"grant_type": "password", "username": user["username"], "password": user["password"]}
        tokens = tokens_of(base_url, demo["apps"][0], **ask)
        assert read(base_url, tokens["access_token"]) == 200
        first.wait_saved(state, tokens["refresh_token"].split(".")[1])
    finally:
        first.stop(signal.SIGKILL)

    settings.write_text('{"access_token_lifetime": 120}')
    second = Run(tmp_path, *known, "--settings", str(settings))
    assert second.wait_ready() == base_url
    try:
        assert json.loads(facts.read_text()) == demo
        said = second.output.read_text()
        assert [line for line in places if "state=" not in line and line not in said] == []
        assert "Making the keys" not in said
        assert read(base_url, tokens["access_token"]) == 200
        refreshed = tokens_of(
            base_url, demo["apps"][0], grant_type="refresh_token", refresh_token=tokens["refresh_token"]
        )
        assert refreshed["expires_in"] == 120
    finally:
        second.stop()  # what the refresh wrote is saved at the latest now

    third = Run(tmp_path, *known)
    assert third.wait_ready() == base_url
    try:
        again = tokens_of(
            base_url, demo["apps"][0], grant_type="refresh_token", refresh_token=refreshed["refresh_token"]
        )
        assert again["expires_in"] == 3600
        files = [path for path in state.rglob("*") if path.is_file() and path.name != ".lock"]
        assert len(files) > 5
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
        assert stat.S_IMODE(state.stat().st_mode) == 0o700

        (tmp_path / "other").mkdir()
        other = Run(tmp_path / "other", *known)
        assert other.process.wait(60) == 1
        assert other.output.read_text().startswith("Another `make run` uses the state in ")
    finally:
        third.stop()
    assert forget(state)
    assert not state.exists()
    assert not forget(state)


def test_a_run_that_fails_leaves_the_state_as_it_was(tmp_path: Path) -> None:
    committed(tmp_path)
    before = (tmp_path / "state.json").read_text()
    with State.opened(tmp_path, 8080) as state:
        assert state.restored == tmp_path / "1"
        state.saved.mkdir()
        (state.saved / "dynamodb.json").write_text('{"half": ')
    with State.opened(tmp_path, 8080) as state:
        assert state.restored == tmp_path / "1"
        assert not (tmp_path / "2").exists()
    assert (tmp_path / "state.json").read_text() == before


@pytest.mark.parametrize(
    "template",
    [
        {"Resources": {"Keys": SECRET}},
        {"Resources": {"Tokens": TABLE}},
        {"Resources": {"Tokens": {**TABLE, "Properties": {"KeySchema": []}}, "Keys": SECRET}},
        {"Resources": {"Tokens": TABLE, "Keys": {**SECRET, "Properties": {"Name": "other"}}}},
    ],
)
def test_a_template_that_would_lose_records_is_refused(tmp_path: Path, template: dict[str, Any]) -> None:
    committed(tmp_path)
    with State.opened(tmp_path, 8080) as state, pytest.raises(DeploymentFailed, match=r"would replace (Tokens|Keys)"):
        state.cloud(tmp_path, template)


def test_a_state_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    committed(tmp_path)
    path = tmp_path / "state.json"
    for name, value in (("format", 2), ("ministack", "99.0.0")):
        path.write_text(json.dumps({**json.loads(path.read_text()), name: value}))
        with pytest.raises(StateRefused, match="newer version of Gatepost"), State.opened(tmp_path, 8080):
            pass


def test_a_state_without_one_of_its_files_is_refused(tmp_path: Path) -> None:
    committed(tmp_path)
    (tmp_path / "1" / "dynamodb.json").rename(tmp_path / "1" / "other.json")
    with pytest.raises(StateRefused, match="damaged"), State.opened(tmp_path, 8080):
        pass


@pytest.mark.parametrize("name", ["state.json", "1/dynamodb.json"])
def test_a_damaged_state_is_refused_and_left_there(tmp_path: Path, name: str) -> None:
    committed(tmp_path)
    path = tmp_path / name
    path.write_text(path.read_text().strip()[:-1])
    with pytest.raises(StateRefused, match="damaged"), State.opened(tmp_path, 8080):
        pass
    assert path.exists()


def test_a_state_in_use_is_not_removed(tmp_path: Path) -> None:
    committed(tmp_path)
    with State.opened(tmp_path, 8080), pytest.raises(StateRefused, match="Another `make run` uses"):
        forget(tmp_path)
    assert (tmp_path / "state.json").exists()


def test_a_port_stays_and_one_that_is_taken_meanwhile_is_named(tmp_path: Path) -> None:
    with State.opened(tmp_path, free_port()) as state:
        front = state.front("the demo apps")
        front.close()
        assert front.port == state.base_port + 1
        again = state.front("the demo apps")
        again.close()
        assert again.port == front.port
        busy = f"Port {front.port}, which the demo apps had"
        with socket.create_server(("127.0.0.1", front.port)), pytest.raises(PortBusy, match=busy):
            state.front("the demo apps")
