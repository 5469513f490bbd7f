"""`make run` as a process: its output, and that it leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
import requests

from infra.configuration.context import ROOT
from tests.infra.make_run import LIMIT, Run, alive


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    return tmp_path / "facts.json"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopping_leaves_no_process(tmp_path: Path, facts: Path, number: signal.Signals) -> None:
    run = Run(tmp_path, "--port", "0", "--demo", str(facts))
    base_url = run.wait_ready()
    try:
        assert requests.get(f"{base_url}/.well-known/jwks.json", timeout=30).status_code == 200
        started = run.descendants()
        assert len(started) >= 3  # the local AWS, the rotation function, the metadata function
    finally:
        os.kill(run.process.pid, number)
        code = run.process.wait(LIMIT)
    end = time.monotonic() + LIMIT
    while alive(started) and time.monotonic() < end:
        time.sleep(0.05)
    assert not alive(started)
    if number != signal.SIGKILL:
        assert code == 0
        assert list(run.temporary.iterdir()) == []
        assert run.output.read_text().endswith("stopped\n")


def test_a_start_says_everything_one_needs(tmp_path: Path, facts: Path) -> None:
    app = ROOT / "tests" / "infra" / "guests" / "rest" / "app.py"
    run = Run(tmp_path, "--port", "0", "--demo", str(facts), "--guest", str(app))
    try:
        base_url = run.wait_ready()
        written = json.loads(facts.read_text())
        said = run.output.read_text()
        lines = said.splitlines()
        assert lines[-1] == f"ready: {base_url}"
        assert written["base_url"] == base_url
        for each in written["users"]:
            assert re.search(rf"^  {each['username']} +{each['password']}$", said, re.MULTILINE)
        for each in written["apps"]:
            assert each["client_id"] in said
            assert each["client_secret"] in said
        assert f"Console    {base_url}/developer" in lines
        assert f"  make admin NAME=maria PORT={base_url.rpartition(':')[2]}" in lines
        assert "Open to every app: read, write" in lines  # S119
        start = lines.index("A protected route with such a token") + 1
        done = subprocess.run(
            ["bash", "-c", "\n".join(lines[start : start + 2])], check=True, capture_output=True, text=True
        )
        assert json.loads(done.stdout)["path"] == "/demo/read"
        guest = lines.index("The APIs of app.py") + 1
        name, url = lines[guest].split()
        assert name.startswith("ApiEndpoint")
        assert requests.get(f"{url}/things", timeout=30).status_code == 200
        link = next(line.strip() for line in lines if line.startswith(f"  {base_url}/developer/auth?"))
        assert requests.get(link, timeout=30).status_code == 200
    finally:
        run.process.terminate()
        run.process.wait(LIMIT)


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
