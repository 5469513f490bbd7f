"""`make run` as a process: its output, and that it leaves nothing behind but the state that it keeps."""

from __future__ import annotations

import json
import re
import signal
import socket
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.configuration.context import ROOT
from infra.local.apigateway.front import PortBusy
from infra.local.aws.made_stack import DeploymentFailed
from infra.local.state import State, StateRefused, forget
from tests.infra.make_run import LIMIT, Run, free_port

GUEST = ROOT / "tests" / "infra" / "guests" / "rest" / "app.py"


def tokens_of(base_url: str, app: Mapping[str, str], **fields: str) -> dict[str, Any]:
    answer = requests.post(
        f"{base_url}/authorization/token", data=fields, auth=(app["client_id"], app["client_secret"]), timeout=30
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def read(base_url: str, token: str) -> int:
    return requests.get(f"{base_url}/demo/read", headers={"Authorization": f"Bearer {token}"}, timeout=30).status_code


def check_said(said: str, base_url: str, demo: Mapping[str, Any]) -> None:
    """Check that the start says everything one needs, and that it is true."""
    lines = said.splitlines()
    assert lines[-1] == f"ready: {base_url}"
    assert demo["base_url"] == base_url
    for each in demo["users"]:
        assert re.search(rf"^  {each['username']} +{each['password']}$", said, re.MULTILINE)
    for each in demo["apps"]:
        assert each["client_id"] in said
        assert each["client_secret"] in said
    assert f"Console    {base_url}/developer" in lines
    assert f"  make admin NAME=maria PORT={base_url.rpartition(':')[2]}" in lines
    assert "Open to every app: read, write" in lines  # S119
    start = lines.index("A protected route with such a token") + 1
    shown = "\n".join(lines[start : start + 2])
    done = subprocess.run(["bash", "-c", shown], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout)["path"] == "/demo/read"
    name, url = lines[lines.index("The APIs of app.py") + 1].split()
    assert name.startswith("ApiEndpoint")
    link = next(line.strip() for line in lines if line.startswith(f"  {base_url}/developer/auth?"))
    assert [requests.get(each, timeout=30).status_code for each in (f"{url}/things", link)] == [200, 200]


def test_tokens_accounts_and_ports_outlive_a_kill_and_other_settings(tmp_path: Path) -> None:
    facts, settings, state = tmp_path / "facts.json", tmp_path / "settings.json", tmp_path / "state"
    known = ("--port", str(free_port()), "--state", str(state), "--demo", str(facts), "--guest", str(GUEST))

    first = Run(tmp_path, *known)
    base_url = first.wait_ready()
    try:
        demo, said = json.loads(facts.read_text()), first.output.read_text()
        check_said(said, base_url, demo)
        places = [line for line in said.splitlines() if "http://localhost" in line or "Demo" in line]
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
        again = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        refreshed = tokens_of(base_url, demo["apps"][0], **again)
        assert refreshed["expires_in"] == 120
        files = [path for path in state.rglob("*") if path.is_file() and path.name != ".lock"]
        assert len(files) > 5
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
        assert stat.S_IMODE(state.stat().st_mode) == 0o700
        (tmp_path / "other").mkdir()
        other = Run(tmp_path / "other", *known)
        assert other.process.wait(LIMIT) == 1
        assert other.output.read_text().startswith("Another `make run` uses the state in ")
        last = tokens_of(base_url, demo["apps"][0], **ask)["refresh_token"]
    finally:
        second.stop()
    second.wait_saved(state, last.split(".")[1])  # the id of its grant: at the latest when it stopped
    assert forget(state)
    assert not state.exists()
    assert not forget(state)


def test_stopping_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    run = Run(tmp_path, "--port", "0")
    base_url = run.wait_ready()
    try:
        assert requests.get(f"{base_url}/.well-known/jwks.json", timeout=30).status_code == 200
        assert len(run.descendants()) >= 3  # the local AWS, the rotation function, the metadata function
    finally:
        run.stop(signal.SIGTERM)
    assert run.process.returncode == 0
    assert list(run.temporary.iterdir()) == []
    assert run.output.read_text().endswith("stopped\n")


def test_a_busy_port_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = Run(tmp_path, "--port", str(port))
        assert run.process.wait(LIMIT) == 1
    assert run.output.read_text() == f"Port {port} is in use by another program: choose one with PORT=8081.\n"


def test_a_port_that_is_none_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    run = Run(tmp_path, "--port", "web")
    assert run.process.wait(LIMIT) == 2
    assert "PORT is web; allowed is a number from 0 (any free port) to 65535." in run.output.read_text()
    assert len(run.output.read_text().splitlines()) == 1


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
