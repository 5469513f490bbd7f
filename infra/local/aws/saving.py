"""Saves the local AWS after each change, in its own process, so that another run can continue with what was made.

ministack itself saves only when it is stopped by SIGTERM, so a crash would lose everything.
"""

from __future__ import annotations

import asyncio
import os
import re
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

SAVE = "/_gatepost/save"  # a POST saves everything, and from then on every change
FOLDER = "GATEPOST_SAVE_TO"  # the environment variable that names the folder

_NOT_SAVED = {"ses", "ses_v2", "sts"}  # mails were shown already, and credentials are fetched anew
_OFTEN = {"dynamodb", "secretsmanager"}  # saved alone; a change of another service may touch any
_SERVICE = re.compile(rb"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/")
_READING = re.compile(rb"\.(BatchGet|Describe|Get|List|Query|Scan|TransactGet)")
_PAUSE_SECONDS = 0.2
_SHARE = 10  # of the time, at most one in so many seconds goes into saving


class SavingFailed(Exception):
    """A file could not be written; the text is one sentence."""


class Saver:
    """Writes the services' states to a folder, one file each, replaced atomically."""

    def __init__(self, folder: Path) -> None:
        """Nothing is written before the first `save`."""
        self._folder = folder
        self._changed: set[str] = set()
        self._keeping = False
        self._wake = threading.Event()
        self._one_at_a_time = threading.Lock()

    def save(self) -> None:
        """Save everything, and from now on every change. Raises SavingFailed."""
        from ministack.core import persistence  # here, because its import is for the child only

        persistence.STATE_DIR = str(self._folder)
        self._write(every=True)
        if not self._keeping:
            self._keeping = True
            threading.Thread(target=self._save_changes, daemon=True).start()

    def finish(self) -> None:
        """Save what is not saved yet. Raises SavingFailed."""
        if self._keeping and self._changed:
            self._write()

    def note(self, headers: Iterable[tuple[bytes, bytes]], method: str) -> None:
        """Notice a processed request that may have changed something."""
        given = {name.lower(): value for name, value in headers}
        service = _SERVICE.search(given.get(b"authorization", b""))
        target = given.get(b"x-amz-target", b"")
        if method == "GET" or _READING.search(target) or service is None or service[1].decode() in _NOT_SAVED:
            return
        name = service[1].decode()
        self._changed |= {name} if name in _OFTEN else {"*"}
        self._wake.set()

    def _write(self, *, every: bool = False) -> None:
        from ministack import app as ministack

        with self._one_at_a_time:
            loop = ministack._MAIN_LOOP
            for service, state in asyncio.run_coroutine_threadsafe(self._states(every=every), loop).result().items():
                _write_file(self._folder / f"{service}.json", service, state)

    async def _states(self, *, every: bool) -> Mapping[str, Any]:
        from ministack import app as ministack

        changed, self._changed = self._changed, set()
        getters = ministack._build_persistence_save_dict()
        states = {
            name: get()
            for name, get in sorted(getters.items())
            if name not in _NOT_SAVED and (every or "*" in changed or name in changed)
        }
        return {name: state for name, state in states.items() if state}

    def _save_changes(self) -> None:
        while True:
            self._wake.wait()
            time.sleep(_PAUSE_SECONDS)
            self._wake.clear()
            began = time.monotonic()
            try:
                self._write()
            except SavingFailed as error:
                print(error, flush=True)
                self._changed.add("*")  # with the next change, or at the end
            time.sleep((time.monotonic() - began) * _SHARE)


def _write_file(path: Path, service: str, state: Any) -> None:
    """Replace a file. `save_state` only logs its failures, so look whether the file is another one."""
    from ministack.core import persistence

    before = path.stat().st_ino if path.exists() else None
    persistence.save_state(service, state)
    if not path.exists() or path.stat().st_ino == before:
        raise SavingFailed(f"{os.path.relpath(path)} could not be written: is the disk full?")
