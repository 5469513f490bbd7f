"""`python -m tests.mutants [MODULE…]` (`make mutants`): removes every rule once and lists the unnoticed removals.

Fails if a mutant survives. docs/reliability.md explains the accepted survivors.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator

from tests.mutants.modules import MODULES
from tests.mutants.operators import Mutant, mutants
from tests.mutants.runs import Changed, Run, ended, file_of, import_libraries

_LONGEST = 120.0  # seconds for the tests of an unchanged module


class TestsFail(Exception):
    """The tests of a module fail without a change, so that they prove nothing."""


def survivors(module: str) -> Iterator[Mutant | None]:
    """For every mutant of a module None if a test noticed, else the mutant. Raises TestsFail."""
    source = file_of(module).read_text("utf-8")
    import_libraries(MODULES[module])
    began = time.monotonic()
    unchanged = Run([], MODULES[module], _LONGEST)
    list(ended([unchanged]))
    if not unchanged.survived:
        raise TestsFail(module)
    limit = 10 + 5 * (time.monotonic() - began)
    running: dict[Run, Mutant] = {}
    for mutant in mutants(source):
        running[Run([Changed(module, mutant.tree)], MODULES[module], limit)] = mutant
        while len(running) >= (os.cpu_count() or 1):
            yield from _ended(running)
    while running:
        yield from _ended(running)


def _ended(running: dict[Run, Mutant]) -> Iterator[Mutant | None]:
    for run in ended(list(running)):
        mutant = running.pop(run)
        yield mutant if run.survived else None


def main(names: list[str]) -> int:
    """Return the exit code: 0 if every mutant was noticed."""
    if unknown := [name for name in names if name not in MODULES]:
        print(f"No rules are known in {', '.join(unknown)}. There are: {', '.join(MODULES)}", file=sys.stderr)
        return 2
    left = 0
    for module in names or MODULES:
        began = time.monotonic()
        try:
            all_of_it = list(survivors(module))
        except TestsFail:
            print(f"The tests of {module} fail without a change: {' '.join(MODULES[module])}", file=sys.stderr)
            return 1
        found = sorted((each for each in all_of_it if each), key=lambda each: each.line)
        left += len(found)
        seconds = time.monotonic() - began
        print(f"{module}: {len(all_of_it)} mutants, {len(found)} survived, {seconds:.0f} s", flush=True)
        for mutant in found:
            print(f"  line {mutant.line}: {mutant}", flush=True)
    return 1 if left else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
