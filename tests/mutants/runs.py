"""Runs the tests of a module on one of its mutants, in a process of its own that begins with the libraries imported."""

from __future__ import annotations

import ast
import importlib
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType

import pytest

# What every test run imports and no mutant changes.
_LIBRARIES = ("boto3", "moto", "jwt", "bcrypt", "cryptography.hazmat.primitives.asymmetric.rsa", "jinja2")
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
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", *dict.fromkeys(tests)]))


def import_libraries() -> None:
    """Once, before the first run."""
    for name in _LIBRARIES:
        importlib.import_module(name)


def ended(running: list[Run]) -> Iterator[Run]:
    """Wait until one of the runs has ended, and yield every one that has."""
    while not (done := [each for each in running if each.look()]):
        time.sleep(_PAUSE)
    yield from done
