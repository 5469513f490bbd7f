"""Registry of running `make run` processes by port, for other commands: a file each, locked while it serves."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.configuration.context import ROOT
from infra.local.aws.cloud import Access

_FOLDER = ROOT / ".build" / "running"


class NothingRuns(Exception):
    """No deployment serves on the port; the text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A deployment of another process."""

    base_url: str
    access: Access
    tables: Mapping[str, str]  # logical to physical names
    functions: Mapping[str, str]  # physical names by the name of their folder

    @property
    def port(self) -> int:
        """The port that it serves on."""
        return int(self.base_url.rpartition(":")[2])


@contextlib.contextmanager
def announced(running: Running) -> Iterator[None]:
    """Make the deployment visible to `find` until the block or process ends. The file is private: it holds a key."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    path = _path(running.port)
    with contextlib.ExitStack() as serving:
        with (_FOLDER / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _forget_killed()
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            file = serving.enter_context(os.fdopen(descriptor, "w"))
            fcntl.flock(file, fcntl.LOCK_EX)
        serving.callback(path.unlink, missing_ok=True)
        json.dump(asdict(running), file)
        file.flush()
        yield


def find(port: int) -> Running:
    """Return the deployment that serves on the port. Raises NothingRuns."""
    with contextlib.suppress(FileNotFoundError), _path(port).open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            found = json.load(file)
            return Running(**{**found, "access": Access(**found["access"])})
    raise NothingRuns(f"Nothing runs on port {port}: start it with `make run`, or name its port with PORT=...")


def _forget_killed() -> None:
    """Remove the files of processes that were killed."""
    for path in _FOLDER.glob("*.json"):
        with path.open() as file, contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            path.unlink()


def _path(port: int) -> Path:
    return _FOLDER / f"{port}.json"
