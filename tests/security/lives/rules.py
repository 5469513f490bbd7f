"""`python -m tests.security.lives.rules [WORD…]`: checks that the lives of tokens notice the removal of each rule.

The lives are those of `make check`, each in its own process. WORDs select rules by name, and show the life that noticed
each. Exits with 1 if a rule was not noticed.
"""

from __future__ import annotations

import ast
import os
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mutants.runs import Changed, Run, ended, file_of, import_libraries
from tests.security.commands import concluded, head, row
from tests.security.lives.rule import Rule
from tests.security.lives.rules_of_grants import OF_GRANTS
from tests.security.lives.rules_of_parties import OF_PARTIES
from tests.security.lives.rules_of_tokens import OF_TOKENS

RULES = (*OF_GRANTS, *OF_PARTIES, *OF_TOKENS)
TESTS = ("tests/security/lives/test_token_life.py",)
FIRST_FOUND = "LIFE_FIRST_FOUND"  # a variable: a life that fails is not made shorter
SEED = "LIFE_SEED"  # a variable: other lives than those of `make check`, for whoever sets it
_OTHERWISE = re.compile(r"^E +(AssertionError|Failed: DID NOT RAISE|gatepost\.errors\.)", re.MULTILINE)
_LONGEST = 600.0  # seconds


class NotThere(Exception):
    """The code in a rule does not occur exactly once in its module."""


def without(rule: Rule) -> Sequence[Changed]:
    """The modules as they are without the rule. Raises NotThere."""
    sources: dict[str, str] = {}
    for edit in rule.edits:
        source = sources.get(edit.module) or file_of(edit.module).read_text("utf-8")
        if source.count(edit.old) != 1:
            raise NotThere(f"{rule.name}: {edit.module} has {source.count(edit.old)} times {edit.old!r}")
        sources[edit.module] = source.replace(edit.old, edit.new)
    return [Changed(module, ast.parse(source)) for module, source in sources.items()]


def played(changed: Sequence[Changed], told: Path) -> int:
    """Return the exit code of the lives on changed modules, -1 if they take too long; `told` gets pytest's output."""
    run = Run(changed, TESTS, _LONGEST, told=str(told))
    list(ended([run]))
    return -1 if run.exit_code is None else run.exit_code


def noticed(rule: Rule, told: Path) -> bool:
    """Whether a life without the rule differed from the model; a program that is broken does not count."""
    failed = played(without(rule), told) == pytest.ExitCode.TESTS_FAILED
    return failed and _OTHERWISE.search(told.read_text()) is not None


def main(words: list[str]) -> int:
    """The exit code."""
    chosen = [rule for rule in RULES if not words or any(word in rule.name for word in words)]
    if not chosen:
        print(f"No rule has one of these words in its name: {' '.join(words)}", file=sys.stderr)
        return 2
    import_libraries(TESTS)
    os.environ[FIRST_FOUND] = "1"
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        if played([], told) != pytest.ExitCode.OK:
            print(told.read_text(), "The lives fail without a change.", sep="\n", file=sys.stderr)
            return 1
        print(head("rule", "noticed", "seconds", numbers=1), flush=True)
        missed = []
        for rule in chosen:
            began = time.monotonic()
            found = noticed(rule, told)
            missed += [] if found else [f"not noticed: {rule.name}"]
            print(row(rule.name, "yes" if found else "NO", f"{time.monotonic() - began:.1f}"), flush=True)
            if words:
                print(told.read_text())
    print(f"\n{len(chosen)} rules, {len(missed)} not noticed")
    return concluded(missed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
