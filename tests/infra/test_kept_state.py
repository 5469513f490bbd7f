"""State that `make run` keeps between its runs."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.local.apigateway.front import PortBusy
from infra.local.aws.made_stack import DeploymentFailed
from infra.local.state import State, StateRefused, forget
from tests.infra.make_run import free_port

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
