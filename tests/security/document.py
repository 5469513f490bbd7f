"""`make security-doc`: the cost of guessing in docs/security.md, rows and roles in docs/security-rows.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.security.checklist.rights import roles_table
from tests.security.costs import costs_table
from tests.security.rows import ROWS, SECTIONS, Row

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT, LIST = (ROOT / "docs" / name for name in ("security.md", "security-rows.md"))
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


def rows_table() -> str:
    """The sections of the checklist with their rows."""
    return "\n".join(line for title, rows in SECTIONS.items() for line in _section(title, rows))


def _section(title: str, rows: tuple[Row, ...]) -> Iterator[str]:
    yield from (f"### {title}", "")
    for row in rows:
        yield from (f"**{row.name}** {row.rule} ({', '.join((row.source, *_files_of(row.also)))})", "")


def _files_of(tests: tuple[str, ...]) -> Iterator[str]:
    """Links to the files of tests that do not name their row: `[template](../tests/…)`."""
    for path in sorted({test.partition("::")[0] for test in tests}):
        yield f"[{Path(path).stem.removeprefix('test_')}](../{path})"


def document(text: str) -> str:
    """Return a document with its generated parts, those that it has markers of, regenerated."""
    for part, made in (("rows", rows_table()), ("costs", costs_table()), ("roles", roles_table())):
        begin, end = f"<!-- {part}: make security-doc -->", f"<!-- end of {part} -->"
        before, found, rest = text.partition(begin)
        if found:
            text = f"{before}{begin}\n\n{made.strip()}\n\n{end}{rest.partition(end)[2]}"
    return text


def main() -> None:
    """Write the documents."""
    tests = collected()
    for path in (DOCUMENT, LIST):
        path.write_text(document(path.read_text()))
    bare = [row.name for row in ROWS if not carriers_of(row, tests)]
    print(f"docs/security-rows.md: {len(ROWS)} rows, without a test: {', '.join(bare) or 'none'}")


if __name__ == "__main__":
    main()
