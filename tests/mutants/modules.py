"""The modules whose rules are removed: all of the package."""

from __future__ import annotations

from pathlib import Path

from tests.mutants.runs import LAYER


def modules() -> list[str]:
    """Return the names below `gatepost`: `"grants.token_response"`."""
    files = sorted(Path(LAYER).rglob("*.py"))
    names = [".".join(file.relative_to(LAYER).with_suffix("").parts).removesuffix(".__init__") for file in files]
    return [name for name in names if name != "__init__"]
