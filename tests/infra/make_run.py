"""`make run` as a process."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from infra.configuration.context import ROOT

# `python -m infra.local` with the CDK that is loaded already.
PROGRAM = """
import runpy
from infra.local.synthesis import apps_run_by
from tests.warm_cdk import run_shared
with apps_run_by(run_shared):
    runpy.run_module("infra.local", run_name="__main__", alter_sys=True)
"""
PATH = (str(ROOT), str(ROOT / "layers" / "gatepost" / "python"))
LIMIT = 120  # seconds after which a process that should have said or ended something counts as hung


class Run:
    """`make run`'s command as a process of its own, with its output."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.output = folder / "output.txt"
        self.temporary = folder / "tmp"
        self.temporary.mkdir(exist_ok=True)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, *arguments], cwd=ROOT, start_new_session=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(PATH), "TMPDIR": str(self.temporary)},
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def wait_ready(self) -> str:
        end = time.monotonic() + LIMIT
        while time.monotonic() < end and self.process.poll() is None:
            found = re.search(r"^ready: (\S+)$", self.output.read_text(), re.MULTILINE)
            if found:
                return found[1]
            time.sleep(0.1)
        raise AssertionError(self.output.read_text())

    def wait_saved(self, state: Path, text: str) -> None:
        """Wait until the tables with this text are in a file."""
        end = time.monotonic() + LIMIT
        while not any(text in path.read_text() for path in state.glob("*/dynamodb.json")):
            assert time.monotonic() < end, "nothing was saved"
            time.sleep(0.05)

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """End it by a signal, and wait until nothing of it is left."""
        started = self.descendants()
        os.kill(self.process.pid, number)
        self.process.wait(LIMIT)
        end = time.monotonic() + LIMIT
        while alive(started) and time.monotonic() < end:
            time.sleep(0.05)
        assert not alive(started)

    def descendants(self) -> set[int]:
        parents = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                except OSError:
                    continue
        found = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return found - {self.process.pid}


def free_port() -> int:
    """A port with free ones beside it, below those that a machine gives to connections: it stays free meanwhile."""
    for port in random.sample(range(20_000, 32_000), 100):
        with suppress(OSError), ExitStack() as probes:
            for each in range(port, port + 8):
                probes.enter_context(socket.create_server(("127.0.0.1", each)))
            return port
    raise AssertionError("no port is free")


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}/stat").exists() and not _is_zombie(pid)}


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
