"""The lines about audit entries in the local CloudWatch Logs, where `make audit` reads them as on AWS."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from gatepost.audit_log.announcing import LOST, WRITTEN
from infra.local.aws.cloud import Cloud
from infra.local.lambda_runtime.process import FunctionConfig

_STREAM = "local"
_KEPT = tuple(f'"message":"{event}"' for event in (WRITTEN, LOST))


class KeptLines:
    """Passes every line on; a line about an audit entry is written to its function's log group first."""

    def __init__(self, cloud: Cloud, configs: Mapping[str, FunctionConfig], log: Callable[[str, str], None]) -> None:
        """`log` takes a function's name and a line."""
        self._cloud = cloud
        self._groups = {config.name: config.log_group for config in configs.values()}
        self._log = log
        self._lock = threading.Lock()
        self._made: set[str] = set()

    def write(self, function: str, line: str) -> None:
        """Take a line of a function."""
        if any(mark in line for mark in _KEPT) and self._groups[function]:
            with contextlib.suppress(BotoCoreError, ClientError):  # the local AWS is about to end
                self._put(self._groups[function], line)
        self._log(function, line)

    def _put(self, group: str, line: str) -> None:
        with self._lock:
            if group not in self._made:
                with contextlib.suppress(self._client.exceptions.ResourceAlreadyExistsException):
                    self._client.create_log_stream(logGroupName=group, logStreamName=_STREAM)
                self._made.add(group)
            event = {"timestamp": int(time.time() * 1000), "message": line}
            self._client.put_log_events(logGroupName=group, logStreamName=_STREAM, logEvents=[event])

    @cached_property
    def _client(self) -> Any:
        return self._cloud.client("logs")
