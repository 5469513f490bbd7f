"""Writes the generated parts of docs/security.md (`make security-doc`): rows with tests, roles, cost of guessing."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.security.checklist.rights import roles_table
from tests.security.costs import costs_table
from tests.security.rows import ROWS, SECTIONS, Row

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "security.md"
_NAME = re.compile(r"test_((?:s\d+_(?:and_)?)+)(\w+)")


def collected() -> tuple[str, ...]:
    """The tests, `path::name`, each once whatever its parameters."""
    return tuple(
        f"{path.relative_to(ROOT).as_posix()}::{node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def carriers_of(row: Row, tests: tuple[str, ...]) -> tuple[str, ...]:
    """Return the tests of a row: by their names, and those in `also`."""
    named = [test for test in tests if row.number in numbers_of(test)]
    return (*named, *(test for test in row.also if test in tests and test not in named))


def numbers_of(test: str) -> set[int]:
    """The rows in the name of a test, `{80, 82}` for `…::test_s80_s82_a_genuine_signature…`."""
    name = _NAME.fullmatch(test.rpartition("::")[2])
    return {int(number) for number in re.findall(r"s(\d+)_", name[1])} if name else set()


def rows_table(tests: tuple[str, ...]) -> str:
    """The sections of the checklist with their rows."""
    return "\n".join(line for title, rows in SECTIONS.items() for line in _section(title, rows, tests))


def _section(title: str, rows: tuple[Row, ...], tests: tuple[str, ...]) -> Iterator[str]:
    yield from (f"### {title}", "", "| | rule | source | tests |", "| --- | --- | --- | --- |")
    for row in rows:
        yield f"| {row.name} | {row.rule} | {row.source} | {_links(carriers_of(row, tests))} |"
    yield ""


def _links(tests: tuple[str, ...]) -> str:
    """The files of a row's tests with the number of tests in each: `[pkce](../tests/…) 4, …`."""
    files = Counter(test.partition("::")[0] for test in tests)
    return ", ".join(
        f"[{Path(path).stem.removeprefix('test_')}](../{path}) {count}" for path, count in sorted(files.items())
    )


def document(text: str, tests: tuple[str, ...]) -> str:
    """Return the document with its generated parts regenerated."""
    for part, made in (("rows", rows_table(tests)), ("costs", costs_table()), ("roles", roles_table())):
        begin, end = f"<!-- {part}: make security-doc -->", f"<!-- end of {part} -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n\n{made.strip()}\n\n{end}{rest.partition(end)[2]}"
    return text


def main() -> None:
    """Write the document."""
    tests = collected()
    DOCUMENT.write_text(document(DOCUMENT.read_text(), tests))
    bare = [row.name for row in ROWS if not carriers_of(row, tests)]
    print(f"docs/security.md: {len(ROWS)} rows, without a test: {', '.join(bare) or 'none'}")


if __name__ == "__main__":
    main()
