"""Processes that run tests with a changed module, at once or one after the other."""

from __future__ import annotations

import ast
import gc
import importlib
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import TypeVar

import hypothesis
import pytest

# What a mutant may change, or what imports it: every run imports these anew.
_OURS = frozenset({"gatepost", "gatepost_cdk", "infra", "tests", "functions", "conftest", "__main__", "__mp_main__"})
# Failures are counted and not read. Output that is captured in a file would be that of all forks.
_OPTIONS = ("-x", "-q", "-s", "--tb=no", "--assert=plain", "-p", "no:cacheprovider", "--hypothesis-seed=0")
_PAUSE = 0.005
LAYER = str(Path(__file__).parents[2] / "layers" / "gatepost" / "python" / "gatepost")

T = TypeVar("T")


def file_of(module: str) -> Path:
    """Return the file of a module below `gatepost`: `"grants.token_response"`."""
    file = Path(LAYER, *module.split(".")).with_suffix(".py")
    return file if file.exists() else file.with_suffix("") / "__init__.py"


class Loader(SourceFileLoader):
    """Loads a syntax tree in the place of a module below `gatepost`."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        super().__init__(f"gatepost.{module}", str(file_of(module)))
        self._tree = tree

    def get_code(self, fullname: str = "") -> CodeType:
        return compile(self._tree, self.path, "exec")

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Find the changed module before anything else does."""
        if name != self.name:
            return None
        inside = [str(Path(self.path).parent)] if self.path.endswith("__init__.py") else None
        return spec_from_file_location(name, self.path, loader=self, submodule_search_locations=inside)


class Run:
    """A process that returns an exit code. When it has ended, `exit_code` is that, or -1 after its limit."""

    def __init__(self, does: Callable[[], int], limit: float) -> None:
        """Start the process; the `limit` is in seconds."""
        self._until = time.monotonic() + limit
        self.exit_code: int | None = None
        self._process = os.fork()
        if not self._process:
            code = 1
            try:
                os.setsid()
                code = does()
            finally:
                os._exit(code)

    def look(self) -> bool:
        """Whether it has ended. A process that takes too long is killed."""
        done, status = os.waitpid(self._process, os.WNOHANG)
        if done:
            self.exit_code = os.waitstatus_to_exitcode(status)
        elif time.monotonic() > self._until:
            self.end()
            self.exit_code = -1
        return self.exit_code is not None

    def end(self) -> None:
        """Kill the process and those that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)


def exit_codes(what: Iterable[T], start: Callable[[T], Run]) -> Iterator[tuple[T, int | None]]:
    """Run something for each of many, for as many at once as there are processors. A run that hangs ends with -1."""
    running: dict[Run, T] = {}
    try:
        for each in what:
            running[start(each)] = each
            while len(running) >= (os.cpu_count() or 1):
                yield from _ended(running)
        while running:
            yield from _ended(running)
    finally:  # nothing is left after Ctrl-C
        for run in running:
            run.end()


def _ended(running: dict[Run, T]) -> Iterator[tuple[T, int | None]]:
    while not (done := [each for each in running if each.look()]):
        time.sleep(_PAUSE)
    for run in done:
        yield running.pop(run), run.exit_code


def tested(tests: Sequence[str], *plugins: object) -> int:
    """Run pytest, whose output goes nowhere, and return its exit code. What Hypothesis finds stays as long as it is."""
    hypothesis.settings.register_profile("mutants", phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate])
    hypothesis.settings.load_profile("mutants")  # and the tests' own profiles take its phases
    words = os.open(os.devnull, os.O_WRONLY)
    os.dup2(words, 1)
    os.dup2(words, 2)
    return int(pytest.main([*_OPTIONS, *dict.fromkeys(tests)], plugins))


def tested_anew(tests: Sequence[str], loader: Loader) -> int:
    """Run tests in a process that has imported nothing of ours."""
    sys.meta_path.insert(0, loader)
    return tested(tests)


def import_libraries(names: Iterable[str]) -> None:
    """Import the third-party libraries among these modules, so that every run starts with them."""
    with warnings.catch_warnings(action="ignore"):
        for name in names:
            if name.partition(".")[0] not in _OURS and name not in sys.modules:
                with suppress(ImportError):
                    importlib.import_module(name)
    gc.collect()
    gc.freeze()  # so that the processes share what was imported
