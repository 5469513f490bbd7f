"""Runs the tests of a module on one of its mutants, in a process of its own that begins with the libraries imported."""

from __future__ import annotations

import ast
import gc
import importlib
import os
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType

import pytest

# What a mutant may change, or what imports it: every run imports these anew.
_OURS = frozenset({"gatepost", "gatepost_cdk", "infra", "tests", "functions", "conftest", "__main__", "__mp_main__"})
# The warning: what is imported before pytest begins has its asserts as they were written. None of it is a test.
_OPTIONS = (
    "-x",
    "-q",
    "-p",
    "no:cacheprovider",
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
    "--hypothesis-seed=0",
)
_PAUSE = 0.02


class _Changed(SourceFileLoader):
    """Loads a syntax tree in the place of a file."""

    def __init__(self, name: str, file: Path, tree: ast.Module) -> None:
        super().__init__(name, str(file))
        self._tree = tree

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._tree, self.path, "exec")


class _Finder:
    """Finds one module, changed, before anything else does."""

    def __init__(self, name: str, file: Path, tree: ast.Module) -> None:
        self._name = name
        self._loader = _Changed(name, file, tree)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != self._name:
            return None
        inside = [str(Path(self._loader.path).parent)] if self._loader.path.endswith("__init__.py") else None
        return spec_from_file_location(name, self._loader.path, loader=self._loader, submodule_search_locations=inside)


class Run:
    """The tests on a mutant. `survived` is known when it has ended, and None before."""

    def __init__(self, name: str, file: Path, tree: ast.Module, tests: Sequence[str], limit: float) -> None:
        self._until = time.monotonic() + limit
        self.survived: bool | None = None
        self._process = os.fork()
        if not self._process:
            os.setsid()
            sys.meta_path.insert(0, _Finder(name, file, tree))
            os._exit(_tested(tests))

    def look(self) -> bool:
        """Whether it has ended. What takes too long is killed: a test run that hangs has noticed."""
        done, status = os.waitpid(self._process, os.WNOHANG)
        if done:
            self.survived = os.waitstatus_to_exitcode(status) == pytest.ExitCode.OK
        elif time.monotonic() > self._until:
            with suppress(ProcessLookupError):
                os.killpg(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
            self.survived = False
        return self.survived is not None


def _tested(tests: Sequence[str]) -> int:
    """The exit code of pytest, whose words are of no interest."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return int(pytest.main([*_OPTIONS, *dict.fromkeys(tests)]))


def import_libraries(tests: Sequence[str]) -> None:
    """Import what the tests import of other people's, so that every run begins with that."""
    with tempfile.TemporaryFile("w+") as names:
        if not (process := os.fork()):
            _tested(tests)
            names.write("\n".join(sys.modules))
            names.flush()
            os._exit(0)
        os.waitpid(process, 0)
        names.seek(0)
        imported = names.read().splitlines()
    with warnings.catch_warnings(action="ignore"):
        for name in imported:
            if name.partition(".")[0] not in _OURS and name not in sys.modules:
                with suppress(ImportError):
                    importlib.import_module(name)
    gc.collect()
    gc.freeze()  # so that the processes share what was imported


def ended(running: list[Run]) -> Iterator[Run]:
    """Wait until one of the runs has ended, and yield every one that has."""
    while not (done := [each for each in running if each.look()]):
        time.sleep(_PAUSE)
    yield from done
