"""`make run` as a process: its output, and that it leaves nothing behind but its state."""

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

import requests

from infra.configuration.context import ROOT
from infra.local.state import forget
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
