"""CDK, loaded once for all templates that a test run writes.

Most of the time of a synthesis is spent on loading CDK, and on node, which gets fast only by and by. So a process
(`warm_cdk_process`) loads it and stays. Each app runs in a fork of that process: it shares nothing but CDK with the
others. Every folder of apps has a process of its own, since node reads relative paths from where it was started; that
of our own app stays, and one of a guest beside it. All processes of a test run share them: `shared_cdk`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.managers import BaseManager
from pathlib import Path

from infra.configuration.context import ROOT

_PROCESS = Path(__file__).with_name("warm_cdk_process.py")
_OWN = ROOT / "infra"
_SOCKET = "GATEPOST_TESTS_CDK"
_KEY = b"the socket lies in a folder that only we can open"

Run = Callable[[Path, Mapping[str, str]], "subprocess.CompletedProcess[str]"]


class WarmCdk:
    """Runs apps as `synthesis.run_app` does; its processes end with `close`."""

    def __init__(self) -> None:
        self._processes: dict[Path, subprocess.Popen[str]] = {}  # by folder
        self._locks = {True: threading.Lock(), False: threading.Lock()}  # of our own app, of guests

    def run(self, app: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run `python app` in its own folder."""
        with self._locks[app.parent == _OWN]:
            return self._run(app, environ)

    def _run(self, app: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        process = self._process(app.parent)
        assert process.stdin
        assert process.stdout
        with tempfile.TemporaryDirectory() as folder:
            files = {name: str(Path(folder, name)) for name in ("stdout", "stderr")}
            print(json.dumps({"app": str(app), "environ": dict(environ), **files}), file=process.stdin, flush=True)
            code = int(process.stdout.readline())
            out, err = (Path(path).read_text() for path in files.values())
        return subprocess.CompletedProcess([str(app)], code, out, err)

    def close(self) -> None:
        """End the processes."""
        for folder in list(self._processes):
            self._processes.pop(folder).communicate()

    def _process(self, folder: Path) -> subprocess.Popen[str]:
        if folder not in self._processes:
            for other in [each for each in self._processes if folder != _OWN != each]:  # one guest at a time
                self._processes.pop(other).communicate()
            self._processes[folder] = subprocess.Popen(
                [sys.executable, "-W", "ignore", str(_PROCESS)],
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self._processes[folder]


class _Sharing(BaseManager):
    """The process that has the `WarmCdk` of a test run; each process of the run reaches it by a socket."""


_cdk: WarmCdk | None = None


def _the_cdk() -> WarmCdk:
    global _cdk
    _cdk = _cdk or WarmCdk()
    return _cdk


_Sharing.register("cdk", callable=_the_cdk)


@contextmanager
def shared_cdk() -> Iterator[None]:
    """Let this process and those that it starts run apps by `run_shared` until the block ends."""
    with tempfile.TemporaryDirectory(prefix="gatepost-cdk-") as folder:
        os.environ[_SOCKET] = str(Path(folder, "socket"))
        with _Sharing(os.environ[_SOCKET], _KEY) as sharing:
            yield
            sharing.cdk().close()  # type: ignore[attr-defined]
        del os.environ[_SOCKET]


def shared_folder() -> Path:
    """Return a folder that all processes of a test run share, and that is gone after it."""
    return Path(os.environ[_SOCKET]).parent


def run_shared(app: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run an app as `WarmCdk.run`, in the processes that all share."""
    sharing = _Sharing(os.environ[_SOCKET], _KEY)
    sharing.connect()
    done: subprocess.CompletedProcess[str] = sharing.cdk().run(app, dict(environ))  # type: ignore[attr-defined]
    return done
