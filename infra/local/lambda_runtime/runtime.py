"""Runs the deployed functions: warm processes with the deployed code, layers, environment and role."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

_WORKER = Path(__file__).with_name("worker.py")
_START_SECONDS = 60.0
_LONGEST_LIFE = 45 * 60.0  # its credentials expire after an hour


class InvocationFailed(Exception):
    """The function raised, could not be started or returned no JSON."""


class InvocationTimedOut(Exception):
    """The function took longer than its timeout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionConfig:
    """A deployed function."""

    name: str  # its folder, or the logical id in a guest's stack
    physical_name: str
    arn: str
    role_arn: str
    handler: str
    memory: int
    timeout: float
    environment: Mapping[str, str]
    code: Path
    layers: tuple[Path, ...]


class _Worker:
    """A process for one invocation at a time."""

    def __init__(self, config: FunctionConfig, environment: Mapping[str, str], log: Callable[[str], None]) -> None:
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
            start_new_session=True,  # Ctrl-C is handled by the deployment
        )

    def wait_ready(self) -> None:
        """Wait for the start. Raises InvocationFailed if the handler can't be imported."""
        reply = self._read(time.monotonic() + _START_SECONDS)
        if "error" in reply:
            raise InvocationFailed(reply["error"]["errorMessage"])

    def invoke(self, invocation: Mapping[str, Any], seconds: float) -> Any:
        """Return the handler's result. Raises InvocationFailed and InvocationTimedOut."""
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
        return not self._ended and self._process.poll() is None and time.monotonic() - self.born < _LONGEST_LIFE

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """Kill it at once (SIGKILL), whatever it is doing."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(OSError):  # unwritten data has no reader any more
                    pipe.close()

    def _read(self, end: float) -> dict[str, Any]:
        """Pass on log lines until the reply arrives."""
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
                self._ended = True  # `poll` may notice a moment later
                raise InvocationFailed("the process of the function has ended")
            self._buffer += chunk


class Function:
    """A deployed function and its warm processes, at most `width` of them."""

    def __init__(
        self,
        config: FunctionConfig,
        *,
        width: int,
        credentials: Callable[[str], Mapping[str, str]],
        log: Callable[[str, str], None],
    ) -> None:
        """Take `credentials`, which returns a role's variables; `log` takes the function's name and a line."""
        self.config = config
        self._credentials = credentials
        self._log = log
        self._free = threading.Semaphore(width)
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._restarted_at = 0.0

    def invoke(self, event: Any) -> Any:
        """Return the handler's result. Raises InvocationFailed and InvocationTimedOut."""
        request_id = str(uuid.uuid4())
        with self._free:
            worker = self._lease()
            invocation = {
                "event": event,
                "request_id": request_id,
                "arn": self.config.arn,
                "trace_id": f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0",
                "deadline": time.time() + self.config.timeout,
            }
            try:
                result = worker.invoke(invocation, self.config.timeout)
            except InvocationTimedOut:
                self._log_line(_timed_out(request_id, self.config.timeout))
                self._retire(worker)
                raise
            except InvocationFailed:
                self._give_back(worker)
                raise
            self._give_back(worker)
            return result

    def restart(self) -> None:
        """Use new processes for all later invocations; running ones finish in the old ones."""
        with self._lock:
            self._restarted_at = time.monotonic()
            idle, self._idle = self._idle, []
        for worker in idle:
            self._retire(worker)

    def reconfigure(self, environment: Mapping[str, str]) -> None:
        """Continue with other environment variables."""
        self.config = replace(self.config, environment=environment)
        self.restart()

    def kill_one(self) -> bool:
        """Kill a process, preferably a busy one, as if its machine failed; return False if there is none."""
        with self._lock:
            workers = list(self._all - set(self._idle)) or list(self._all)
        if not workers:
            return False
        secrets.choice(workers).kill()
        return True

    @property
    def pids(self) -> list[int]:
        """The ids of running processes."""
        with self._lock:
            return [worker.pid for worker in self._all if worker.usable]

    def close(self) -> None:
        """End every process."""
        with self._lock:
            self._closed = True
            workers = list(self._all)
        for worker in workers:
            self._retire(worker)

    def _lease(self) -> _Worker:
        while True:
            with self._lock:
                if self._closed:
                    raise InvocationFailed("the deployment has ended")
                worker = self._idle.pop() if self._idle else None
                if worker is None:
                    worker = _Worker(self.config, self._environment(), self._log_line)
                    self._all.add(worker)
                    break
            if worker.usable:
                return worker
            self._retire(worker)
        try:
            worker.wait_ready()
        except (InvocationFailed, InvocationTimedOut) as error:
            self._retire(worker)
            raise InvocationFailed(str(error)) from error
        return worker

    def _give_back(self, worker: _Worker) -> None:
        if not worker.usable or worker.born <= self._restarted_at:
            self._retire(worker)
            return
        with self._lock:
            self._idle.append(worker)

    def _retire(self, worker: _Worker) -> None:
        with self._lock:
            known = worker in self._all
            self._all.discard(worker)
        if known:
            worker.close()

    def _log_line(self, line: str) -> None:
        self._log(self.config.name, line)

    def _environment(self) -> dict[str, str]:
        """Return the variables that Lambda sets (and none of this process), then those of the template."""
        return {
            "PATH": os.defpath,
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
            "AWS_LAMBDA_FUNCTION_NAME": self.config.physical_name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.config.memory),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self.config.physical_name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": uuid.uuid4().hex,
            "LAMBDA_TASK_ROOT": str(self.config.code),
            "_HANDLER": self.config.handler,
            **self._credentials(self.config.role_arn),
            **self.config.environment,
        }


def _timed_out(request_id: str, timeout: float) -> str:
    message = f"Task timed out after {timeout:.2f} seconds"
    return json.dumps({"level": "ERROR", "message": message, "requestId": request_id})
