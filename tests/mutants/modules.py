"""The modules whose rules are removed: all of the package but those that decide nothing."""

from __future__ import annotations

from pathlib import Path

from tests.mutants.runs import LAYER

# Rooms and modules of records, wiring and texts.
_SPARED: tuple[str, ...] = ()


def modules() -> list[str]:
    """Return the names below `gatepost`: `"grants.token_response"`."""
    files = sorted(Path(LAYER).rglob("*.py"))
    names = [".".join(file.relative_to(LAYER).with_suffix("").parts).removesuffix(".__init__") for file in files]
    return [name for name in names if name != "__init__" and not f"{name}.".startswith(_SPARED)]
