"""Runs the deployed functions: warm processes with the deployed code, layers, environment and role."""

from __future__ import annotations

import json
import os
import secrets
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from infra.local.lambda_runtime.process import FunctionConfig, InvocationFailed, InvocationTimedOut, Worker

_FILES_OF_THIS_MACHINE = ("SSL_CERT_FILE",)  # the authorities that certificates are checked with


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
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
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
                "arn": self.config.alias_arn or self.config.arn,
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

    def restart(self, config: FunctionConfig | None = None) -> None:
        """Use new processes for all later invocations; running ones finish in the old ones."""
        with self._lock:
            self.config = config or self.config
            self._restarted_at = time.monotonic()
            idle, self._idle = self._idle, []
        for worker in idle:
            self._retire(worker)

    def become(self, config: FunctionConfig) -> None:
        """Continue as another version. A concurrent call meets one of the two, never a mixture."""
        self.restart(config)

    def reconfigure(self, environment: Mapping[str, str], *, version: str | None = None) -> None:
        """Continue with other environment variables."""
        self.become(replace(self.config, environment=environment, version=version or self.config.version))

    @property
    def arns(self) -> tuple[str, ...]:
        """By which ARNs it is called."""
        return tuple(each for each in (self.config.arn, self.config.alias_arn) if each)

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

    def _lease(self) -> Worker:
        while True:
            with self._lock:
                if self._closed:
                    raise InvocationFailed("the deployment has ended")
                worker = self._idle.pop() if self._idle else None
                if worker is None:
                    worker = Worker(self.config, self._environment(), self._log_line)  # of one version: see `restart`
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

    def _give_back(self, worker: Worker) -> None:
        if not worker.usable or worker.born <= self._restarted_at:
            self._retire(worker)
            return
        with self._lock:
            self._idle.append(worker)

    def _retire(self, worker: Worker) -> None:
        with self._lock:
            known = worker in self._all
            self._all.discard(worker)
        if known:
            worker.close()

    def _log_line(self, line: str) -> None:
        self._log(self.config.name, line)

    def _environment(self) -> dict[str, str]:
        """Return the variables that Lambda sets (and `_FILES_OF_THIS_MACHINE`), then those of the template."""
        return {
            "PATH": os.defpath,
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
            **{name: str(Path(os.environ[name]).resolve()) for name in _FILES_OF_THIS_MACHINE if os.environ.get(name)},
            "AWS_LAMBDA_FUNCTION_NAME": self.config.physical_name,
            "AWS_LAMBDA_FUNCTION_VERSION": self.config.version,
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
