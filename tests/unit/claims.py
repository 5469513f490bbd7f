"""A deployment's claims.py, for one test."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from infra.configuration.custom_claims import importable

ClaimsPy = Callable[[str], None]


@pytest.fixture
def claims_py(tmp_path: Path) -> Iterator[ClaimsPy]:
    """Write the source of claims.py, in place of an earlier one; it can be imported until the test ends."""
    with ExitStack() as running:

        def write(source: str) -> None:
            (tmp_path / "claims.py").write_text(textwrap.dedent(source))
            running.enter_context(importable(tmp_path))

        yield write
