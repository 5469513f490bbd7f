"""Where the sources of layers and functions lie: in a checkout of the repository, or in an installed wheel.

A wheel holds the lock file and the authorizer under `shipped`, named as in the repository, and the layer's code as the
package `gatepost` beside this one. Nothing is written where it is installed: bundles go to the user's cache.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[3]
_SHIPPED = Path(__file__).resolve().with_name("shipped")
_LOCK = Path("requirements/layer.txt")

ROOT = _CHECKOUT if (_CHECKOUT / _LOCK).is_file() else _SHIPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Inputs of the bundles and the folder in which they are kept."""

    lock: Path
    code: Path  # the package `gatepost`
    bundles: Path


def sources_of(root: Path) -> Sources:
    """The sources under a root: a checkout, or what a wheel ships."""
    if root == _SHIPPED:
        return Sources(lock=root / _LOCK, code=root.parent.with_name("gatepost"), bundles=_cache() / "gatepost")
    code = root / "layers" / "gatepost" / "python" / "gatepost"
    return Sources(lock=root / _LOCK, code=code, bundles=root / ".build" / "bundles")


def _cache() -> Path:
    """The user's cache (XDG Base Directory Specification); the temporary folder where there is no home."""
    if told := os.environ.get("XDG_CACHE_HOME"):
        return Path(told)
    try:
        return Path.home() / ".cache"
    except RuntimeError:
        return Path(tempfile.gettempdir())
