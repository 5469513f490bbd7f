"""Tests that are collected once and run once unchanged: then each mutant runs those that execute its lines.

That is done in a fork, on functions with the mutant's code. A change outside functions, in a function that runs while
tests are collected, or of the variables that a function encloses needs a process that imports everything anew.
"""

from __future__ import annotations

import functools
import gc
import os
import pickle
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any

import pytest

from tests.mutants.operators import mutants
from tests.mutants.runs import LAYER, Loader, Run, exit_codes, file_of, tested

_MONITORING: Any = vars(sys)["monitoring"]  # since Python 3.12
_TOOL = 4  # no debugger, profiler or the like
_ELSEWHERE = 99  # the exit code of a fork that cannot take the change
_LONGEST = 1800.0  # seconds for all tests
_MOST = 1000  # tests of a mutant: those of the files that execute most lines of its module
_FILES = 6  # of tests for a mutant that needs a process of its own

_Line = tuple[str, int]  # of a file
_Functions = dict[tuple[str, str, int], list[FunctionType]]


@dataclass
class Tried:
    """The mutants of a module by their index: how many, which survived, and which need a process of their own."""

    module: str
    count: int = 0
    survived: list[int] = field(default_factory=list)
    anew: list[int] = field(default_factory=list)
    files: list[str] = field(default_factory=list)  # of tests, those that execute most lines of the module
    limit: float = 0  # of seconds for these


@dataclass
class Recorded:
    """The unchanged run: the tests that fail and are left out, what all import, the tests by line, and their times."""

    failing: set[str] = field(default_factory=set)
    imported: list[str] = field(default_factory=list)
    tests: defaultdict[_Line, list[int]] = field(default_factory=lambda: defaultdict(list))
    seconds: dict[int, float] = field(default_factory=dict)


def tried(modules: Sequence[str], tests: Sequence[str]) -> Iterator[Recorded | Tried]:
    """Yield what the unchanged run was, and then every module. Nothing if the tests cannot be collected."""
    reading, writing = os.pipe()
    if not (process := os.fork()):  # of the same session, so that both end with Ctrl-C
        try:
            os.close(reading)
            with os.fdopen(writing, "wb") as results:
                tested(tests, _Collected(modules, results))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as results:
        while results.peek():
            yield pickle.load(results)
    os.waitpid(process, 0)


class _Collected:
    """A plugin of pytest that tries mutants in the place of the run."""

    def __init__(self, modules: Sequence[str], results: Any) -> None:
        self._modules, self._results = modules, results
        self._lines: set[_Line] = set()  # executed by the test or fixture that runs; at first by neither
        self._by_fixture: defaultdict[str, set[_Line]] = defaultdict(set)
        self._recorded = Recorded()
        _MONITORING.use_tool_id(_TOOL, "mutants")
        _MONITORING.register_callback(_TOOL, _MONITORING.events.LINE, self._line)
        _MONITORING.set_events(_TOOL, _MONITORING.events.LINE)

    def _line(self, code: CodeType, number: int) -> object:
        if not code.co_filename.startswith(LAYER):
            return _MONITORING.DISABLE
        self._lines.add((code.co_filename, number))
        return None

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """Note the lines of a fixture that several tests share."""
        if fixturedef.scope == "function":
            return (yield)
        of_test, self._lines = self._lines, self._by_fixture[fixturedef.argname]
        try:
            return (yield)
        finally:
            self._lines = of_test

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests unchanged, and then with each mutant."""
        if session.testsfailed:
            return True
        self._early, self._tests = self._lines, session.items
        with tempfile.TemporaryFile() as file:
            list(exit_codes([file], lambda file: Run(lambda: self._record(session, file), _LONGEST)))
            file.seek(0)
            self._recorded = pickle.load(file)
        _MONITORING.free_tool_id(_TOOL)
        self._send(Recorded(self._recorded.failing, self._recorded.imported))
        functions = _functions()
        gc.collect()
        gc.freeze()
        for module in self._modules:
            self._send(self._tried(session, functions, module))
        return True

    def _send(self, result: Recorded | Tried) -> None:
        pickle.dump(result, self._results)
        self._results.flush()

    def _record(self, session: pytest.Session, file: Any) -> int:
        """Run the tests one by one, without what an earlier one left in a cache."""
        found = Recorded()
        caches = [
            each for each in gc.get_objects() if isinstance(each, functools._lru_cache_wrapper) and _is_ours(each)
        ]
        for at, (test, following) in enumerate(zip(self._tests, [*self._tests[1:], None], strict=True)):
            for cache in caches:
                cache.cache_clear()
            self._lines, failed, began = set(), session.testsfailed, time.monotonic()
            session.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
            session.shouldfail = False
            found.seconds[at] = time.monotonic() - began
            if session.testsfailed > failed:
                found.failing.add(test.nodeid)
                continue
            for line in self._lines.union(*(self._by_fixture[name] for name in getattr(test, "fixturenames", ()))):
                found.tests[line].append(at)
        found.imported = list(sys.modules)
        pickle.dump(found, file)
        file.flush()
        return 0

    def _tried(self, session: pytest.Session, functions: _Functions, module: str) -> Tried:
        path, recorded = str(file_of(module)), self._recorded
        all_of_it = list(mutants(file_of(module).read_text("utf-8")))
        of_module = {line: of_it for line, of_it in recorded.tests.items() if line[0] == path}
        lines_of = Counter(file for of_it in of_module.values() for file in {self._file(test) for test in of_it})
        closest = [file for file, _ in lines_of.most_common()]
        limit = 60 + 5 * sum(
            recorded.seconds[test] for test in {test for of_it in of_module.values() for test in of_it}
        )
        found = Tried(module, len(all_of_it), files=closest[:_FILES], limit=limit)
        tests: dict[int, list[int]] = {}
        for at, mutant in enumerate(all_of_it):
            lines = [(path, line) for line in mutant.lines]
            if not self._early.isdisjoint(lines):
                found.anew.append(at)
            elif of_it := set().union(*(of_module.get(line, ()) for line in lines)):
                tests[at] = sorted(of_it, key=lambda test: (closest.index(self._file(test)), test))[:_MOST]
            else:
                found.survived.append(at)

        def start(at: int) -> Run:
            limit = 10 + 5 * sum(self._recorded.seconds[each] for each in tests[at])
            return Run(lambda: self._run(session, functions, Loader(module, all_of_it[at].tree), tests[at]), limit)

        for at, code in exit_codes(tests, start):
            if code in (0, _ELSEWHERE):
                (found.anew if code else found.survived).append(at)
        return found

    def _file(self, test: int) -> str:
        return self._tests[test].nodeid.partition("::")[0]

    def _run(self, session: pytest.Session, functions: _Functions, loader: Loader, tests: Sequence[int]) -> int:
        """Return whether one of the tests failed."""
        if not _exchanged(functions, loader.get_code()):
            return _ELSEWHERE
        sys.meta_path.insert(0, loader)  # for tests that import it anew
        items = [self._tests[each] for each in tests]
        for test, following in zip(items, [*items[1:], None], strict=True):
            session.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
            if session.testsfailed:
                break
        session.config.hook.pytest_sessionfinish(session=session, exitstatus=0)
        return min(session.testsfailed, 1)


def _is_ours(cached: Any) -> bool:
    return str(getattr(cached, "__module__", "")).partition(".")[0] in ("gatepost", "tests")


def _functions() -> _Functions:
    found = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(LAYER):
            found[_name(each.__code__)].append(each)
    return found


def _exchanged(functions: _Functions, module: CodeType) -> bool:
    """Give functions the code of a changed module, if each of them can take its own."""
    codes = list(_codes(module))
    names = Counter(map(_name, codes))
    for code in codes:
        for function in functions.get(_name(code), ()):
            if names[_name(code)] > 1 or code.co_freevars != function.__code__.co_freevars:
                return False
            function.__code__ = code
    return True


def _codes(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _codes(each)


def _name(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno
