"""docs/architecture.md: its picture is that of the import contract, and every path that it names exists."""

from __future__ import annotations

import re

from infra.tools.rooms import PACKAGE, PICTURE, ROOT, floors, picture

DOCUMENT = (ROOT / "docs" / "architecture.md").read_text()


def test_the_picture_is_as_make_rooms_draws_it() -> None:
    assert PICTURE.read_text() == picture()


def test_every_room_is_drawn() -> None:
    entries = {path.stem for path in PACKAGE.iterdir() if not path.name.startswith("__")}

    assert {room for row in floors() for room in row} == entries


def test_the_package_has_at_most_twelve_loose_modules() -> None:
    assert len([path for path in PACKAGE.glob("*.py") if path.name != "__init__.py"]) <= 12


def test_every_path_that_the_document_names_exists() -> None:
    named = {path.rstrip("/") for path in re.findall(r"`([a-z_]+/[a-z_/]*(?:\.[a-z]+)?)`", DOCUMENT)}
    roots = (ROOT, PACKAGE.parent, PACKAGE, ROOT / "tests")

    assert named
    assert [path for path in sorted(named) if not any((root / path).exists() for root in roots)] == []
