"""One process of a function: code, layers and environment of a version, and its invocations one after the other."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WORKER = Path(__file__).with_name("worker.py")
_START_SECONDS = 60.0
_LONGEST_LIFE = 45 * 60.0  # its credentials last an hour


class InvocationFailed(Exception):
    """The function raised, could not be started or gave no JSON."""


class InvocationTimedOut(Exception):
    """The function took longer than its timeout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionConfig:
    """A deployed function."""

    name: str  # its folder
    physical_name: str
    arn: str
    role_arn: str
    handler: str
    memory: int
    timeout: float
    environment: Mapping[str, str]
    code: Path
    layers: tuple[Path, ...]
    alias_arn: str = ""  # what is called, where there is an alias
    version: str = "$LATEST"
    log_group: str = ""


class Worker:
    """One process; used by one invocation at a time."""

    def __init__(self, config: FunctionConfig, environment: Mapping[str, str], log: Callable[[str], None]) -> None:
        """`log` takes each line that the function writes."""
        self.born = time.monotonic()
        self._log = log
        self._buffer = b""
        self._ended = False
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_WORKER), str(config.code), *map(str, config.layers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,  # Ctrl-C is for the deployment to answer
        )

    def wait_ready(self) -> None:
        """Raises InvocationFailed if the handler can't be imported."""
        reply = self._read(time.monotonic() + _START_SECONDS)
        if "error" in reply:
            raise InvocationFailed(reply["error"]["errorMessage"])

    def invoke(self, invocation: Mapping[str, Any], seconds: float) -> Any:
        """Raises InvocationFailed and InvocationTimedOut."""
        assert self._process.stdin is not None  # noqa: S101
        try:
            self._process.stdin.write(json.dumps(invocation).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise InvocationFailed("the process of the function has ended") from error
        reply = self._read(time.monotonic() + seconds)
        if "error" in reply:
            raise InvocationFailed(reply["error"]["errorMessage"])
        return reply["result"]

    @property
    def usable(self) -> bool:
        """Whether it can take another invocation."""
        return not self._ended and self._process.poll() is None and time.monotonic() - self.born < _LONGEST_LIFE

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def kill(self) -> None:
        """End it at once (SIGKILL), in the middle of whatever it does."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(OSError):  # unwritten output has no reader any more
                    pipe.close()

    def _read(self, end: float) -> dict[str, Any]:
        """Hand on lines of the log until the reply comes."""
        assert self._process.stdout is not None  # noqa: S101
        descriptor = self._process.stdout.fileno()
        while True:
            *lines, self._buffer = self._buffer.split(b"\n")
            for line in lines:
                if line.startswith(b"\0"):
                    reply: dict[str, Any] = json.loads(line[1:])
                    return reply
                if line.strip():
                    self._log(line.decode(errors="replace"))
            if not select.select([descriptor], [], [], max(0.0, end - time.monotonic()))[0]:
                raise InvocationTimedOut
            chunk = os.read(descriptor, 1 << 16)
            if not chunk:
                self._ended = True  # `poll` may take a moment longer to know
                raise InvocationFailed("the process of the function has ended")
            self._buffer += chunk
